import * as fs from 'node:fs';
import * as path from 'node:path';
import { UserError } from '../common/errors.ts';
import type { JobContext } from '../common/job.ts';
import { cacheFolder, productRoot } from '../common/product.ts';
import { synthesizeDataset } from '../dataset/synthetic/dataset.ts';

const zipName = 'training2017.zip';

/** Synthetic recordings where there are no others; raise the version when the generator changes. */
const standIn = { version: 1, records: 600, seed: 1, seconds: [9, 30] as const };

/**
 * training2017.zip: in `ECG_DATA_DIR` (directly or in cinc2017/), else in ../shared/data beside the product. Undefined
 * where there is none; a folder that is named but has none is an error.
 */
export function findRecordings(): string | undefined {
  const named = process.env.ECG_DATA_DIR;
  const folder = named || path.resolve(productRoot, '..', 'shared', 'data');
  const found = [path.join(folder, 'cinc2017', zipName), path.join(folder, zipName)].find((f) =>
    fs.existsSync(f),
  );
  if (!found && named) {
    throw new UserError(
      `has no ${zipName}`,
      { file: named },
      'ECG_DATA_DIR must name the folder that holds it; unset it for synthetic recordings.',
    );
  }
  return found;
}

/** The stand-in dataset, made once and kept in the cache. `records` for tests that want a small one. */
export async function syntheticRecordings(context: JobContext, records = standIn.records): Promise<string> {
  const { version, seed, seconds } = standIn;
  const folder = path.join(cacheFolder(), `synthetic-v${version}-seed${seed}`, `synthetic-${records}`);
  if (!fs.existsSync(folder)) await synthesizeDataset({ folder, records, seed, seconds }, context);
  return folder;
}
