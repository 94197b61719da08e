import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RandomStream } from '../../../src/common/random.ts';
import { packFourBits, unpackFourBits } from '../../../src/layers/four-bit.ts';
import { averageDivisor, finestFraction, quantize, weightFraction } from '../../../src/layers/fixed-point.ts';

it('values are rounded to the nearest, ties toward +infinity, and clipped', () => {
  const q = (r: number) => quantize(r, 5, 8);
  assert.deepEqual(
    [q(0.5 / 32), q(-0.5 / 32), q(-1.5 / 32), q(1.5 / 32)],
    [1, 0, -1, 2].map((v) => v + 0),
  );
  assert.deepEqual([q(3.97), q(4), q(1e9), q(-4), q(-4.1)], [127, 127, 127, -128, -128]);
  assert.equal(quantize(5, 0, 4), 5);
  assert.equal(quantize(9, 0, 4), 7);
});

it('the finest format holds the largest weight, and one bit more would not', () => {
  for (const largest of [0.001, 0.1, 0.99, 1, 127, 128, 1000, 40000]) {
    const fraction = finestFraction([0, -largest / 2, largest], 8);
    assert.ok(Math.floor(largest * 2 ** fraction + 0.5) <= 127);
    if (fraction < 15) assert.ok(Math.floor(largest * 2 ** (fraction + 1) + 0.5) > 127);
  }
  assert.equal(finestFraction([0, 0], 8), 15);
});

it('an average over any size is within 1/100 of a step of the exact one before it is rounded', () => {
  for (let size = 1; size <= 4096; size++) {
    const { multiplier, shift } = averageDivisor(size);
    const scaled = (127 * size * (multiplier || 1)) / 2 ** shift;
    assert.ok(Math.abs(scaled - 127) < 0.01, `size ${size}: ${scaled}`);
    assert.ok(multiplier < 32768);
  }
});

describe('weights of four bits', () => {
  it('have the power of two with the least squared error of all, also where a few weights are far out', () => {
    const stream = new RandomStream(3, 'weights');
    for (let draw = 0; draw < 60; draw++) {
      const outlier = 2 ** (draw % 12);
      const values = Float32Array.from(
        { length: 300 },
        (_, i) => stream.normal() * (i === 7 ? outlier : 0.1),
      );
      const error = (fraction: number) =>
        values.reduce((sum, w) => sum + (w - quantize(w, fraction, 4) * 2 ** -fraction) ** 2, 0);
      const all = Array.from({ length: 31 }, (_, i) => error(i - 15));
      assert.equal(error(weightFraction(values, 4)), Math.min(...all), `draw ${draw}`);
    }
    assert.equal(weightFraction([0, 0], 4), 15);
    assert.equal(weightFraction([1e9, -1e9], 4), -15);
    // With eight bits nothing is clipped.
    assert.equal(weightFraction([0.01, 0.01, 100], 8), finestFraction([100], 8));
  });

  it('stand two a byte, the first in the lower half, rows from whole bytes on', () => {
    const weights = Int8Array.of(1, -2, 7, -8, 0, -1);
    assert.deepEqual(packFourBits(weights, 2), Int8Array.of(0xe1, 0x07, 0x08, 0x0f).map((b) => (b << 24) >> 24)); // prettier-ignore
    assert.deepEqual(packFourBits(weights, 3), Int8Array.of(0xe1, 0x87, 0xf0));
    for (const rows of [1, 2, 3, 6])
      assert.deepEqual(unpackFourBits(packFourBits(weights, rows), rows, 6 / rows), weights);
  });
});
