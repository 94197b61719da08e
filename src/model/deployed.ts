import type { Activation } from '../layers/activation.ts';
import { conv1d, type Conv1dOptions } from '../layers/conv1d/shape.ts';
import { dense, type DenseOptions } from '../layers/dense/shape.ts';
import { maxPool } from '../layers/max-pool/shape.ts';
import type { PoolOptions } from '../layers/pool.ts';
import { layerDefinitions } from '../layers/shapes.ts';
import { parameterSize, type Network, type NetworkLayer } from './network.ts';

/** The network as a device computes it: without what only training needs, with what only a device needs. */
export interface DeployedNetwork extends Network {
  /** Names of layers that are not trained: their kernel is 1 from a value to itself, their bias 0. */
  identities: ReadonlySet<string>;
  /** Of a layer that took up a batch norm or stands for one, by its name. */
  batchNorms: ReadonlyMap<string, NetworkLayer>;
}

/** Layers whose output can be scaled by channel in their weights. */
const scalable = ['conv1d', 'dense'];

/**
 * Dropout is left out. A batch norm becomes part of the convolution or dense layer before it, with its activation; where it
 * cannot, it becomes a convolution of one tap for each channel, which multiplies and adds. The state of a recurrent layer is
 * rounded to 8 bits for layers that do not read 16, and a network that ends otherwise gets a dense layer for its logits.
 */
export function deployedNetwork(network: Network): DeployedNetwork {
  const layers: NetworkLayer[] = [];
  const batchNorms = new Map<string, NetworkLayer>();
  const identities = new Set<string>();
  /** Where the output of each layer of the network now comes from. */
  const indices: number[] = [];
  for (const layer of network.layers) {
    const from = layer.from.map((index) => (index < 0 ? index : indices[index]));
    if (layer.kind === 'dropout') {
      indices.push(from[0]);
    } else if (layer.kind === 'batch-norm' && canFold(network, layer)) {
      const before = layers[from[0]];
      const { activation } = layer.options as { activation: Activation };
      layers[from[0]] = { ...before, options: { ...(before.options as object), activation } };
      batchNorms.set(before.name, layer);
      indices.push(from[0]);
    } else {
      const alone = layer.kind === 'batch-norm';
      if (alone) {
        batchNorms.set(layer.name, layer);
        identities.add(layer.name);
      }
      const readable = readsState(layer) ? from : from.map((index) => roundedState(layers, index));
      indices.push(layers.length);
      const deployed = alone ? oneTapConvolution(layer) : layer;
      layers.push({ ...deployed, from: readable, index: layers.length });
    }
  }
  const last = layers.at(-1);
  if (last && last.kind !== 'dense') {
    const logits = logitLayer(last);
    layers.push(logits);
    identities.add(logits.name);
  }
  const parameterCount = layers
    .flatMap((layer) => layer.parameters)
    .reduce((sum, parameter) => sum + parameterSize(parameter), 0);
  const macs = layers.reduce((sum, { cost }) => sum + cost.macs, 0);
  return { ...network, layers, parameterCount, macs, batchNorms, identities };
}

/** Whether the layer's integer form reads 16-bit states as they are. */
export function readsState({ kind }: NetworkLayer): boolean {
  return layerDefinitions.get(kind)?.readsState ?? false;
}

/** Index of a layer's values in 8 bits: behind a recurrent layer, those of a pool over one position, which is added. */
function roundedState(layers: NetworkLayer[], index: number): number {
  const source = layers[index];
  if (source?.scope !== 'sequence') return index;
  const name = `${source.name}:rounded`;
  const known = layers.find((layer) => layer.name === name);
  if (known) return known.index;
  const rounding: NetworkLayer<PoolOptions> = {
    ...source,
    ...{ name, kind: maxPool.kind, options: { size: 1, stride: 1 }, scope: maxPool.scope },
    ...{ from: [index], index: layers.length, inputShapes: [source.shape], parameters: [] },
    cost: { macs: 0, operations: 0 },
  };
  layers.push(rounding);
  return rounding.index;
}

/** A dense layer that gives the values of the last layer as logits. */
function logitLayer(last: NetworkLayer): NetworkLayer<DenseOptions> {
  const options: DenseOptions = { units: last.shape.channels, activation: 'none' };
  const inputShapes = [last.shape];
  return {
    ...last,
    ...{ name: `${last.name}:logits`, kind: dense.kind, options, scope: dense.scope },
    ...{ from: [last.index], index: last.index + 1, inputShapes },
    parameters: dense.parameters(options, inputShapes),
    cost: dense.cost(options, inputShapes, last.shape),
  };
}

function oneTapConvolution(batchNorm: NetworkLayer): NetworkLayer<Conv1dOptions> {
  const { activation } = batchNorm.options as { activation: Activation };
  const { channels } = batchNorm.shape;
  const options: Conv1dOptions = {
    filters: channels,
    kernel: 1,
    stride: 1,
    padding: 'valid',
    groups: channels,
    activation,
  };
  const { inputShapes, shape } = batchNorm;
  const parameters = conv1d.parameters(options, inputShapes);
  const cost = conv1d.cost(options, inputShapes, shape);
  return { ...batchNorm, kind: conv1d.kind, options, parameters, cost };
}

/** A layer as the device has it; undefined where it is left out or becomes part of the one before it. */
export function deployedForm(
  network: Pick<Network, 'layers'>,
  layer: NetworkLayer,
): NetworkLayer | undefined {
  if (layer.kind === 'dropout') return undefined;
  if (layer.kind !== 'batch-norm') return layer;
  return canFold(network, layer) ? undefined : oneTapConvolution(layer);
}

/** Whether a batch norm can become part of the layer before it. */
function canFold(network: Pick<Network, 'layers'>, layer: NetworkLayer): boolean {
  const source = sourceOf(network, layer.from[0]);
  const before = network.layers[source];
  if (source < 0 || !scalable.includes(before.kind)) return false;
  const { activation } = before.options as { activation: Activation };
  if (activation !== 'none') return false;
  const readers = network.layers.filter(
    (reader) => reader.kind !== 'dropout' && reader.from.some((index) => sourceOf(network, index) === source),
  );
  return readers.length === 1;
}

/** The layer whose values these are, behind any dropout; -1: the input. */
function sourceOf({ layers }: Pick<Network, 'layers'>, index: number): number {
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
