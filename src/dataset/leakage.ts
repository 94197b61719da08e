import { UserError } from '../common/errors.ts';
import type { GroupedRecord } from './groups.ts';
import type { SplitName, SplitSpec } from './spec.ts';

/**
 * Throws a UserError where a signal, or a patient whom the file does not allow to, is in two splits: figures on such a test split
 * say nothing about people whom the network has not seen.
 */
export function requireNoLeakage(
  records: readonly GroupedRecord[],
  splits: ReadonlyMap<string, SplitName>,
  { sharedPatients }: SplitSpec,
  location: string,
): void {
  const shared = sharedPatients === 'all' ? undefined : new Set(sharedPatients);
  const sides = new Map<string, { id: string; split: SplitName }>();
  for (const { id, signalHash, patient } of records) {
    const split = splits.get(id);
    if (split === undefined) continue;
    check(`signal ${signalHash}`, id, split, 'are the same recording', 'Leave one of them out: `exclude`.');
    if (patient === undefined || !shared || shared.has(patient)) continue;
    check(
      `patient ${patient}`,
      id,
      split,
      `are of one patient (${patient})`,
      'Split by patient, leave one out (`exclude`), or name the patient in `split.shared-patients` if you accept it.',
    );
  }

  function check(key: string, id: string, split: SplitName, what: string, advice: string): void {
    const other = sides.get(key);
    if (!other) sides.set(key, { id, split });
    else if (other.split !== split) {
      throw new UserError(
        `leakage: ${other.id} (${other.split}) and ${id} (${split}) ${what}`,
        { file: location, record: id },
        advice,
      );
    }
  }
}
