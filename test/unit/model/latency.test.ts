import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { chooseKernels } from '../../../src/firmware/kernel-choice.ts';
import { estimateLatency } from '../../../src/model/latency.ts';
import { quantizeNetwork } from '../../../src/quantization/quantize.ts';
import { globalQ25, type LayerEntry } from '../../fixtures/network.ts';
import { makeNetwork, randomWeights, slimLayers } from '../quantization/networks.ts';

const strided: LayerEntry[] = [
  ['conv1d', { filters: 16, kernel: 7, stride: 2, activation: 'relu' }],
  ['conv1d', { filters: 32, kernel: 5, stride: 2, activation: 'relu' }],
  ['conv1d', { filters: 32, kernel: 3, groups: 4, activation: 'relu' }],
  ['global-average-pool'],
  ['lstm', 32],
  ['dense', 4],
];
const depthwise: LayerEntry[] = [
  ['conv1d', { filters: 16, kernel: 5, activation: 'relu' }],
  ['average-pool', 2],
  ['conv1d', { filters: 16, kernel: 5, groups: 16 }],
  ['conv1d', { filters: 32, kernel: 1, activation: 'relu' }],
  ['average-pool', 2],
  ['conv1d', { filters: 32, kernel: 5, groups: 32 }],
  ['conv1d', { filters: 64, kernel: 1, activation: 'relu' }],
  ['global-average-pool'],
  ['gru', 32],
  ['dense', 4],
];
const pieces: LayerEntry[] = [
  ['max-affine', { units: 64, pieces: 4 }],
  ['dense', 4],
];

describe('the time of a window, estimated before there are weights', () => {
  for (const [name, layers, weights, most] of [
    ['slim', slimLayers(), globalQ25.weights, 1.1],
    ['slim with weights of four bits', slimLayers(), 4, 1.25],
    ['strides and groups', strided, globalQ25.weights, 1.35],
    ['depthwise', depthwise, globalQ25.weights, 1.35],
    ['max-affine', pieces, globalQ25.weights, 1.35],
  ] as const) {
    it(`is within a factor of ${most} of the model of the kernels' costs: ${name}`, () => {
      const network = makeNetwork(layers, 256, { ...globalQ25, weights });
      const integer = quantizeNetwork(network, randomWeights(network, 1));
      const chosen = chooseKernels(integer, 'balanced').reduce(
        (sum, { instructions }) => sum + instructions,
        0,
      );
      const ratio = estimateLatency(network).instructions / chosen;
      assert.ok(
        ratio > 1 / most && ratio < most,
        `${ratio.toFixed(2)} of ${Math.round(chosen)} instructions`,
      );
    });
  }

  it('tells its terms', () => {
    const { milliseconds, instructions, terms } = estimateLatency(makeNetwork(slimLayers(), 256));
    assert.equal(milliseconds, (instructions * 1.5) / 64e3);
    assert.match(terms, /^about 8\d\d,000 instructions by layers and their outputs × 1\.5 cycles at 64 MHz$/);
  });
});
