import * as fs from 'node:fs';
import * as path from 'node:path';
import { UserError } from '../common/errors.ts';
import { writeFileAtomic } from '../common/files.ts';
import type { JobContext } from '../common/job.ts';
import { datasetFileText } from '../dataset/dataset-text.ts';
import { isDatasetFile } from '../dataset/dataset-file.ts';
import { openDataset, openDatasetSpec, type Dataset } from '../dataset/dataset.ts';
import { datasetSuffix } from '../dataset/file-name.ts';
import { loadDatasetSpec } from '../dataset/load-spec.ts';
import { recommendedSplit } from '../dataset/recipes/recipe.ts';
import { recipes } from '../dataset/recipes/recipes.ts';
import { splitNames, type DatasetSpec, type SourceFormat, type SplitName } from '../dataset/spec.ts';
import type { Facts } from '../recording/facts.ts';

export interface DatasetSummary {
  name: string;
  location: string;
  fingerprint: string;
  synthetic: boolean;
  records: number;
  classes: Record<string, number>;
  splits: Record<SplitName, Record<string, number>>;
  duplicates: readonly string[][];
  /** Records left out since no label of theirs is in the map. */
  unmapped: number;
}

export interface ImportInputs {
  data: string;
  /** Where `NAME.ecgdata.yaml` goes; undefined: nowhere. */
  folder: string | undefined;
  name?: string;
  /** undefined: recognised. */
  format?: SourceFormat;
  /** What files of bare numbers do not say. */
  facts?: Facts;
  lead?: number | string;
}

/** Index a zip or folder and write a dataset file for it. */
export async function importJob(
  inputs: ImportInputs,
  context: JobContext,
): Promise<{ summary: DatasetSummary; file: string | undefined }> {
  const spec = await recommendedSpec(inputs);
  const file =
    inputs.folder === undefined ? undefined : path.join(inputs.folder, `${spec.name}${datasetSuffix}`);
  if (file && fs.existsSync(file)) {
    throw new UserError('exists already', { file }, 'Give another name with --name, or edit the file.');
  }
  const dataset = await openDatasetSpec(spec, context);
  try {
    if (dataset.records.length === 0) {
      throw new UserError(
        `no record has a class (${dataset.unmapped} have no label of the map)`,
        { file: dataset.location },
        'Write a dataset file with a `labels.map` for the labels that you want.',
      );
    }
    // One record is read, so that a dataset which cannot be read is noticed now.
    dataset.read(dataset.records[0]);
    if (file) writeFileAtomic(file, datasetFileText(spec, path.dirname(file)));
    return { summary: summarize(dataset), file };
  } finally {
    dataset.close();
  }
}

/** What the dataset file says that an import writes: the map of labels written out, and the dataset's own split where it has one. */
async function recommendedSpec(inputs: ImportInputs): Promise<DatasetSpec> {
  const bare = await loadDatasetSpec(inputs.data, inputs.format);
  if (isDatasetFile(inputs.data)) {
    throw new UserError(
      'is a dataset file already',
      { file: inputs.data },
      'Name a zip or folder of recordings.',
    );
  }
  const [source] = bare.sources;
  const recipe = recipes[source.format];
  const map = recipe.map && new Map(Object.entries(recipe.map));
  return {
    ...bare,
    name: inputs.name ?? bare.name,
    sources: [
      {
        ...source,
        lead: inputs.lead ?? recipe.lead ?? source.lead,
        facts: inputs.facts ?? {},
        labels: { ...source.labels, map },
      },
    ],
    split: recommendedSplit(recipe, bare.split),
  };
}

/** Read every recording once, so that duplicates and splits are known wherever the dataset is listed. */
export async function indexJob(data: string, context: JobContext): Promise<DatasetSummary> {
  const dataset = await openDataset(data, context);
  try {
    return summarize(dataset);
  } finally {
    dataset.close();
  }
}

export function summarize(dataset: Dataset): DatasetSummary {
  const split = (name: SplitName): Record<string, number> =>
    Object.fromEntries(dataset.classCounts(dataset.of(name)));
  return {
    name: dataset.spec.name,
    location: dataset.location,
    fingerprint: dataset.fingerprint,
    synthetic: dataset.synthetic,
    records: dataset.records.length,
    classes: Object.fromEntries(dataset.classCounts()),
    splits: Object.fromEntries(splitNames.map((name) => [name, split(name)])) as DatasetSummary['splits'],
    duplicates: dataset.duplicates,
    unmapped: dataset.unmapped,
  };
}
