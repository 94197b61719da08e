import {
  parameterName,
  parameterSize,
  type Network,
  type QuantizationSpec,
  type Weights,
} from '../../../src/model/network.ts';
import { globalQ25, networkOf, type LayerEntry } from '../../fixtures/network.ts';
import {
  networkHash,
  type BlockArray,
  type IntegerNetwork,
} from '../../../src/quantization/integer-network.ts';
import { RandomStream } from '../../../src/common/random.ts';

/** A network of these layers over windows of `window` samples at 122 Hz. */
export function makeNetwork(
  layers: readonly LayerEntry[],
  window: number,
  quantization: QuantizationSpec = globalQ25,
): Network {
  return networkOf({ layers, window, hop: Math.floor(window / 2), rate: 122, quantization });
}

/** Channels of the slim network's convolutions (Faraone et al., Table I); GRU 64, dense 4. */
export const slimChannels = [8, 16, 32, 32, 64, 64, 64, 128];

export function slimLayers(recurrent: LayerEntry = ['gru', 64]): LayerEntry[] {
  const blocks = slimChannels.flatMap((filters): LayerEntry[] => [
    ['conv1d', { filters, kernel: 5, activation: 'relu' }],
    ['average-pool', 2],
  ]);
  return [...blocks, recurrent, ['dense', 4]];
}

/**
 * Weights as after Glorot or He initialisation times `gain`, biases of a tenth, scales and variances near one: what keeps activations alive through a
 * deep network in Q2.5.
 */
export function randomWeights(network: Network, seed: number, gain = 1): Weights {
  const weights: Weights = new Map();
  for (const layer of network.layers) {
    for (const parameter of layer.parameters) {
      const stream = new RandomStream(seed, parameterName(layer, parameter));
      const fanIn = parameter.fanIn || 10;
      const center = parameter.initialiser === 'ones' ? 1 : 0;
      const deviation = gain * Math.sqrt(parameter.fanIn === 0 ? 0.01 : 2 / fanIn);
      weights.set(
        parameterName(layer, parameter),
        Float32Array.from({ length: parameterSize(parameter) }, () => center + deviation * stream.normal()),
      );
    }
  }
  return weights;
}

/** Smooth random windows that reach about ±3 in Q2.5, a few samples saturated: like scaled ECG, not like white noise. */
export function randomWindows(network: Network, count: number, seed: number): Int8Array[] {
  const stream = new RandomStream(seed, 'windows');
  return Array.from({ length: count }, () => {
    let level = 0;
    return Int8Array.from({ length: network.input.window }, () => {
      level = 0.7 * level + 30 * stream.normal();
      return Math.max(-128, Math.min(127, Math.round(level)));
    });
  });
}

/** The network with one array replaced and its hash made anew. */
export function withArray(
  network: IntegerNetwork,
  blockIndex: number,
  name: BlockArray,
  array: Int8Array,
): IntegerNetwork {
  const blocks = network.blocks.map((block, i) => (i === blockIndex ? { ...block, [name]: array } : block));
  const changed = { ...network, blocks };
  return { ...changed, hash: networkHash(changed) };
}
