import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { constantBytes, deviceNetwork } from '../../../src/firmware/device-network.ts';
import { chooseKernels } from '../../../src/firmware/kernel-choice.ts';
import { flashLowerBound, parameterBytes } from '../../../src/model/budget.ts';
import { quantizeNetwork } from '../../../src/quantization/quantize.ts';
import { globalQ25, type LayerEntry } from '../../fixtures/network.ts';
import { makeNetwork, randomWeights, slimLayers } from '../quantization/networks.ts';

/** Few positions behind convolutions of many taps, with pools that leave a tail. */
const short: LayerEntry[] = [
  ['conv1d', { filters: 8, kernel: 9, activation: 'relu' }],
  ['max-pool', 4],
  ['conv1d', { filters: 8, kernel: 5, padding: 'causal' }],
  ['average-pool', 2],
  ['conv1d', { filters: 12, kernel: 7, stride: 2 }],
  ['conv1d', { filters: 12, kernel: 7 }],
  ['global-average-pool'],
  ['dense', 4],
];

describe('the least flash of a network', () => {
  it('is below the constants of its firmware, whatever the kernels, and for slim below its parameters', () => {
    for (const [layers, window] of [
      [slimLayers(), 256],
      [short, 23],
      [short, 13],
    ] as const) {
      for (const weights of [globalQ25.weights, 'per-channel', 4] as const) {
        const network = makeNetwork(layers, window, { ...globalQ25, weights });
        const integer = quantizeNetwork(network, randomWeights(network, 1));
        const least = flashLowerBound(network);
        for (const target of ['speed', 'balanced', 'flash', 'portable'] as const) {
          const kernels = chooseKernels(integer, target).map(({ kernel }) => kernel);
          const { blocks } = deviceNetwork(integer, kernels);
          const bytes = blocks.reduce((sum, block) => sum + constantBytes(block), 0);
          assert.ok(least <= bytes, `${window} samples, ${target}: ${least} of ${bytes}`);
        }
      }
    }
    const slim = makeNetwork(slimLayers(), 256);
    assert.equal(parameterBytes(slim) - flashLowerBound(slim), 2 * 64 * 128);
  });
});
