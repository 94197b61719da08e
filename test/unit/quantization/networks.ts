import type { TensorShape } from '../../../src/layers/definition.ts';
import { layerDefinitions } from '../../../src/layers/shapes.ts';
import {
  parameterName,
  parameterSize,
  type Network,
  type NetworkLayer,
  type QuantizationSpec,
  type Weights,
} from '../../../src/model/network.ts';
import {
  networkHash,
  type BlockArray,
  type IntegerNetwork,
} from '../../../src/quantization/integer-network.ts';
import { RandomStream } from '../../../src/common/random.ts';

/** `[kind, value]` or `[kind, value, from]`: what stands in a model file, without the file. */
export type LayerEntry = readonly [kind: string, value?: unknown, from?: readonly number[]];

export const globalQ25: QuantizationSpec = {
  weights: { integer: 2, fraction: 5 },
  activations: { integer: 2, fraction: 5 },
  state: 16,
};

/** A network of these layers over windows of `window` samples; four classes. */
export function makeNetwork(
  entries: readonly LayerEntry[],
  window: number,
  quantization: QuantizationSpec = globalQ25,
): Network {
  const layers: NetworkLayer[] = [];
  entries.forEach(([kind, value, from = [layers.length - 1]], index) => {
    const definition = layerDefinitions.get(kind);
    if (!definition) throw new Error(`no layer kind ${kind}`);
    const options = definition.parse(value ?? null);
    const inputShapes = from.map((i): TensorShape =>
      i < 0 ? { channels: 1, length: window } : layers[i].shape,
    );
    const shape = definition.shape(options, inputShapes);
    layers.push({
      index,
      name: `${kind}-${index}`,
      kind,
      options,
      from,
      scope: definition.scope,
      inputShapes,
      shape,
      parameters: definition.parameters(options, inputShapes),
      cost: definition.cost(options, inputShapes, shape),
      frozen: false,
      line: index + 1,
    });
  });
  return {
    name: 'test',
    input: { rate: 122, window, hop: window / 2, filter: undefined, scale: 'none' },
    classes: Array.from({ length: layers[layers.length - 1].shape.channels }, (_, i) => `C${i}`),
    layers,
    readout: 'last-state',
    training: { epochs: 1, batch: 1, learningRate: 0.001, schedule: 'constant', select: 'validation-f1' },
    distillation: { teacher: undefined, temperature: 1, hardLabels: 0 },
    quantization,
    target: {
      board: 'nrf52832',
      flash: undefined,
      ram: undefined,
      latency: undefined,
      resetEvery: undefined,
    },
    parameterCount: layers.flatMap((layer) => layer.parameters).reduce((sum, p) => sum + parameterSize(p), 0),
    macs: layers.reduce((sum, layer) => sum + layer.cost.macs, 0),
    operations: layers.reduce((sum, layer) => sum + layer.cost.operations, 0),
  };
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
 * Weights as after Glorot or He initialisation times `gain`, biases of a tenth: what keeps activations alive through a
 * deep network in Q2.5.
 */
export function randomWeights(network: Network, seed: number, gain = 1): Weights {
  const weights: Weights = new Map();
  for (const layer of network.layers) {
    for (const parameter of layer.parameters) {
      const stream = new RandomStream(seed, parameterName(layer, parameter));
      const fanIn = parameter.fanIn || 10;
      const deviation = gain * Math.sqrt(parameter.fanIn === 0 ? 0.01 : 2 / fanIn);
      weights.set(
        parameterName(layer, parameter),
        Float32Array.from({ length: parameterSize(parameter) }, () => deviation * stream.normal()),
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
