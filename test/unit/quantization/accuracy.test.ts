import assert from 'node:assert/strict';
import { it } from 'node:test';
import { quantizeNetwork } from '../../../src/quantization/quantize.ts';
import { IntegerRuntime } from '../../../src/quantization/runtime.ts';
import { referenceLogits } from '../engine/reference.ts';
import { globalQ25, type LayerEntry } from '../../fixtures/network.ts';
import { makeNetwork, randomWeights, randomWindows } from './networks.ts';

/**
 * Runtime and reference agree on the integers; this asks that the integers mean the real network. Float64 logits of the
 * weights before quantisation, over a record's worth of windows.
 */
const chain = (recurrent: string): LayerEntry[] => [
  ['conv1d', { filters: 8, kernel: 5, activation: 'relu' }],
  ['average-pool', 2],
  ['conv1d', { filters: 8, kernel: 5, activation: 'relu' }],
  ['max-pool', 3],
  ['conv1d', { filters: 12, kernel: 3, padding: 'causal', activation: 'relu' }],
  ['global-average-pool'],
  [recurrent, 12],
  ['dense', 4],
];
const residual: LayerEntry[] = [
  ['conv1d', { filters: 8, kernel: 5, stride: 2 }],
  ['batch-norm', { activation: 'relu' }],
  ['conv1d', { filters: 8, kernel: 5, groups: 8 }],
  ['conv1d', { filters: 8, kernel: 1 }],
  ['dropout', 0.5],
  ['batch-norm'],
  ['add', { activation: 'relu' }, [5, 1]],
  ['max-pool', 4],
  ['global-average-pool'],
  ['dropout', 0.5],
  ['dense', { units: 12 }],
  ['batch-norm', { activation: 'relu' }],
  ['dense', 4],
];

const squeezed: LayerEntry[] = [
  ['conv1d', { filters: 12, kernel: 5, activation: 'leaky-relu' }],
  ['batch-norm'],
  ['average-pool', 3],
  ['global-average-pool'],
  ['dense', { units: 6, activation: 'relu' }],
  ['dense', 12],
  ['channel-scale', null, [2, 5]],
  ['conv1d', { filters: 12, kernel: 3, activation: { 'leaky-relu': 0.25 } }],
  ['global-average-pool'],
  ['dense', 4],
];
const pieces: LayerEntry[] = [
  ['max-affine', { units: 24, pieces: 4 }],
  ['dense', { units: 8, activation: 'leaky-relu' }],
  ['dense', 4],
];

// Two sides of a sum, each as large as an activation may be, leave less of the format to the difference of two windows.
for (const { layersName, layers, gain, leastSpread, share } of [
  { layersName: 'gru', layers: chain('gru'), gain: 0.8, leastSpread: 0.2, share: 1 },
  { layersName: 'lstm', layers: chain('lstm'), gain: 0.8, leastSpread: 0.2, share: 1 },
  {
    layersName: 'residual, batch norm folded, depthwise',
    layers: residual,
    gain: 0.5,
    leastSpread: 0.04,
    share: 3,
  },
  {
    layersName: 'squeeze and excitation, leaky ReLU, a batch norm alone',
    layers: squeezed,
    gain: 0.8,
    leastSpread: 0.2,
    share: 2,
  },
  { layersName: 'max-affine', layers: pieces, gain: 0.5, leastSpread: 0.2, share: 1 },
]) {
  for (const [name, quantization, tolerance] of [
    ['per-layer formats', { ...globalQ25, weights: 'per-layer' as const }, 0.1],
    ['per-channel formats', { ...globalQ25, weights: 'per-channel' as const }, 0.1],
    ['Q2.5', globalQ25, 0.25],
    [
      'per-layer formats, 8-bit state',
      { ...globalQ25, weights: 'per-layer' as const, state: 8 as const },
      0.15,
    ],
  ] as const) {
    it(`integer logits lie within ${share * tolerance} of their spread of the real ones: ${layersName}, ${name}`, async () => {
      const network = makeNetwork(layers, 66, quantization);
      const weights = randomWeights(network, 1, gain);
      const integer = quantizeNetwork(network, weights);
      const windows = randomWindows(network, 20, 2);
      // Windows laid side by side: the reference cuts them out of a signal again.
      const signal = Float64Array.from(
        windows.flatMap((window) => [...window]),
        (q) => q / 32,
      );
      const real = referenceLogits(
        { ...network, input: { ...network.input, hop: network.input.window } },
        new Map([...weights].map(([key, values]) => [key, Float64Array.from(values)])),
        signal,
      );
      const runtime = await IntegerRuntime.create(integer);
      let largest = 0;
      let spread = 0;
      windows.forEach((window, w) => {
        const { logits } = runtime.runWindow(window);
        logits.forEach((q, i) => {
          largest = Math.max(largest, Math.abs(q * integer.logitScale - real[w][i]));
          spread = Math.max(spread, Math.abs(real[w][i] - real[0][i]));
        });
      });
      runtime.close();
      assert.ok(spread > leastSpread, `the windows' logits differ by ${spread}`);
      assert.ok(largest < share * tolerance * spread, `largest difference ${largest} of ${spread}`);
    });
  }
}
