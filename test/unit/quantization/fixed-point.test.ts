import assert from 'node:assert/strict';
import { it } from 'node:test';
import { averageDivisor, finestFraction, quantize } from '../../../src/layers/fixed-point.ts';

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
