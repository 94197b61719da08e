import assert from 'node:assert/strict';
import * as path from 'node:path';
import { describe, it } from 'node:test';
import { UserError } from '../../../src/common/errors.ts';
import { silentContext } from '../../../src/common/job.ts';
import { cpsc2021 } from '../../../src/dataset/recipes/cpsc2021.ts';
import type { IndexedRecord } from '../../../src/dataset/recipes/recipe.ts';
import { defaultSource } from '../../../src/dataset/spec.ts';
import type { Annotation } from '../../../src/recording/annotation.ts';
import { encodeAnnotations } from '../../../src/recording/annotations/encode.ts';
import { openArchive } from '../../../src/recording/file-source.ts';
import { temporaryFolder, writeFiles } from '../../fixtures/workspace.ts';

const folder = temporaryFolder();
let made = 0;

/** Index a folder of one record: so many frames announced at 10 Hz, 600 stored, and rhythms at these frames. */
async function index(
  frames: number,
  changes: readonly [number, string][],
  excerpt = 10,
): Promise<IndexedRecord[]> {
  const location = path.join(folder, String(++made));
  const annotations = changes.map(([sample, text]): Annotation => ({
    sample,
    symbol: '+',
    subtype: 0,
    channel: 0,
    number: 0,
    text,
    duration: 0,
  }));
  writeFiles(location, {
    'data_1_1.hea': `data_1_1 1 10 ${frames}\ndata_1_1.dat 16 200/mV\n`,
    'data_1_1.dat': new Uint8Array(1200),
    'data_1_1.atr': encodeAnnotations(annotations, 'data_1_1.atr'),
  });
  const archive = await openArchive(location);
  return cpsc2021.index(archive, { ...defaultSource('cpsc2021', location), excerpt }, silentContext());
}

describe('excerpts of recordings with annotated rhythms', () => {
  it('have the rhythm that most of each is in', async () => {
    const records = await index(600, [
      [20, '(N'],
      [140, '(AFIB'],
      [220, '(N'],
      [230, '(AFL'],
      [280, '(AFIB'],
      [430, '(N'],
    ]);
    assert.deepEqual(
      records.map(({ labels }) => labels[0]),
      ['N', 'AFIB', 'AFL', 'AFIB', 'N', 'N'],
    );
    assert.deepEqual(records[5].excerpt, { start: 500, frames: 100 });
  });

  it('are not made of samples that a header claims and no file has', async () => {
    const refused = (pattern: RegExp) => (error: unknown) =>
      error instanceof UserError && error.place.file !== undefined && pattern.test(error.message);
    await assert.rejects(
      index(2_000_000, [[0, '(N']]),
      refused(/announces 2000000 samples, the file holds 600/),
    );
    await assert.rejects(index(80_000_000_000, [[0, '(N']]), refused(/make 800000000 excerpts/));
  });
});
