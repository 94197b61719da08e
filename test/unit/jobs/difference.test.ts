import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { differenceError } from '../../../src/jobs/difference.ts';
import { keepVerification, readVerification } from '../../../src/jobs/kept-verification.ts';
import type { BoardVerification } from '../../../src/jobs/verify.ts';
import { temporaryFolder } from '../../fixtures/workspace.ts';

const same: BoardVerification = {
  device: 'the board at COM3',
  records: 2,
  windows: 7,
  valuesCompared: 700,
  mismatches: 0,
  layers: [
    { name: 'gru-1', values: 600, mismatches: 0, cost: 9000 },
    { name: 'dense-1', values: 100, mismatches: 0, cost: 100 },
  ],
  distinctWindows: 7,
  stackBytes: 300,
  classes: ['N', 'A'],
  confusion: [
    [1, 0],
    [0, 1],
  ],
  frontEnd: { records: 2, samplesCompared: 1000, mismatches: 0, costPerSample: 50 },
  cyclesPerWindow: { mean: 9100, max: 9200 },
  millisecondsPerWindow: { mean: 0.142, max: 0.144 },
};
const firstMismatch = {
  ...{ record: 'A00001', window: 3, layer: 'gru-1', channel: 4, position: 0 },
  ...{ value: 'gru-1, channel 4, position 0', host: 18, device: 17 },
};
const ofNetwork: BoardVerification = { ...same, mismatches: 12, firstMismatch };
const ofBoth: BoardVerification = {
  ...ofNetwork,
  frontEnd: {
    ...same.frontEnd,
    mismatches: 1,
    firstMismatch: { record: 'A00002', sample: 40, host: -3, device: 5 },
  },
};

describe('what a device computes otherwise than the host', () => {
  it('is nothing where all values are the same', () => {
    assert.equal(differenceError('run', same), undefined);
  });

  it('is told in words: how much, and of the first value record, window, layer, channel, position and both values', () => {
    const error = differenceError('run', ofNetwork);
    assert.equal(
      error?.message,
      'the board at COM3 and the host differ in 12 values; first: record A00001, window 3: gru-1, channel 4, position 0 is 17, on the host 18',
    );
    assert.match(error.advice, /must not be used/);
    assert.equal(error.place.file, 'run');
  });

  it('is first what the front end gives, from which the rest follows', () => {
    assert.match(
      differenceError('run', ofBoth)?.message ?? '',
      /differ in 13 values; first: record A00002: sample 40 of the front end is 5, on the host -3$/,
    );
  });

  it('is kept with what was measured, for the image that it is of and no other', () => {
    const folder = temporaryFolder();
    assert.equal(readVerification(folder, 'cycles', 'one'), undefined);
    keepVerification(folder, 'one', 'run', ofNetwork);
    const kept = readVerification(folder, 'cycles', 'one');
    assert.deepEqual(kept, {
      ...{ format: 1, device: 'the board at COM3', of: 'one', records: 2, windows: 7, valuesCompared: 1700 },
      ...{ difference: differenceError('run', ofNetwork)?.message, blocks: [9000, 100] },
      ...{ unit: 'cycles', perWindow: { mean: 9100, max: 9200 }, milliseconds: 0.144 },
    });
    assert.equal(readVerification(folder, 'cycles', 'another'), undefined);
    assert.equal(readVerification(folder, 'instructions', 'one'), undefined);
    keepVerification(folder, 'one', 'run', same);
    assert.equal(readVerification(folder, 'cycles', 'one')?.difference, undefined);
  });
});
