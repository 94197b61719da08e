import type { TensorShape } from '../layers/definition.ts';
import type { Network, NetworkLayer } from './network.ts';

export interface RamBound {
  bytes: number;
  stateBytes: number;
  /** Name of the layer whose input and output together are largest. */
  layer: string;
}

/**
 * Bytes of RAM below which no placement of state and activations can come: the states of all recurrent layers (int16;
 * an LSTM has two), and the input and output (int8, logits int16) that one layer needs at the same time. A convolution
 * may be fused with the pool that reads it, so of its output only what the smallest such pool leaves is counted.
 * The exact figure comes with quantisation.
 */
export function ramLowerBound(network: Pick<Network, 'layers' | 'input'>): RamBound {
  const { layers, input } = network;
  const poolsOf = new Map<number, NetworkLayer[]>();
  for (const layer of layers) {
    if (!isPool(layer)) continue;
    for (const index of layer.from) poolsOf.set(index, [...(poolsOf.get(index) ?? []), layer]);
  }
  const outputBytes = (layer: NetworkLayer): number => {
    if (layer.scope === 'sequence') return 0;
    if (layer.index === layers.length - 1) return 2 * elements(layer.shape);
    const pools = layer.kind === 'conv1d' ? (poolsOf.get(layer.index) ?? []) : [];
    return Math.min(elements(layer.shape), ...pools.map((pool) => elements(pool.shape)));
  };
  const inputBytes = (index: number): number => {
    if (index < 0) return input.window;
    return layers[index].scope === 'sequence' ? 0 : elements(layers[index].shape);
  };
  const stateBytes = layers
    .filter((layer) => layer.scope === 'sequence')
    .reduce((sum, { kind, shape }) => sum + (kind === 'lstm' ? 2 : 1) * aligned(2 * shape.channels), 0);
  let largest = { bytes: 0, layer: layers[0]?.name ?? '' };
  for (const layer of layers) {
    if (isPool(layer) && layer.from.some((index) => index >= 0 && layers[index].kind === 'conv1d')) continue;
    const inputs = [...new Set(layer.from)].reduce((sum, index) => sum + aligned(inputBytes(index)), 0);
    const bytes = inputs + aligned(outputBytes(layer));
    if (bytes > largest.bytes) largest = { bytes, layer: layer.name };
  }
  return { bytes: stateBytes + largest.bytes, stateBytes, layer: largest.layer };
}

function isPool({ kind }: NetworkLayer): boolean {
  return kind.endsWith('-pool');
}

function elements({ channels, length }: TensorShape): number {
  return channels * length;
}

/** Every tensor begins at a multiple of four bytes. */
function aligned(bytes: number): number {
  return Math.ceil(bytes / 4) * 4;
}
