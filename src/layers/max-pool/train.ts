import { BindingError, type LayerBinding } from '../../engine/binding.ts';
import type { NetworkLayer } from '../../model/network.ts';
import { maximumBinding, poolGeometry } from '../pool-train.ts';
import type { PoolOptions } from '../pool.ts';

export function maxPoolBinding(layer: NetworkLayer): LayerBinding {
  const { size } = layer.options as PoolOptions;
  if (size > 256) throw new BindingError('a max-pool over more than 256 positions cannot be trained');
  return maximumBinding(poolGeometry(layer, size));
}
