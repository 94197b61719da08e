import * as fs from 'node:fs';
import { silentContext } from '../common/job.ts';
import { listDatasetRecords, type RecordList } from '../dataset/index-records.ts';
import { loadDatasetSpec } from '../dataset/load-spec.ts';
import { placeKnownRecords } from '../dataset/place-records.ts';
import type { DatasetSpec, SplitName } from '../dataset/spec.ts';

/** The records of a dataset, from its labels alone: no recording is opened. */
export interface ListedDataset {
  name: string;
  /** Of the first source, or of the first that is not there. */
  location: string;
  /** Recordings are not where the dataset file says; there are no records then. */
  moved: boolean;
  synthetic: boolean;
  /** Classes in the order of the label map, else of first appearance. */
  classes: string[];
  /** In the order of the sources. */
  records: ListedEntry[];
  /** Records that `exclude` names. */
  excluded: ListedEntry[];
  /** Splits are known: every recording was hashed before. */
  indexed: boolean;
}

export interface ListedEntry {
  id: string;
  label: string;
  /** The class in the source, where somebody has corrected it. */
  sourceLabel?: string;
  /** undefined: not indexed, or in none of the dataset's own splits. */
  split?: SplitName;
}

/** Lists 7000 records in some milliseconds. Labels that the label map lacks are shown as they are. */
export async function listRecords(data: string): Promise<ListedDataset> {
  const spec = await loadDatasetSpec(data);
  const { name, sources } = spec;
  const missing = sources.find(({ location }) => !fs.existsSync(location));
  const none = { classes: [], records: [], excluded: [], indexed: false };
  if (missing) return { name, location: missing.location, moved: true, synthetic: false, ...none };
  const list = await listDatasetRecords(spec, silentContext(), true);
  try {
    return { name, location: sources[0].location, moved: false, ...describe(spec, list) };
  } finally {
    list.close();
  }
}

function describe(spec: DatasetSpec, list: RecordList) {
  const placed = placeKnownRecords(spec, list);
  const entries = list.records.map(entryOf);
  for (const [i, { split }] of placed?.entries() ?? []) if (split) entries[i].split = split;
  const mapped = spec.sources.flatMap(({ labels }) => [...(labels.map?.values() ?? [])]);
  return {
    synthetic: list.sources.some(({ synthetic }) => synthetic),
    classes: [...new Set([...mapped, ...entries.map(({ label }) => label)])],
    records: entries,
    excluded: list.excluded.map(entryOf),
    indexed: placed !== undefined,
  };
}

function entryOf({ id, label, sourceLabel }: RecordList['records'][number]): ListedEntry {
  return { id, label, ...(sourceLabel !== label && { sourceLabel }) };
}
