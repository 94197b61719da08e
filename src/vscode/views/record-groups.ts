import { splitNames, type SplitName } from '../../dataset/spec.ts';
import type { ListedDataset, ListedEntry } from '../../jobs/list-records.ts';

/** Records of one split, or of all where the splits are not known yet. */
export interface SplitGroup {
  /** `none`: the dataset's own split leaves them out. */
  split: SplitName | 'none' | 'excluded' | undefined;
  classes: ClassGroup[];
  count: number;
}

export interface ClassGroup {
  label: string;
  records: ListedEntry[];
}

/** An editor's tree with more children than this is slow to open, and nobody scrolls through it. */
export const mostChildren = 500;

/**
 * Records by split and class, of those that a filter lets through. Empty groups are left out, but for the dataset's classes where
 * nothing is filtered.
 */
export function groupBySplit(list: ListedDataset, filter: string): SplitGroup[] {
  const matches = recordMatcher(list.classes, filter);
  const records = list.records.filter(matches);
  const excluded = list.excluded.filter(matches);
  const classes = filter === '' ? list.classes : [];
  const group = (split: SplitGroup['split'], members: readonly ListedEntry[]): SplitGroup =>
    groupOf(split, members, classes);
  const groups: SplitGroup[] = list.indexed
    ? [...splitNames, 'none' as const].map((split) =>
        group(
          split,
          records.filter((record) => (record.split ?? 'none') === split),
        ),
      )
    : [group(undefined, records)];
  groups.push(groupOf('excluded', excluded, []));
  return groups.filter(({ count, split }) => count > 0 || (split === undefined && filter === ''));
}

function groupOf(
  split: SplitGroup['split'],
  records: readonly ListedEntry[],
  classes: readonly string[],
): SplitGroup {
  const byLabel = new Map(classes.map((label): [string, ListedEntry[]] => [label, []]));
  for (const record of records) {
    const group = byLabel.get(record.label);
    if (group) group.push(record);
    else byLabel.set(record.label, [record]);
  }
  return {
    split,
    count: records.length,
    classes: [...byLabel].map(([label, members]) => ({ label, records: members })),
  };
}

/**
 * Whether a record fits every word of a filter. A word that is a class or a split means that: `A test` are class A of the test
 * split, and not all whose name has an A. Any other is looked for in name, class and split, whatever its case.
 */
export function recordMatcher(classes: readonly string[], filter: string): (record: ListedEntry) => boolean {
  const tests = filter
    .split(/\s+/)
    .filter((word) => word !== '')
    .map((word) => wordMatcher(classes, word));
  return (record) => tests.every((test) => test(record));
}

function wordMatcher(classes: readonly string[], word: string): (record: ListedEntry) => boolean {
  if (classes.includes(word)) return ({ label }) => label === word;
  const lower = word.toLowerCase();
  if (splitNames.some((name) => name === lower)) return ({ split }) => split === lower;
  return ({ id, label, split }) => `${id}\n${label}\n${split ?? ''}`.toLowerCase().includes(lower);
}

/** Long lists in parts, which are named by their first and last record. */
export function inParts(records: readonly ListedEntry[]): ListedEntry[][] {
  const parts: ListedEntry[][] = [];
  for (let i = 0; i < records.length; i += mostChildren) parts.push(records.slice(i, i + mostChildren));
  return parts;
}
