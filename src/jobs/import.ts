import * as fs from 'node:fs';
import * as path from 'node:path';
import { UserError } from '../common/errors.ts';
import { writeFileAtomic } from '../common/files.ts';
import type { JobContext } from '../common/job.ts';
import { datasetFileText, loadDatasetSpec } from '../dataset/dataset-file.ts';
import { openDatasetSpec, type Dataset } from '../dataset/dataset.ts';
import { datasetSuffix } from '../dataset/file-name.ts';
import { splitNames, type SplitName } from '../dataset/spec.ts';

export interface DatasetSummary {
  name: string;
  location: string;
  fingerprint: string;
  synthetic: boolean;
  records: number;
  classes: Record<string, number>;
  splits: Record<SplitName, Record<string, number>>;
  duplicates: string[][];
}

/** Index a zip or folder and write a dataset file for it (`NAME.ecgdata.yaml` in `folder`, or none). */
export async function importJob(
  inputs: { data: string; folder: string | undefined; name?: string },
  context: JobContext,
): Promise<{ summary: DatasetSummary; file: string | undefined }> {
  const bare = loadDatasetSpec(inputs.data);
  const spec = { ...bare, name: inputs.name ?? bare.name };
  const file =
    inputs.folder === undefined ? undefined : path.join(inputs.folder, `${spec.name}${datasetSuffix}`);
  if (file && fs.existsSync(file)) {
    throw new UserError('exists already', { file }, 'Give another name with --name, or edit the file.');
  }
  const dataset = await openDatasetSpec(spec, context);
  try {
    // One record is read, so that a dataset which cannot be read is noticed now.
    dataset.read(dataset.records[0]);
    if (file) writeFileAtomic(file, datasetFileText(spec, path.dirname(file)));
    return { summary: summarize(dataset), file };
  } finally {
    dataset.close();
  }
}

export function summarize(dataset: Dataset): DatasetSummary {
  const split = (name: SplitName): Record<string, number> =>
    Object.fromEntries(dataset.classCounts(dataset.of(name)));
  return {
    name: dataset.spec.name,
    location: dataset.spec.location,
    fingerprint: dataset.fingerprint,
    synthetic: dataset.synthetic,
    records: dataset.records.length,
    classes: Object.fromEntries(dataset.classCounts()),
    splits: Object.fromEntries(splitNames.map((name) => [name, split(name)])) as DatasetSummary['splits'],
    duplicates: dataset.duplicates(),
  };
}
