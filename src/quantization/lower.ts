import type { FixedBinding } from '../layers/fixed-binding.ts';
import { fixedBindings } from '../layers/fixed.ts';
import { layerDefinitions } from '../layers/shapes.ts';
import { fusedPool, type FusedPool } from '../model/deployed.ts';
import type { Network, NetworkLayer } from '../model/network.ts';
import { UserError } from '../common/errors.ts';

/** A block to be: its layers in order, and which layers (or -1, the network's input) it reads. */
export interface LoweredBlock {
  layer: NetworkLayer;
  binding: FixedBinding<unknown>;
  pool: FusedPool | undefined;
  /** Index of the layer whose output the block's output is. */
  result: number;
}

/**
 * Layers to blocks: a convolution and the pool that fuses with it are one. Throws a UserError for a layer that cannot be deployed.
 */
export function lowerNetwork(network: Network): LoweredBlock[] {
  const blocks: LoweredBlock[] = [];
  const fused = new Set<number>();
  for (const layer of network.layers) {
    if (fused.has(layer.index)) continue;
    const binding = deployable(layer);
    const pool = fusedPool(network, layer);
    if (pool) {
      deployable(pool.layer);
      fused.add(pool.layer.index);
    }
    blocks.push({ layer, binding, pool, result: pool ? pool.layer.index : layer.index });
  }
  const last = blocks.at(-1);
  if (last === undefined) throw new UserError('a network without layers cannot be quantised');
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
  const limits = layerDefinitions.get(layer.kind)?.limits?.(layer.options);
  const limit = limits?.deployment;
  const binding = fixedBindings.get(layer.kind);
  if (limit === undefined && binding) return binding;
  throw new UserError(
    limit ?? `${layer.kind} layers have no integer form`,
    { layer: layer.name, line: layer.line },
    limits?.advice ?? 'Leave the layer out of a model that is to be deployed.',
  );
}
