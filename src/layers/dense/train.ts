import type { LayerBinding } from '../../engine/binding.ts';
import type { NetworkLayer } from '../../model/network.ts';
import { Linear, linearBinding, linearParts } from '../linear-train.ts';
import type { DenseOptions } from './shape.ts';

export function denseBinding(layer: NetworkLayer): LayerBinding {
  const { units, activation } = layer.options as DenseOptions;
  const parts = linearParts(Linear.matrix(units, layer.inputShapes[0].channels));
  return linearBinding(layer, parts, activation, undefined);
}
