import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Weights } from '../../../src/model/network.ts';
import { quantizeNetwork } from '../../../src/quantization/quantize.ts';
import { IntegerRuntime } from '../../../src/quantization/runtime.ts';
import { globalQ25, type LayerEntry } from '../../fixtures/network.ts';
import { instructionSets, noiseRecords, toFloat64, withEngine } from '../engine/helpers.ts';
import { directionalDerivative } from '../engine/tangent.ts';
import { makeNetwork, randomWeights, randomWindows } from './networks.ts';

const layers: LayerEntry[] = [
  ['conv1d', { filters: 8, kernel: 5, activation: 'relu' }],
  ['average-pool', 2],
  ['conv1d', { filters: 8, kernel: 3 }],
  ['add', { activation: { 'leaky-relu': 0.25 } }, [2, 1]],
  ['conv1d', { filters: 12, kernel: 3, stride: 2, activation: 'relu' }],
  ['max-pool', 2],
  ['global-average-pool'],
  ['max-affine', { units: 10, pieces: 3 }],
  ['dense', { units: 9, activation: 'leaky-relu' }],
  ['dense', 4],
];
const window = 64;
const fixed = makeNetwork(layers, window, { ...globalQ25, aware: true });
const aware = { ...globalQ25, aware: true, learned: true };
const learned = makeNetwork(layers, window, { ...aware, weights: 'per-layer' });
const perChannel = makeNetwork(layers, window, { ...aware, weights: 'per-channel' });
const fourBits = makeNetwork(layers, window, { ...aware, weights: 4 });
const networks = {
  'fixed ranges': fixed,
  'learned ranges': learned,
  'learned ranges, a format for each channel': perChannel,
  'learned ranges, weights of four bits': fourBits,
};

/** Biases on a grid that every accumulator has, so that float32 and integers hold the same numbers. */
function weightsOf(network: typeof fixed): Weights {
  const weights = randomWeights(network, 4, 0.8);
  for (const [name, values] of weights) {
    if (name.endsWith('/bias')) values.forEach((v, i) => (values[i] = Math.round(v * 32) / 32));
  }
  return weights;
}

describe('training that is aware of quantisation', () => {
  for (const kernels of instructionSets) {
    for (const [name, network] of Object.entries(networks)) {
      it(`computes what the device computes: ${name}, ${kernels}`, async () => {
        await withEngine(network, { kernels }, async (engine) => {
          const weights = new Map([...engine.weights(), ...weightsOf(network)]);
          const ranges = [...weights.keys()].filter((key) => key.endsWith(':output/range'));
          assert.equal(ranges.length, 8);
          // As training might leave them; the input's is not learned.
          if (network !== fixed) {
            for (const [i, key] of ranges.slice(1).entries())
              weights.get(key)![0] = [1.2, 2, 1.7, 2.4, 0.6, 1, 1.5][i];
          }
          engine.setWeights(weights);
          const integer = quantizeNetwork(network, weights);
          const runtime = await IntegerRuntime.create(integer);
          const windows = randomWindows(network, 12, 3);
          const records = windows.map((q) => ({ signal: Float32Array.from(q, (v) => v / 32) }));
          const { logits } = engine.predict(records);
          let distinct = 0;
          windows.forEach((q, r) => {
            const device = runtime.runWindow(q).logits;
            if (r > 0 && device.some((v, j) => v * integer.logitScale !== logits[j])) distinct++;
            device.forEach((v, j) => {
              const difference = Math.abs(v * integer.logitScale - logits[r * 4 + j]);
              // The device's logits are rounded to their format.
              assert.ok(difference <= 0.501 * integer.logitScale, `window ${r}, logit ${j}: ${difference}`);
            });
          });
          runtime.close();
          assert.ok(distinct >= 10);
        });
      });
    }
  }

  for (const [name, network] of Object.entries({ 'eight bits': learned, 'four bits': fourBits })) {
    it(`passes the gradient straight through, to the ranges by their formula: weights of ${name}`, async () => {
      const records = noiseRecords([window, 2 * window]);
      await withEngine(network, {}, (engine) => {
        const weights = new Map([...engine.weights(), ...weightsOf(network)]);
        engine.setWeights(weights);
        const gradients = engine.gradients(records);
        for (const [tensor, gradient] of gradients) {
          const along = Float64Array.from(gradient, (_g, i) => Math.sin(i + 1));
          const exact = directionalDerivative(
            network,
            toFloat64(weights),
            new Map([[tensor, along]]),
            records,
          );
          const ours = gradient.reduce((sum, g, i) => sum + g * along[i], 0);
          const constant = tensor === 'input:output/range';
          const size = Math.sqrt(gradient.reduce((sum, g) => sum + g * g, 0));
          assert.ok(constant ? size === 0 : size > 0, tensor);
          // A range's terms, of some 1e-3 in float32, may nearly cancel.
          if (!constant)
            assert.ok(Math.abs(ours - exact) < 1e-4 * size + 1e-9, `${tensor}: ${ours} and ${exact}`);
        }
      });
    });
  }

  it('learns ranges, and keeps one that is not to be learned', async () => {
    const records = noiseRecords([window, 2 * window, window]);
    for (const network of [fixed, learned]) {
      await withEngine(network, {}, (engine) => {
        const before = engine.weights();
        for (let i = 0; i < 5; i++) engine.trainBatch(records, { learningRate: 0.01 });
        const changed = [...engine.weights()]
          .filter(([name, values]) => name.endsWith('/range') && values[0] !== before.get(name)![0])
          .map(([name]) => name);
        const expected = [
          ...['average-pool-1', 'conv1d-2', 'add-1', 'max-pool-1', 'global-average-pool-1'],
          ...['max-affine-1', 'dense-1'],
        ];
        assert.deepEqual(changed, network === learned ? expected.map((name) => `${name}:output/range`) : []);
      });
    }
  });
});
