import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { histogram } from '../../../src/jobs/histogram.ts';

describe('a histogram', () => {
  it('counts each value once, in round intervals', () => {
    const values = Array.from({ length: 1000 }, (_, i) => 9 + (52 * i) / 999);
    const { start, width, counts } = histogram(values);
    assert.deepEqual([start, width], [5, 5]);
    assert.equal(
      counts.reduce((a, b) => a + b, 0),
      1000,
    );
    for (const [i, count] of counts.entries()) {
      const [from, to] = [start + i * width, start + (i + 1) * width];
      assert.equal(count, values.filter((value) => value >= from && value < to).length, `${from} to ${to}`);
    }
  });

  it('puts a value on an edge into the interval that begins there, also where division rounds', () => {
    assert.deepEqual(histogram([0, 0.1, 0.2, 0.3, 0.3], 4), {
      start: 0,
      width: 0.1,
      counts: [1, 1, 1, 2],
    });
    assert.deepEqual(histogram([10, 20, 30], 3).counts, [1, 1, 1]);
  });

  it('of values that are all the same has one interval with them in it', () => {
    const { start, width, counts } = histogram([30, 30, 30]);
    assert.deepEqual([start, width, counts], [30, 1, [3]]);
    assert.deepEqual(histogram([9.04, 9.04]).counts, [2]);
  });

  it('of nothing is empty', () => {
    assert.deepEqual(histogram([]).counts, []);
  });

  it('never has more intervals than were asked for and one', () => {
    for (const most of [2, 10, 24]) {
      for (const high of [0.003, 1, 7, 99, 86_400, 1e9]) {
        const { counts } = histogram([0, high / 3, high], most);
        assert.ok(counts.length <= most + 1 && counts.length >= 1, `${counts.length} of ${most}`);
      }
    }
  });
});
