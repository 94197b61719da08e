import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { heartRate, rrIntervals, variability } from '../../../../src/signal/beats/heart-rate.ts';

const near = (a: number | undefined, b: number, tolerance = 1e-9): void =>
  assert.ok(a !== undefined && Math.abs(a - b) <= tolerance, `${a} is not ${b}`);

describe('intervals between beats', () => {
  it('are in seconds, one fewer than beats, none of fewer than two', () => {
    assert.deepEqual([...rrIntervals([10, 370, 550], 360)], [1, 0.5]);
    assert.equal(rrIntervals([5], 360).length, 0);
    assert.equal(rrIntervals([], 360).length, 0);
  });
});

describe('heart rate', () => {
  const steady = Array.from({ length: 20 }, (_, i) => 100 + 80 * i);

  it('is 75 a minute where beats are 0.8 s apart, at the ends too', () => {
    const rate = heartRate(rrIntervals(steady, 100));
    assert.equal(rate.length, 19);
    for (const value of rate) near(value, 75);
  });

  it('is not changed by a missed beat, nor by an extra one', () => {
    const missed = steady.filter((_, i) => i !== 9);
    for (const value of heartRate(rrIntervals(missed, 100))) near(value, 75);
    const extra = [...steady, steady[9] + 30].sort((a, b) => a - b);
    for (const value of heartRate(rrIntervals(extra, 100))) near(value, 75);
  });

  it('is between those of the long and the short interval in bigeminy, within a sixth of their mean', () => {
    const bigeminy = Array.from({ length: 30 }, (_, i) => (i % 2 ? 0.5 : 1.1));
    for (const value of heartRate(bigeminy)) near(value, 75, 75 / 6);
  });

  it('follows a change of rhythm within four beats', () => {
    const rate = heartRate([...new Array<number>(10).fill(1), ...new Array<number>(10).fill(0.5)]);
    near(rate[5], 60);
    near(rate[14], 120);
  });
});

describe('heart rate variability', () => {
  it('has mean, SDNN and RMSSD as by hand', () => {
    const found = variability([0.8, 0.82, 0.78, 0.8]);
    assert.equal(found?.intervals, 4);
    near(found.meanRr, 800);
    near(found.sdnn, Math.sqrt((400 + 400) / 3));
    near(found.rmssd, Math.sqrt((400 + 1600 + 400) / 3));
  });

  it('leaves out an ectopic beat with its pause, and differences to what was left out', () => {
    const clean = [0.8, 0.81, 0.8, 0.79, 0.8, 0.81, 0.8, 0.79];
    const ectopic = [0.8, 0.81, 0.8, 0.79, 0.5, 1.1, 0.8, 0.81, 0.8, 0.79];
    const found = variability(ectopic);
    assert.equal(found?.intervals, 8);
    near(found.meanRr, variability(clean)?.meanRr ?? NaN);
    near(found.rmssd, 10);
  });

  it('is undefined where there is too little', () => {
    assert.equal(variability([]), undefined);
    const one = variability([0.9]);
    near(one?.meanRr, 900);
    assert.deepEqual([one?.sdnn, one?.rmssd], [undefined, undefined]);
  });
});
