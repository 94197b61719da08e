import type { LayerBinding } from '../../engine/binding.ts';
import type { NetworkLayer } from '../../model/network.ts';
import { averageBinding, poolGeometry } from '../pool-train.ts';

/** An average pool over the whole length. */
export function globalAveragePoolBinding(layer: NetworkLayer): LayerBinding {
  return averageBinding(poolGeometry(layer, layer.inputShapes[0].length));
}
