import assert from 'node:assert/strict';
import { it } from 'node:test';
import { quantizeNetwork } from '../../../src/quantization/quantize.ts';
import { IntegerRuntime } from '../../../src/quantization/runtime.ts';
import { referenceLogits } from '../engine/reference.ts';
import { globalQ25 } from '../../fixtures/network.ts';
import { makeNetwork, randomWeights, randomWindows } from './networks.ts';

/**
 * Runtime and reference agree on the integers; this asks that the integers mean the real network. Float64 logits of the
 * weights before quantisation, over a record's worth of windows.
 */
for (const recurrent of ['gru', 'lstm'] as const) {
  for (const [name, quantization, tolerance] of [
    ['per-layer formats', { ...globalQ25, weights: 'per-layer' as const }, 0.1],
    ['Q2.5', globalQ25, 0.25],
    [
      'per-layer formats, 8-bit state',
      { ...globalQ25, weights: 'per-layer' as const, state: 8 as const },
      0.15,
    ],
  ] as const) {
    it(`integer logits lie within ${tolerance} of their spread of the real ones: ${recurrent}, ${name}`, async () => {
      const network = makeNetwork(
        [
          ['conv1d', { filters: 8, kernel: 5, activation: 'relu' }],
          ['average-pool', 2],
          ['conv1d', { filters: 8, kernel: 5, activation: 'relu' }],
          ['max-pool', 3],
          ['conv1d', { filters: 12, kernel: 3, padding: 'causal', activation: 'relu' }],
          ['global-average-pool'],
          [recurrent, 12],
          ['dense', 4],
        ],
        66,
        quantization,
      );
      const weights = randomWeights(network, 1, 0.8);
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
      assert.ok(spread > 0.2, `the windows' logits differ by ${spread}`);
      assert.ok(largest < tolerance * spread, `largest difference ${largest} of ${spread}`);
    });
  }
}
