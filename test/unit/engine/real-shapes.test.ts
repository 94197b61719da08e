import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { RandomStream } from '../../../src/common/random.ts';
import type { Weights } from '../../../src/model/network.ts';
import type { LayerEntry } from '../../fixtures/network.ts';
import { instructionSets, isStatistic, noiseRecords, toFloat64, withEngine } from './helpers.ts';
import { baseline, network, slim, teacher } from './networks.ts';
import { directionalDerivative } from './tangent.ts';

/** Blocks of a 34-layer residual network (Hannun et al. 2019), at the widths where one lies behind the other. */
const residualBlocks: LayerEntry[] = [
  ['conv1d', { filters: 64, kernel: 16 }],
  ['batch-norm', { activation: 'relu' }],
  ['conv1d', { filters: 64, kernel: 16, stride: 2 }],
  ['batch-norm', { activation: 'relu' }],
  ['conv1d', { filters: 64, kernel: 16 }],
  ['max-pool', 2, [1]],
  ['add', null, [4, 5]],
  ['batch-norm', { activation: 'leaky-relu' }],
  ['conv1d', { filters: 128, kernel: 16, stride: 4 }],
  ['batch-norm', { activation: 'relu' }],
  ['conv1d', { filters: 128, kernel: 5, groups: 128 }],
  ['conv1d', { filters: 128, kernel: 1 }],
  ['conv1d', { filters: 128, kernel: 1, stride: 4 }, [7]],
  ['add', { activation: 'relu' }, [11, 12]],
  ['global-average-pool', null],
  ['dense', { units: 64, activation: 'leaky-relu' }],
  ['dense', 4],
];

const networks = {
  slim,
  baseline,
  teacher,
  'batch norm': network({
    window: 128,
    hop: 64,
    layers: [
      ['conv1d', { filters: 64, kernel: 16 }],
      ['batch-norm', { activation: 'relu' }],
      ['global-average-pool', null],
      ['dense', 4],
    ],
  }),
  'strided, depthwise and pointwise convolutions': network({
    window: 512,
    hop: 256,
    layers: [
      ['conv1d', { filters: 64, kernel: 16, stride: 4, activation: 'leaky-relu' }],
      ['conv1d', { filters: 64, kernel: 5, groups: 64, activation: 'relu' }],
      ['conv1d', { filters: 128, kernel: 1, activation: 'relu' }],
      ['max-pool', 2],
      ['global-average-pool', null],
      ['dense', 4],
    ],
  }),
  'residual blocks': network({ window: 128, hop: 64, layers: residualBlocks }),
  'squeeze and excitation': network({
    window: 128,
    hop: 64,
    layers: [
      ['conv1d', { filters: 64, kernel: 5, activation: 'relu' }],
      ['conv1d', { filters: 64, kernel: 5 }],
      ['global-average-pool', null],
      ['dense', { units: 16, activation: 'relu' }],
      ['dense', 64],
      ['channel-scale', null, [1, 4]],
      ['add', { activation: 'relu' }, [5, 0]],
      ['global-average-pool', null],
      ['dense', 4],
    ],
  }),
  'max-affine': network({
    window: 256,
    hop: 128,
    layers: [
      ['max-affine', { units: 32, pieces: 8 }],
      ['max-affine', { units: 128, pieces: 4 }],
      ['dense', 4],
    ],
  }),
};

const directions = 3;

function norm(values: Float32Array): number {
  return Math.sqrt(values.reduce((sum, v) => sum + v * v, 0));
}

/**
 * Without a bias, zeros at a record's end are summed to the very zero where a ReLU has no derivative. Winograd's sums of
 * them are only nearly zero.
 */
function awayFromKinks(weights: Weights): Weights {
  for (const [tensor, values] of weights) {
    if (!/^conv1d.*bias$/.test(tensor)) continue;
    const random = new RandomStream(7, 'bias', tensor);
    for (let i = 0; i < values.length; i++) values[i] = 0.1 * random.normal();
  }
  return weights;
}

describe('engine: gradients at real shapes against exact float64 derivatives', () => {
  for (const [name, net] of Object.entries(networks)) {
    // A record longer than its neighbour, one shorter than a window.
    const { window, hop } = net.input;
    const records = noiseRecords([window + 2 * hop, window + hop, window - 40]);

    // Along normal directions the error of the projection is, in the mean, the Euclidean norm of the gradient's error.
    test(`relative error of each tensor's gradient: ${name}`, async (t) => {
      // Rounding adds up behind each other: the first batch norm here has eight layers behind it. Other draws give up to
      // 1.5e-6 in baseline and teacher, by direct convolution as by Winograd's.
      const tolerance = name === 'residual blocks' ? 2e-6 : 1e-6;
      const exact = new Map<string, number[]>();
      let worst = 0;
      for (const kernels of instructionSets) {
        await withEngine(net, { kernels }, (engine) => {
          const weights = awayFromKinks(engine.weights());
          engine.setWeights(weights);
          const float64 = toFloat64(weights);
          const gradients = engine.gradients(records);
          const sizes = [...gradients.values()].map((g) => norm(g));
          const largest = Math.max(...sizes);
          for (const [tensor, gradient] of gradients) {
            const size = norm(gradient);
            // A bias before a batch norm has no influence.
            if (isStatistic(net, tensor) || size < 1e-6 * largest) continue;
            const along = Array.from({ length: directions }, (_v, i) => {
              const random = new RandomStream(7, 'direction', tensor, i);
              return Float64Array.from(gradient, () => random.normal());
            });
            let reference = exact.get(tensor);
            if (!reference) {
              reference = along.map((v) =>
                directionalDerivative(net, float64, new Map([[tensor, v]]), records),
              );
              exact.set(tensor, reference);
            }
            const square = along
              .map((v, i) => gradient.reduce((sum, g, k) => sum + g * v[k], 0) - reference[i])
              .reduce((sum, error) => sum + error ** 2 / directions, 0);
            const error = Math.sqrt(square) / size;
            worst = Math.max(worst, error);
            assert.ok(error < tolerance, `${tensor}, ${kernels}: ${error}`);
          }
        });
      }
      t.diagnostic(`largest error: ${worst.toExponential(1)}`);
      assert.ok(exact.size >= net.layers.filter(({ parameters }) => parameters.length > 0).length);
    });
  }
});
