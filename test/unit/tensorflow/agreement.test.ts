import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
// Registers gradients.
import '@tensorflow/tfjs-layers';
import type { TrainingStep } from '../../../src/engine/engine.ts';
import { TensorFlowEngine } from '../../../src/tensorflow/engine.ts';
import type { NetworkEntries } from '../../fixtures/network.ts';
import {
  everyKind,
  mixedLengths,
  noiseRecords,
  relativeError,
  shakenWeights,
  withEngine,
  worstTensor,
} from '../engine/helpers.ts';
import { network } from '../engine/networks.ts';

// Both sides compute in float32, in another order.
const tolerance = 1e-4;
/** Adam divides by the gradient's size: where that is small, rounding weighs more. */
const afterSteps = 1e-3;

const tensorflow = { tf, build: 'cpu' };
const seed = 3;

/** The same weights, and a record's key apart from its place, on both sides. */
async function onBoth(
  entries: NetworkEntries,
  use: (sides: {
    ours: Parameters<Parameters<typeof withEngine>[2]>[0];
    theirs: TensorFlowEngine;
    records: ReturnType<typeof noiseRecords>;
  }) => void,
  features?: string,
): Promise<void> {
  const net = network(entries);
  await withEngine(net, { seed, kernels: 'wasm', features }, async (ours) => {
    const theirs = new TensorFlowEngine(net, { seed, training: true, features }, tensorflow);
    const weights = shakenWeights(ours);
    ours.setWeights(weights);
    theirs.setWeights(weights);
    const records = noiseRecords(mixedLengths).map((record, i) => ({ ...record, key: 1000 + i }));
    use({ ours, theirs, records });
    await theirs.close();
  });
}

describe("TensorFlow engine, on its CPU backend, against the engine's C", () => {
  before(async () => {
    await tf.setBackend('cpu');
  });

  for (const { name, layers, window, readout } of everyKind) {
    test(`${name}: gradients, losses, five steps of Adam, and predictions`, async () => {
      await onBoth({ window, hop: 4, layers, readout }, ({ ours, theirs, records }) => {
        const [expected, actual] = [ours, theirs].map((engine) => engine.gradients(records));
        // A bias before a batch norm has no influence: what is left of its gradient is rounding, which Adam makes a step of
        // that shows in the running mean.
        const rounding = [...expected].filter(([, values]) => Math.hypot(...values) < 1e-6);
        for (const [name] of rounding) {
          expected.delete(name);
          assert.ok(Math.hypot(...actual.get(name)!) < 1e-6, name);
        }
        const worst = worstTensor(actual, expected);
        assert.ok(worst.error < tolerance, `gradient of ${worst.name}: ${worst.error}`);
        for (let i = 0; i < 5; i++) {
          const batch = records.slice(3 * i);
          const [a, b] = [ours, theirs].map((engine) => engine.trainBatch(batch, { learningRate: 0.01 }));
          assert.ok(relativeError(b.losses, a.losses) < tolerance, `losses of step ${i}`);
          assert.ok(Math.abs(a.gradientNorm / b.gradientNorm - 1) < tolerance, `norm of step ${i}`);
          assert.equal(b.correct, a.correct);
          const biases = [...ours.weights()].filter(
            ([name]) => name.endsWith('/bias') && rounding.some(([other]) => other === name),
          );
          theirs.setWeights(new Map([...theirs.weights(), ...biases]));
        }
        const weights = worstTensor(theirs.weights(), ours.weights());
        assert.ok(weights.error < afterSteps, `${weights.name}: ${weights.error}`);
        const [a, b] = [ours, theirs].map((engine) => engine.predict(records));
        assert.ok(relativeError(b.logits, a.logits) < afterSteps);
        assert.ok(relativeError(b.probabilities, a.probabilities) < afterSteps);
      });
    });
  }

  const small: NetworkEntries = {
    window: 12,
    hop: 4,
    layers: [
      ['conv1d', { filters: 4, kernel: 3, activation: 'relu' }],
      ['global-average-pool', null],
      ['lstm', 5],
      ['dense', 4],
    ],
  };
  const steps: Record<string, TrainingStep> = {
    'temperature, hard labels and label smoothing': {
      learningRate: 0.01,
      temperature: 3,
      hardLabels: 0.3,
      labelSmoothing: 0.1,
    },
    'L2 weight decay and a clipped gradient': { learningRate: 0.01, weightDecay: 0.1, clip: 0.01 },
    'decoupled weight decay, other betas': {
      learningRate: 0.01,
      weightDecay: 0.2,
      decoupled: true,
      beta1: 0.8,
      beta2: 0.99,
      epsilon: 1e-5,
    },
  };
  for (const [name, step] of Object.entries(steps)) {
    for (const readout of ['last-state', 'mean'] as const) {
      test(`${name}, readout ${readout}: losses and weights`, async () => {
        await onBoth({ ...small, readout }, ({ ours, theirs, records }) => {
          const weighted = records.map((record, i) => ({ ...record, weight: 0.5 + (i % 3) }));
          for (let i = 0; i < 3; i++) {
            const [a, b] = [ours, theirs].map((engine) => engine.trainBatch(weighted, step));
            assert.ok(relativeError(b.losses, a.losses) < tolerance, `losses of step ${i}`);
            assert.equal(b.correct, a.correct);
          }
          const weights = worstTensor(theirs.weights(), ours.weights());
          assert.ok(weights.error < afterSteps, `${weights.name}: ${weights.error}`);
        });
      });
    }
  }

  test('every window, a state that is cleared, and a temperature, in stretches of long records', async () => {
    await onBoth(small, ({ ours, theirs }) => {
      // Longer than what a prediction takes at a time, whichever of both is the longest.
      const records = noiseRecords([3000, 40, 12, 700]);
      const options = { everyWindow: true, resetEvery: 7, temperature: 2 };
      const [a, b] = [ours, theirs].map((engine) => engine.predict(records, options));
      assert.equal(b.windows.length, 4);
      a.windows.forEach((windows, i) => {
        assert.equal(b.windows[i].logits.length, windows.logits.length);
        assert.ok(relativeError(b.windows[i].logits, windows.logits) < tolerance, `logits of ${i}`);
        assert.ok(relativeError(b.windows[i].probabilities, windows.probabilities) < tolerance);
      });
      assert.ok(relativeError(b.probabilities, a.probabilities) < tolerance);
    });
  });

  for (const features of ['lstm-1', 'global-average-pool-1']) {
    test(`a loss at ${features}, beside records without, and its values in a prediction`, async () => {
      await onBoth(
        small,
        ({ ours, theirs, records }) => {
          const channels = ours.predict(records).features.length / records.length;
          const aimed = records.map((record, r) => ({
            ...record,
            weight: 1 + (r % 2),
            features:
              r % 3 > 0 ? Float32Array.from({ length: channels }, (_v, c) => Math.sin(r + c)) : undefined,
          }));
          const step = { learningRate: 0.01, weightDecay: 0.1 };
          for (let i = 0; i < 3; i++) {
            const [a, b] = [ours, theirs].map((engine) => engine.trainBatch(aimed, step));
            assert.ok(relativeError(b.losses, a.losses) < tolerance, `losses of step ${i}`);
          }
          // No record without features: what is behind their layer has no gradient, but decays.
          const only = aimed.filter((record) => record.features);
          for (const engine of [ours, theirs]) engine.trainBatch(only, step);
          const weights = worstTensor(theirs.weights(), ours.weights());
          assert.ok(weights.error < afterSteps, `${weights.name}: ${weights.error}`);
          const [a, b] = [ours, theirs].map((engine) => engine.predict(records).features);
          assert.ok(a.length > 0 && relativeError(b, a) < afterSteps);
        },
        features,
      );
    });
  }

  test('goes on from the weights and moments that the engine left, and the engine from its', async () => {
    await onBoth(small, ({ ours, theirs, records }) => {
      const step = { learningRate: 0.01 };
      ours.trainBatch(records, step);
      theirs.setWeights(ours.weights());
      theirs.setOptimizerState(ours.optimizerState());
      for (const engine of [ours, theirs]) engine.trainBatch(records, step);
      const moments = worstTensor(theirs.optimizerState().v, ours.optimizerState().v);
      assert.ok(moments.error < tolerance, `${moments.name}: ${moments.error}`);
      assert.equal(theirs.optimizerState().step, 2);
      ours.setWeights(theirs.weights());
      ours.setOptimizerState(theirs.optimizerState());
      for (const engine of [ours, theirs]) engine.trainBatch(records, step);
      const weights = worstTensor(theirs.weights(), ours.weights());
      assert.ok(weights.error < afterSteps, `${weights.name}: ${weights.error}`);
    });
  });

  test('starts with the same weights, leaves frozen layers alone, and makes no step of a NaN', async () => {
    const net = network({
      ...small,
      layers: [['conv1d', { filters: 4, kernel: 3 }, 'frozen'], ...small.layers.slice(1)],
    });
    await withEngine(net, { seed }, async (ours) => {
      const theirs = new TensorFlowEngine(net, { seed, training: true }, tensorflow);
      assert.deepEqual(theirs.weights(), ours.weights());
      const before = theirs.weights();
      const [record] = noiseRecords([40]);
      theirs.trainBatch([record], { learningRate: 0.01 });
      const after = theirs.weights();
      assert.deepEqual(after.get('conv1d-1/kernel'), before.get('conv1d-1/kernel'));
      assert.notDeepEqual(after.get('dense-1/kernel'), before.get('dense-1/kernel'));
      const wrong = { ...record, signal: record.signal.map(() => NaN) };
      assert.ok(Number.isNaN(theirs.trainBatch([wrong], { learningRate: 0.01 }).gradientNorm));
      assert.deepEqual(theirs.weights(), after);
      assert.equal(theirs.optimizerState().step, 1);
      await theirs.close();
    });
  });

  test('leaves no tensor behind', async () => {
    const before = tf.memory().numTensors;
    const { layers, window } = everyKind.find(({ name }) => name.startsWith('residual'))!;
    await onBoth({ window, hop: 4, layers }, ({ theirs, records }) => {
      const created = tf.memory().numTensors;
      theirs.trainBatch(records, { learningRate: 0.01 });
      theirs.gradients(records);
      theirs.predict(records, { everyWindow: true });
      theirs.setOptimizerState(theirs.optimizerState());
      assert.equal(tf.memory().numTensors, created);
    });
    assert.equal(tf.memory().numTensors, before);
  });
});
