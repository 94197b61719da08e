import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { LayerEntry } from '../../fixtures/network.ts';
import {
  instructionSets,
  mixedLengths,
  noiseRecords,
  shakenWeights,
  toFloat64,
  withEngine,
} from './helpers.ts';
import { network } from './networks.ts';
import { referenceBatch } from './reference.ts';
import { directionalDerivative } from './tangent.ts';

/** Features in the tail, read by two layers; in the front; and behind the last trained layer. */
const networks: { layers: LayerEntry[]; features: string }[] = [
  {
    features: 'gru-1',
    layers: [
      ['conv1d', { filters: 5, kernel: 3, activation: 'relu' }],
      ['global-average-pool', null],
      ['gru', 6],
      ['dense', 6],
      ['add', null, [3, 2]],
      ['dense', 4],
    ],
  },
  {
    features: 'max-affine-1',
    layers: [
      ['max-affine', { units: 7, pieces: 3 }],
      ['dense', { units: 5, activation: 'relu' }],
      ['dense', 4],
    ],
  },
  {
    features: 'lstm-1',
    layers: [
      ['conv1d', { filters: 5, kernel: 3 }],
      ['global-average-pool', null],
      ['lstm', 4],
      ['dense', 4, 'frozen'],
    ],
  },
];

describe('engine: loss at a layer', () => {
  for (const { layers, features } of networks) {
    const net = network({ window: 12, hop: 5, layers });
    const index = net.layers.findIndex(({ name }) => name === features);
    const { channels } = net.layers[index].shape;
    const records = noiseRecords(mixedLengths).map((record, r) => ({
      ...record,
      features: Float32Array.from({ length: channels }, (_v, c) => Math.sin(r + 3 * c)),
    }));
    const targets = records.map((record) => record.features);

    for (const kernels of instructionSets) {
      test(`gradients equal exact derivatives: ${features}, ${kernels}`, async () => {
        await withEngine(net, { kernels, features, threads: 2 }, (engine) => {
          const weights = shakenWeights(engine);
          engine.setWeights(weights);
          const gradients = engine.gradients(records);
          for (const [tensor, gradient] of gradients) {
            const along = Float64Array.from(gradient, (_g, i) => Math.sin(2 * i + 1));
            const direction = new Map([[tensor, along]]);
            const exact = directionalDerivative(net, toFloat64(weights), direction, records, {
              layer: features,
              targets,
            });
            const ours = gradient.reduce((sum, g, i) => sum + g * along[i], 0);
            // Only layers up to the features learn from them.
            const layer = net.layers.find(({ name }) => tensor.startsWith(`${name}/`))!;
            const size = Math.sqrt(gradient.reduce((sum, g) => sum + g * g, 0));
            assert.equal(size > 0, layer.index <= index, tensor);
            if (size > 0) assert.ok(Math.abs(ours - exact) < 1e-5 * size, `${tensor}: ${ours} and ${exact}`);
          }
          const { loss } = engine.trainBatch(records, { learningRate: 0 });
          const [values] = [engine.predict(records).features];
          let expected = 0;
          records.forEach((_record, r) =>
            targets[r].forEach((t, c) => (expected += (values[r * channels + c] - t) ** 2 / channels)),
          );
          assert.ok(Math.abs(loss / expected - 1) < 1e-5, `${loss} and ${expected}`);
        });
      });
    }

    test(`a prediction gives out the layer's values at the last window: ${features}`, async () => {
      await withEngine(net, { features, training: false }, (engine) => {
        const weights = shakenWeights(engine);
        engine.setWeights(weights);
        const { features: values, logits } = engine.predict(records);
        // The network up to the layer, whose values are its logits.
        const upTo = { ...net, layers: net.layers.slice(0, index + 1) };
        const signals = records.map(({ signal }) => signal);
        referenceBatch(upTo, toFloat64(weights), signals).forEach((windows, r) =>
          windows.at(-1)!.forEach((v, c) => {
            assert.ok(Math.abs(values[r * channels + c] - v) < 1e-5, `record ${r}, channel ${c}`);
          }),
        );
        assert.equal(logits.length, records.length * 4);
      });
    });

    test(`records without features have the loss of their labels: ${features}`, async () => {
      const plain = records.map(({ features: _features, ...record }) => record);
      const without = await withEngine(net, {}, (engine) => engine.gradients(plain));
      await withEngine(net, { features }, (engine) => assert.deepEqual(engine.gradients(plain), without));
    });
  }
});
