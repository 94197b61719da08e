import { UserError, type ErrorPlace } from '../common/errors.ts';
import type { Recording } from '../recording/recording.ts';

/** Index of the lead that a dataset file names, by number or by name. Throws a UserError that lists the leads there are. */
export function findLead({ leads }: Recording, wanted: number | string, place: ErrorPlace): number {
  if (typeof wanted === 'number') {
    if (wanted < leads.length) return wanted;
    throw new UserError(`there is no lead ${wanted}, the record has ${leads.length}`, place);
  }
  const same = (name: string): boolean => name.toLowerCase() === wanted.toLowerCase();
  const index = leads.findIndex(({ name }) => same(name));
  if (index >= 0) return index;
  const names = leads.map(({ name }) => name).join(', ');
  throw new UserError(
    `there is no lead ${wanted}`,
    place,
    `The record has ${names}; change \`lead\` of the source.`,
  );
}
