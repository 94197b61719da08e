import type { LayerBinding } from '../../engine/binding.ts';
import type { NetworkLayer } from '../../model/network.ts';
import { averageBinding, poolGeometry } from '../pool-train.ts';
import type { PoolOptions } from '../pool.ts';

export function averagePoolBinding(layer: NetworkLayer): LayerBinding {
  return averageBinding(poolGeometry(layer, (layer.options as PoolOptions).size));
}
