import { UserError } from '../common/errors.ts';
import type { IndexedRecord, Recipe } from './recipes/recipe.ts';
import type { LabelSpec } from './spec.ts';

/**
 * The class of a record: the first of the map that it has a label of, then `*`; undefined where it is left out. Without a map
 * labels are the classes. A label that is not in the map is a UserError, or with `lenient` a class of its own.
 */
export function classOf(
  record: IndexedRecord,
  labels: LabelSpec,
  recipe: Recipe,
  lenient: boolean,
): string | undefined {
  const map = labels.map ?? (recipe.map && new Map(Object.entries(recipe.map)));
  if (!map) return record.labels[0];
  for (const [label, name] of map) if (label !== '*' && record.labels.includes(label)) return name;
  if (record.labels.length > 0 && map.has('*')) return map.get('*');
  if ((labels.unmapped ?? recipe.unmapped) === 'exclude') return undefined;
  if (lenient) return record.labels[0];
  const label = record.labels.join('`, `');
  throw new UserError(
    `the label \`${label}\` is not in the label map (${[...map.keys()].join(', ')})`,
    record.place,
    'Add it to `labels.map` of the dataset file, or say `unmapped: exclude`.',
  );
}
