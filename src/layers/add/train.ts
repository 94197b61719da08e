import { parameterless, type LayerBinding } from '../../engine/binding.ts';
import { FLOAT, rowFloats, tensorBytes } from '../../engine/kernels.ts';
import type { NetworkLayer } from '../../model/network.ts';
import { negativeSlope } from '../activation.ts';
import { maskBytes } from '../linear-train.ts';
import type { AddOptions } from './shape.ts';

export function addBinding(layer: NetworkLayer): LayerBinding {
  const slope = negativeSlope((layer.options as AddOptions).activation);
  const { channels, length } = layer.shape;
  const row = rowFloats(length);
  const floats = tensorBytes(layer.shape) / FLOAT;
  return {
    ...parameterless,
    savedBytes: slope === undefined ? 0 : maskBytes(channels, length),
    forward(kernels, run) {
      for (let n = 0; n < run.windows; n++) {
        const y = run.y + n * run.yStride;
        kernels.add(y, run.x + n * run.xStride, run.x2 + n * run.x2Stride, floats);
        if (slope === undefined) continue;
        const mask = run.saved === 0 ? 0 : run.saved + n * run.savedStride;
        kernels.activate(y, mask, slope, channels, length, row);
      }
    },
    backward(kernels, run) {
      for (let n = 0; n < run.windows; n++) {
        const dy = run.dy + n * run.dyStride;
        if (slope !== undefined) {
          const mask = run.saved + n * run.savedStride;
          kernels.activation_backward(dy, mask, 0, slope, channels, length, row);
        }
        if (run.dx !== 0) kernels.copy(run.dx + n * run.dxStride, dy, floats);
        if (run.dx2 !== 0) kernels.copy(run.dx2 + n * run.dx2Stride, dy, floats);
      }
    },
  };
}
