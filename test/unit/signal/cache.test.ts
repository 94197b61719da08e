import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, it } from 'node:test';
import { silentContext } from '../../../src/common/job.ts';
import { openDataset, type Dataset } from '../../../src/dataset/dataset.ts';
import type { InputSpec } from '../../../src/model/network.ts';
import { loadSignals } from '../../../src/signal/signal-cache.ts';
import { challengeFiles, manyLabels, temporaryFolder, writeFiles } from '../../fixtures/workspace.ts';

const folder = temporaryFolder();
const data = path.join(folder, 'data');
writeFiles(data, challengeFiles(manyLabels(3, ['a', 'b'])));
const input: InputSpec = {
  rate: 100,
  window: 64,
  hop: 32,
  filter: { band: [0.5, 40], order: 2, zeroPhase: false },
  scale: 'training-sd',
};

/** Load all signals and count how many records had to be read for it. */
async function load(spec: InputSpec = input): Promise<{ signals: Float32Array[]; read: number }> {
  const dataset = await openDataset(data, silentContext());
  let read = 0;
  const counting = Object.create(dataset, {
    read: { value: (record: Parameters<Dataset['read']>[0]) => (read++, dataset.read(record)) },
    lead: { value: (record: Parameters<Dataset['lead']>[0]) => dataset.lead(record) },
  }) as Dataset;
  const signals = await loadSignals(counting, dataset.records, spec, silentContext());
  dataset.close();
  return { signals, read };
}

const cacheFile = (): string => {
  const signals = path.join(folder, 'cache', 'signals');
  const names = fs.readdirSync(signals);
  assert.equal(names.length, 1);
  return path.join(signals, names[0]);
};

describe('the cache of filtered signals', () => {
  it('gives the same signals without reading a record the second time', async () => {
    const first = await load();
    assert.equal(first.read, 6);
    assert.equal(first.signals[0].length, 400);
    const second = await load();
    assert.equal(second.read, 0);
    assert.deepEqual(second.signals, first.signals);
  });

  for (const [what, damage] of [
    ['cut off', (file: string): void => fs.truncateSync(file, 100)],
    ['emptied', (file: string): void => fs.truncateSync(file, 0)],
    [
      'changed in one byte',
      (file: string): void => {
        const bytes = fs.readFileSync(file);
        bytes[bytes.length >> 1] ^= 1;
        fs.writeFileSync(file, bytes);
      },
    ],
  ] as const) {
    it(`that was ${what} is made again`, async () => {
      const { signals } = await load();
      damage(cacheFile());
      const again = await load();
      assert.equal(again.read, 6);
      assert.deepEqual(again.signals, signals);
    });
  }

  it('is not used for another filter or rate, nor after a record has changed', async () => {
    const { signals } = await load();
    assert.equal((await load({ ...input, rate: 50, filter: undefined })).read, 6);
    assert.equal((await load({ ...input, filter: { band: [1, 40], order: 2, zeroPhase: false } })).read, 6);
    const file = path.join(data, 'set', 'R0000.mat');
    const bytes = fs.readFileSync(file);
    bytes[100] ^= 1;
    fs.writeFileSync(file, bytes);
    const changed = await load();
    assert.equal(changed.read, 6);
    assert.notDeepEqual(changed.signals[0], signals[0]);
  });
});
