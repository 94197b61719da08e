import type { FixedBinding } from '../layers/fixed-binding.ts';
import { fixedBindings } from '../layers/fixed.ts';
import { layerDefinitions } from '../layers/shapes.ts';
import type { PoolOptions } from '../layers/pool.ts';
import type { Network, NetworkLayer } from '../model/network.ts';
import { UserError } from '../common/errors.ts';

/** A block to be: its layers in order, and which layers (or -1, the network's input) it reads. */
export interface LoweredBlock {
  layer: NetworkLayer;
  binding: FixedBinding<unknown>;
  pool: { kind: 'average' | 'max'; options: PoolOptions; layer: NetworkLayer } | undefined;
  /** Index of the layer whose output the block's output is. */
  result: number;
}

/**
 * Layers to blocks. A convolution and the pool that reads it become one block where the pool is its only reader and
 * does not overlap (stride = size; a global average counts as a pool over the whole length): then the sum is pooled
 * before it is rounded. Throws a UserError for a layer that cannot be deployed.
 */
export function lowerNetwork(network: Network): LoweredBlock[] {
  const blocks: LoweredBlock[] = [];
  const fused = new Set<number>();
  for (const layer of network.layers) {
    if (fused.has(layer.index)) continue;
    const binding = deployable(layer);
    const pool = layer.kind === 'conv1d' ? poolToFuse(network, layer) : undefined;
    if (pool) {
      deployable(pool.layer);
      fused.add(pool.layer.index);
    }
    blocks.push({ layer, binding, pool, result: pool ? pool.layer.index : layer.index });
  }
  const last = blocks.at(-1);
  if (last === undefined) throw new UserError('a network without layers cannot be quantised');
  if (last.layer.kind !== 'dense') {
    throw new UserError(
      `the last layer must be a dense layer, but it is a ${last.layer.kind}`,
      { layer: last.layer.name },
      'The integer network gives its logits from a dense layer.',
    );
  }
  if (last.layer.shape.channels !== network.classes.length) {
    throw new UserError(
      `the last layer gives ${last.layer.shape.channels} logits for ${network.classes.length} classes`,
      { layer: last.layer.name },
    );
  }
  return blocks;
}

/** The layer's binding; refuses by name what cannot be deployed. */
function deployable(layer: NetworkLayer): FixedBinding<unknown> {
  const limit = layerDefinitions.get(layer.kind)?.limits?.(layer.options).deployment;
  const binding = fixedBindings.get(layer.kind);
  if (limit === undefined && binding) return binding;
  throw new UserError(
    limit ?? `${layer.kind} layers have no integer form`,
    { layer: layer.name, line: layer.line },
    'Leave the layer out of a model that is to be deployed.',
  );
}

function poolToFuse(network: Network, layer: NetworkLayer): LoweredBlock['pool'] {
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
