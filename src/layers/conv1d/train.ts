import type { LayerBinding } from '../../engine/binding.ts';
import type { NetworkLayer } from '../../model/network.ts';
import { Linear, linearBackward, linearForward, maskBytes } from '../linear-train.ts';
import { convolutionPadding, type Conv1dOptions } from './shape.ts';

export function conv1dBinding(layer: NetworkLayer): LayerBinding {
  const options = layer.options as Conv1dOptions;
  const [{ channels, length }] = layer.inputShapes;
  const { filters, kernel } = options;
  const relu = options.activation === 'relu';
  const { before } = convolutionPadding(options, length);
  const linear = new Linear({
    outputs: filters,
    channels,
    length: layer.shape.length,
    xLength: length,
    taps: kernel,
    before,
  });
  return {
    keepsInput: true,
    keepsOutput: false,
    savedBytes: relu ? maskBytes(filters, layer.shape.length) : 0,
    savesAlways: false,
    stateBytes: 0,
    scratchBytes: 0,
    packed: [linear.forwardForm(0), linear.backwardForm(0)],
    orders: [kernelOrder(filters, channels, kernel), undefined],
    forward: (kernels, run) => linearForward(linear, relu, kernels, run),
    backward: (kernels, run) => linearBackward(linear, relu, kernels, run),
  };
}

/** The engine keeps [filters][kernel][channels], so that gradients of neighbouring channels are one vector. */
function kernelOrder(filters: number, channels: number, kernel: number): Int32Array {
  const order = new Int32Array(filters * channels * kernel);
  let i = 0;
  for (let f = 0; f < filters; f++) {
    for (let k = 0; k < kernel; k++) {
      for (let c = 0; c < channels; c++) order[i++] = (f * channels + c) * kernel + k;
    }
  }
  return order;
}
