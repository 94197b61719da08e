import type { LayerBinding } from '../../engine/binding.ts';
import type { NetworkLayer } from '../../model/network.ts';
import { Linear, linearBackward, linearForward, maskBytes } from '../linear-train.ts';
import type { DenseOptions } from './shape.ts';

export function denseBinding(layer: NetworkLayer): LayerBinding {
  const { units, activation } = layer.options as DenseOptions;
  const relu = activation === 'relu';
  const linear = Linear.matrix(units, layer.inputShapes[0].channels);
  return {
    keepsInput: true,
    keepsOutput: false,
    savedBytes: relu ? maskBytes(units, 1) : 0,
    savesAlways: false,
    stateBytes: 0,
    scratchBytes: 0,
    packed: [linear.forwardForm(0), linear.backwardForm(0)],
    orders: [undefined, undefined],
    forward: (kernels, run) => linearForward(linear, relu, kernels, run),
    backward: (kernels, run) => linearBackward(linear, relu, kernels, run),
  };
}
