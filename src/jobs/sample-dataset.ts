import * as fs from 'node:fs';
import * as path from 'node:path';
import { UserError } from '../common/errors.ts';
import type { JobContext } from '../common/job.ts';
import { datasetSuffix } from '../dataset/file-name.ts';
import { synthesizeDataset } from '../dataset/synthetic/dataset.ts';
import { importJob, type DatasetSummary } from './import.ts';

const shortestSeconds = 9;
const longestSeconds = 30;

/**
 * A synthetic dataset to try things out with: recordings in `<folder>/<name>-recordings/`, and `<name>.ecgdata.yaml`
 * beside them. Nothing is overwritten: a name that is taken gets a number.
 */
export async function sampleDatasetJob(
  inputs: { folder: string; records: number; seed: number },
  context: JobContext,
): Promise<{ summary: DatasetSummary; file: string }> {
  const { folder, records, seed } = inputs;
  if (!fs.existsSync(folder)) throw new UserError('no such folder', { file: folder }, 'Open a folder first.');
  const name = freeName(folder, 'sample');
  const recordings = path.join(folder, `${name}-recordings`);
  await synthesizeDataset(
    { folder: recordings, records, seed, seconds: [shortestSeconds, longestSeconds] },
    context,
  );
  const { summary, file } = await importJob({ data: recordings, folder, name }, context);
  if (file === undefined) throw new Error('an import into a folder writes a dataset file');
  return { summary, file };
}

function freeName(folder: string, stem: string): string {
  for (let i = 1; ; i++) {
    const name = i === 1 ? stem : `${stem}-${i}`;
    const taken = [`${name}${datasetSuffix}`, `${name}-recordings`].some((n) =>
      fs.existsSync(path.join(folder, n)),
    );
    if (!taken) return name;
  }
}
