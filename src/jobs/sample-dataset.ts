import * as fs from 'node:fs';
import * as path from 'node:path';
import { UserError } from '../common/errors.ts';
import type { JobContext } from '../common/job.ts';
import { datasetSuffix } from '../dataset/file-name.ts';
import { synthesizeDataset } from '../dataset/synthetic/dataset.ts';
import { importJob, type DatasetSummary } from './import.ts';

const shortestSeconds = 9;
const longestSeconds = 30;
/** More than FAT's clock, which is the coarsest, and what `FolderSource` calls young. */
const settledSeconds = 10;

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
  settle(recordings);
  const { summary, file } = await importJob({ data: recordings, folder, name }, context);
  if (file === undefined) throw new Error('an import into a folder writes a dataset file');
  return { summary, file };
}

/**
 * Hashes of files that are only just written are not kept, since these may be written again within a tick of the file system's
 * clock. Nobody else writes these: with a time that is a little earlier the splits of the sample are known at once.
 */
function settle(recordings: string): void {
  const earlier = Date.now() / 1000 - settledSeconds;
  for (const name of fs.readdirSync(recordings)) fs.utimesSync(path.join(recordings, name), earlier, earlier);
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
