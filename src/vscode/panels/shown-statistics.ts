import type { ListedDataset, ListedEntry } from '../../jobs/list-records.ts';
import type { DatasetStatistics } from '../../jobs/statistics.ts';
import type { Cut, RecordToLookAt, ShownStatistics } from '../../protocol/webview.ts';

/** More rows nobody reads; the command line gives all of them. */
export const mostShown = 500;

/**
 * Statistics as a page shows them: of the recordings only those with something wrong, the worst first, with the class and split
 * that they have in `list` now. Without a list those of the measuring stay.
 */
export function shownStatistics(
  statistics: DatasetStatistics,
  list: Pick<ListedDataset, 'records' | 'excluded'> | undefined,
): ShownStatistics {
  const { measured, unreadable, duplicates, ...rest } = statistics;
  const wrong = measured.filter(({ concern }) => concern > 0);
  const now = list && namesOf(list);
  return {
    ...rest,
    toLookAt: cut(wrong, ({ record, label, split, verdict, reasons, snr }): RecordToLookAt => {
      const entry = now?.get(record);
      return {
        record,
        label: entry?.label ?? label,
        sourceLabel: entry?.sourceLabel,
        split: entry?.split ?? split,
        excluded: entry?.excluded ?? false,
        ...{ verdict, reasons, snr },
      };
    }),
    unreadable: cut(unreadable, ({ record, reason }) => ({
      ...{ record, reason },
      excluded: now?.get(record)?.excluded ?? false,
    })),
    duplicates: cut(duplicates, (set) => set),
  };
}

function cut<T, U>(items: readonly T[], shown: (item: T) => U): Cut<U> {
  return { first: items.slice(0, mostShown).map(shown), all: items.length };
}

function namesOf({
  records,
  excluded,
}: Pick<ListedDataset, 'records' | 'excluded'>): Map<string, ListedEntry & { excluded: boolean }> {
  const named = new Map<string, ListedEntry & { excluded: boolean }>();
  for (const entry of records) named.set(entry.id, { ...entry, excluded: false });
  for (const entry of excluded) named.set(entry.id, { ...entry, excluded: true });
  return named;
}
