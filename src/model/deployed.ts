import type { Activation } from '../layers/activation.ts';
import type { PoolOptions } from '../layers/pool.ts';
import { parameterSize, type Network, type NetworkLayer } from './network.ts';

/** The network as a device computes it: without what only training needs. */
export interface DeployedNetwork extends Network {
  /** Of a layer that took up a batch norm, by its name. */
  batchNorms: ReadonlyMap<string, NetworkLayer>;
}

/** Layers whose output can be scaled by channel in their weights. */
const scalable = ['conv1d', 'dense'];

/**
 * Dropout is left out, and a batch norm becomes part of the convolution or dense layer before it, with its activation. A
 * batch norm for which `foldingProblem` says why not stays.
 */
export function deployedNetwork(network: Network): DeployedNetwork {
  const layers: NetworkLayer[] = [];
  const batchNorms = new Map<string, NetworkLayer>();
  /** Where the output of each layer of the network now comes from. */
  const indices: number[] = [];
  for (const layer of network.layers) {
    const from = layer.from.map((index) => (index < 0 ? index : indices[index]));
    if (layer.kind === 'dropout') {
      indices.push(from[0]);
    } else if (layer.kind === 'batch-norm' && foldingProblem(network, layer) === undefined) {
      const before = layers[from[0]];
      const { activation } = layer.options as { activation: Activation };
      layers[from[0]] = { ...before, options: { ...(before.options as object), activation } };
      batchNorms.set(before.name, layer);
      indices.push(from[0]);
    } else {
      indices.push(layers.length);
      layers.push({ ...layer, from, index: layers.length });
    }
  }
  const parameterCount = layers
    .flatMap((layer) => layer.parameters)
    .reduce((sum, parameter) => sum + parameterSize(parameter), 0);
  return { ...network, layers, parameterCount, batchNorms };
}

/** Why a batch norm cannot become part of the layer before it; undefined where it can. */
export function foldingProblem(network: Network, layer: NetworkLayer): string | undefined {
  const source = sourceOf(network, layer.from[0]);
  const before = network.layers[source];
  if (source < 0 || !scalable.includes(before.kind)) {
    return 'a batch norm that is not behind a convolution or a dense layer cannot be deployed';
  }
  const { activation } = before.options as { activation: Activation };
  if (activation !== 'none') {
    return `a batch norm behind the activation of \`${before.name}\` cannot be deployed`;
  }
  const readers = network.layers.filter(
    (reader) => reader.kind !== 'dropout' && reader.from.some((index) => sourceOf(network, index) === source),
  );
  if (readers.length > 1)
    return `\`${before.name}\` is read by others too, so its batch norm cannot be deployed`;
  return undefined;
}

/** The layer whose values these are, behind any dropout; -1: the input. */
function sourceOf({ layers }: Network, index: number): number {
  while (index >= 0 && layers[index].kind === 'dropout') [index] = layers[index].from;
  return index;
}

/** A pool that is computed with the convolution before it. */
export interface FusedPool {
  kind: 'average' | 'max';
  options: PoolOptions;
  layer: NetworkLayer;
}

/**
 * The pool that becomes one block with a convolution: its only reader, without overlap (stride = size; a global average
 * counts as a pool over the whole length). The sum is pooled before it is rounded.
 */
export function fusedPool(network: Network, layer: NetworkLayer): FusedPool | undefined {
  if (layer.kind !== 'conv1d') return undefined;
  const readers = network.layers.filter((reader) => reader.from.includes(layer.index));
  if (readers.length !== 1) return undefined;
  const [reader] = readers;
  if (reader.kind === 'global-average-pool') {
    const { length } = layer.shape;
    return { kind: 'average', options: { size: length, stride: length }, layer: reader };
  }
  if (reader.kind !== 'average-pool' && reader.kind !== 'max-pool') return undefined;
  const options = reader.options as PoolOptions;
  if (options.size !== options.stride) return undefined;
  return { kind: reader.kind === 'max-pool' ? 'max' : 'average', options, layer: reader };
}
