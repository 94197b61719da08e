import * as fs from 'node:fs';
import * as path from 'node:path';
import { UserError } from '../common/errors.ts';
import { silentContext } from '../common/job.ts';
import { LruCache } from '../common/lru-cache.ts';
import { isDatasetFile, readDatasetFile } from '../dataset/dataset-file.ts';
import { listDatasetRecords, type ListedRecord, type RecordList } from '../dataset/index-records.ts';
import { loadDatasetSpec } from '../dataset/load-spec.ts';

/** A viewer asks for records of the same datasets again and again. */
const lists = new LruCache<RecordList>(2, (list) => list.close());

/** A record of a dataset by its id. Throws a UserError where there is none. */
export async function findRecord(data: string, record: string): Promise<ListedRecord> {
  const key = datasetKey(data);
  let list = lists.get(key);
  if (!list) {
    list = await listDatasetRecords(await loadDatasetSpec(data), silentContext(), true);
    lists.set(key, list);
  }
  const found = [...list.records, ...list.excluded].find(({ id }) => id === record);
  if (found) return found;
  const { location } = list.sources[0].archive;
  throw new UserError('the dataset has no such record', { file: location, record }, 'Refresh the datasets.');
}

/** Where a record lies. */
export interface RecordFile {
  /** The zip or folder. */
  archive: string;
  /** undefined: inside the zip. */
  file: string | undefined;
}

export async function recordFile(inputs: { data: string; record: string }): Promise<RecordFile> {
  const { source, recording } = await findRecord(inputs.data, inputs.record);
  const { location } = source.archive;
  const isFolder = fs.statSync(location).isDirectory();
  return { archive: location, file: isFolder ? path.join(location, recording) : undefined };
}

// Dataset files are edited and recordings located anew while the process lives: keys change with the files.

export function datasetKey(data: string): string {
  const locations = isDatasetFile(data) ? readDatasetFile(data).sources.map(({ location }) => location) : [];
  return [data, ...locations].map(stamp).join('\n');
}

/** Changes when the file does, or comes or goes. */
export function stamp(file: string): string {
  const stat = fs.statSync(file, { throwIfNoEntry: false });
  return `${file} ${stat?.mtimeMs} ${stat?.size}`;
}
