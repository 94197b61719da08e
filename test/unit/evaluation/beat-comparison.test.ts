import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  averageScores,
  compareBeats,
  grossCounts,
  scoresOf,
  type BeatCounts,
} from '../../../src/evaluation/beat-comparison.ts';

/** At 1000 Hz, so that frames are ms; nothing is left out at the start. */
function compare(reference: number[], found: number[], excluded: { start: number; end: number }[] = []) {
  return compareBeats(reference, found, { rate: 1000, learning: 0, excluded });
}

const counts = ({ truePositives, falseNegatives, falsePositives }: BeatCounts): number[] => [
  truePositives,
  falseNegatives,
  falsePositives,
];

describe('beat-by-beat comparison', () => {
  it('pairs beats that are at most 150 ms apart, and says which are not', () => {
    const result = compare([1000, 2000, 3000, 4000], [1150, 1849, 3151, 4000]);
    assert.deepEqual(counts(result), [2, 2, 2]);
    assert.deepEqual(result.missed, [2000, 3000]);
    assert.deepEqual(result.extra, [1849, 3151]);
  });

  it('uses no beat twice', () => {
    assert.deepEqual(counts(compare([1000], [950, 1050])), [1, 0, 1]);
    assert.deepEqual(counts(compare([950, 1050], [1000])), [1, 1, 0]);
    assert.deepEqual(counts(compare([1000], [1000, 1000])), [1, 0, 1]);
  });

  it('pairs the nearest', () => {
    assert.deepEqual(compare([1000], [900, 1010]).extra, [900]);
    assert.deepEqual(compare([1000], [990, 1100]).extra, [1100]);
    assert.deepEqual(compare([1000, 1120], [1100]).missed, [1000]);
    assert.deepEqual(compare([1000, 1120], [1010]).missed, [1120]);
  });

  it('does not need beats in order, and knows sides without any', () => {
    assert.deepEqual(counts(compare([3000, 1000, 2000], [2010, 3010, 1010])), [3, 0, 0]);
    assert.deepEqual(counts(compare([1, 2000], [])), [0, 2, 0]);
    assert.deepEqual(counts(compare([], [1, 2000])), [0, 0, 2]);
    assert.deepEqual(counts(compare([], [])), [0, 0, 0]);
  });

  it('leaves out the first five minutes, where the reference beat of a pair is', () => {
    const result = compareBeats([100, 29_995, 30_005, 40_000], [110, 5000, 29_996, 30_004, 50_000], {
      rate: 100,
    });
    assert.deepEqual(counts(result), [1, 1, 1]);
    assert.deepEqual([result.missed, result.extra], [[40_000], [50_000]]);
    assert.deepEqual(counts(compareBeats([29_999], [30_001], { rate: 100 })), [0, 0, 0]);
  });

  it('leaves out excluded stretches, overlapping and unordered ones too', () => {
    const stretches = [
      { start: 5000, end: 6000 },
      { start: 1000, end: 4000 },
      { start: 2000, end: 3000 },
    ];
    const result = compare(
      [500, 1500, 3500, 4500, 5500, 6000],
      [999, 1000, 2500, 3900, 4000, 5999],
      stretches,
    );
    assert.deepEqual(result.missed, [500, 4500]);
    assert.deepEqual(result.extra, [999, 4000]);
    assert.equal(result.truePositives, 1);
  });

  it('gives sensitivity and positive predictivity of a record, and none where there is nothing', () => {
    assert.deepEqual(scoresOf({ truePositives: 90, falseNegatives: 10, falsePositives: 30 }), {
      sensitivity: 0.9,
      positivePredictivity: 0.75,
    });
    assert.deepEqual(scoresOf({ truePositives: 0, falseNegatives: 0, falsePositives: 2 }), {
      sensitivity: undefined,
      positivePredictivity: 0,
    });
  });

  it('sums beats for gross figures, and means records for average ones', () => {
    const records = [
      { truePositives: 90, falseNegatives: 10, falsePositives: 0 },
      { truePositives: 5, falseNegatives: 5, falsePositives: 15 },
      { truePositives: 0, falseNegatives: 0, falsePositives: 0 },
    ];
    assert.deepEqual(grossCounts(records), { truePositives: 95, falseNegatives: 15, falsePositives: 15 });
    assert.deepEqual(averageScores(records), { sensitivity: 0.7, positivePredictivity: 0.625 });
    assert.deepEqual(averageScores([]), { sensitivity: undefined, positivePredictivity: undefined });
  });
});
