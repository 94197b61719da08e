import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { bootstrapIntervals, mcnemar, pairedInterval } from '../../../src/evaluation/intervals.ts';
import { confusionOf, metricsOf } from '../../../src/evaluation/metrics.ts';
import { markdownTable } from '../../../src/evaluation/tables.ts';

const classes = ['N', 'A', 'O', '~'];
const near = (a: number | undefined, b: number, tolerance = 1e-12): void =>
  assert.ok(a !== undefined && Math.abs(a - b) <= tolerance, `${a} is not ${b}`);

describe('metrics', () => {
  // By hand: N 8 of 10 right; A 3 of 4; O 2 of 5; ~ 0 of 1.
  const confusion = [
    [8, 0, 2, 0],
    [0, 3, 1, 0],
    [2, 1, 2, 0],
    [0, 0, 1, 0],
  ];
  const metrics = metricsOf(classes, confusion);

  it('are what a calculation by hand gives', () => {
    assert.equal(metrics.records, 20);
    near(metrics.accuracy, 13 / 20);
    near(metrics.perClass.N.sensitivity, 0.8);
    near(metrics.perClass.N.precision, 0.8);
    near(metrics.perClass.A.f1, 6 / 8);
    near(metrics.perClass.O.precision, 2 / 6);
    near(metrics.perClass.O.f1, 4 / 11);
    near(metrics.f1Mean3, (0.8 + 0.75 + 4 / 11) / 3);
    near(metrics.f1Mean4, (0.8 + 0.75 + 4 / 11 + 0) / 4);
  });

  it('a class that is never there and never predicted has F1 0, not NaN', () => {
    near(
      metricsOf(
        ['a', 'b'],
        [
          [3, 0],
          [0, 0],
        ],
      ).perClass.b.f1,
      0,
    );
  });

  it('four-class and challenge means exist for the challenge classes only', () => {
    const other = metricsOf(
      ['a', 'b'],
      [
        [1, 0],
        [0, 1],
      ],
    );
    assert.equal(other.f1Mean4, undefined);
    assert.equal(other.f1Mean3, undefined);
    near(other.f1Mean, 1);
  });

  it('the confusion matrix is [true][predicted]', () => {
    assert.deepEqual(confusionOf(2, [0, 0, 1], [1, 0, 1]), [
      [1, 1],
      [0, 1],
    ]);
  });
});

describe('bootstrap intervals', () => {
  const truth = Array.from({ length: 400 }, (_, i) => i % 4);
  const predicted = truth.map((t, i) => (i % 5 === 0 ? (t + 1) % 4 : t));

  it('contain the figure, are the same every time, and narrow with more records', () => {
    const { accuracy, f1Mean4 } = bootstrapIntervals(classes, truth, predicted);
    assert.ok(accuracy && f1Mean4 && accuracy[0] < 0.8 && 0.8 < accuracy[1]);
    assert.deepEqual(bootstrapIntervals(classes, truth, predicted).accuracy, accuracy);
    const more = bootstrapIntervals(
      classes,
      [...truth, ...truth, ...truth, ...truth],
      [...predicted, ...predicted, ...predicted, ...predicted],
    );
    assert.ok(more.accuracy && more.accuracy[1] - more.accuracy[0] < 0.6 * (accuracy[1] - accuracy[0]));
    // Binomial theory: 0.8 ± 1.96 sqrt(0.8 * 0.2 / 400) = 0.761 … 0.839.
    near(accuracy[0], 0.761, 0.012);
    near(accuracy[1], 0.839, 0.012);
  });

  it('of a model against itself is exactly zero', () => {
    assert.deepEqual(pairedInterval(classes, truth, predicted, predicted, 'f1Mean'), [0, 0]);
  });
});

describe("McNemar's test", () => {
  it('gives the binomial probabilities', () => {
    near(mcnemar(0, 0), 1);
    near(mcnemar(5, 5), 1);
    near(mcnemar(0, 5), 2 / 32);
    near(mcnemar(1, 9), (2 * 11) / 1024);
    assert.ok(mcnemar(300, 700) < 1e-30);
  });
});

describe('a table', () => {
  it('has a column as wide as its widest cell', () => {
    assert.equal(
      markdownTable([
        ['', 'a'],
        ['long name', '1'],
      ]),
      '|           |   a |\n|-----------|----:|\n| long name |   1 |',
    );
  });
});
