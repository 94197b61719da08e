import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { trainingSpec, type TrainingSection } from '../../../src/model/training.ts';
import { classWeights } from '../../../src/training/class-weights.ts';
import { afterEpoch, learningRate, untouchedPlateau } from '../../../src/training/schedule.ts';

const spec = (schedule: TrainingSection['schedule'], adam = 0.1): ReturnType<typeof trainingSpec> =>
  trainingSpec({ optimizer: { adam }, schedule }, ['a', 'b']);

describe('the learning rate', () => {
  const rates = (schedule: TrainingSection['schedule'], steps: number): number[] =>
    Array.from({ length: steps }, (_, step) => learningRate(spec(schedule), step, steps, untouchedPlateau));

  it('stays, or falls along half a cosine to a hundredth', () => {
    assert.deepEqual(rates('constant', 3), [0.1, 0.1, 0.1]);
    const expected = [0, 0.25, 0.5, 0.75, 1].map((x) => 0.001 + 0.099 * ((1 + Math.cos(Math.PI * x)) / 2));
    rates('cosine', 5).forEach((rate, i) => assert.ok(Math.abs(rate - expected[i]) < 1e-15, `${rate}`));
  });

  it('rises in a straight line over the warm-up, then falls', () => {
    const found = rates({ cosine: { 'warm-up': 3 } }, 8);
    [0.025, 0.05, 0.075, 0.1].forEach((rate, i) => assert.ok(Math.abs(found[i] - rate) < 1e-15));
    assert.ok(found[4] < found[3] && found[5] < found[4]);
    assert.ok(Math.abs(found[7] - 0.001) < 1e-15);
  });

  it('is cut after so many epochs without a lower validation loss, again and again, down to the minimum', () => {
    const network = spec({ plateau: { patience: 2, factor: 0.5, minimum: 0.03 } });
    let state = untouchedPlateau;
    // The first epoch, one that is better, two that are not; the wait begins anew; a better one ends a wait of one epoch.
    const losses = [1, 0.9, 0.95, 0.9, 0.91, 0.89, 0.9, 0.9, 0.9, 0.9];
    const found = losses.map((loss) => {
      state = afterEpoch(network.schedule, state, loss);
      return learningRate(network, 0, 1, state);
    });
    assert.deepEqual(found, [0.1, 0.1, 0.1, 0.05, 0.05, 0.05, 0.05, 0.03, 0.03, 0.03]);
  });

  it('of the plateau schedule has the defaults of the teacher of Van Zaen et al.', () => {
    assert.deepEqual(spec('plateau').schedule, { kind: 'plateau', patience: 5, factor: 0.5, minimum: 1e-5 });
  });
});

describe('class weights', () => {
  it('that are balanced give every class the same sum and the records a mean of 1', () => {
    const labels = [0, 0, 0, 0, 0, 1, 1, 2];
    const weights = classWeights('balanced', labels, 3);
    for (const c of [0, 1, 2]) {
      const sum = labels.filter((label) => label === c).length * weights[c];
      assert.ok(Math.abs(sum - labels.length / 3) < 1e-12);
    }
    const mean = labels.reduce((total, label) => total + weights[label], 0) / labels.length;
    assert.ok(Math.abs(mean - 1) < 1e-12);
    assert.deepEqual(classWeights('balanced', [0], 2), [0.5, 1], 'a class without records');
  });

  it('are 1 where none are given, and for classes that are not named', () => {
    assert.deepEqual(classWeights(trainingSpec({}, ['a', 'b']).classWeights, [0, 1], 2), [1, 1]);
    const named = trainingSpec({ 'class-weights': { b: 2 } }, ['a', 'b']);
    assert.deepEqual(classWeights(named.classWeights, [0, 1], 2), [1, 2]);
  });
});
