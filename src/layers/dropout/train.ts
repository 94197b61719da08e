import { parameterless, type LayerBinding } from '../../engine/binding.ts';
import { FLOAT, tensorBytes } from '../../engine/kernels.ts';
import type { NetworkLayer } from '../../model/network.ts';
import { Dropout } from '../dropout-train.ts';
import type { DropoutOptions } from './shape.ts';

export function dropoutBinding(layer: NetworkLayer): LayerBinding {
  const { rate } = layer.options as DropoutOptions;
  const { channels, length } = layer.shape;
  const dropout = new Dropout(layer.index, 0, rate, channels, length);
  const floats = tensorBytes(layer.shape) / FLOAT;
  return {
    ...parameterless,
    forward(kernels, run) {
      for (let n = 0; n < run.windows; n++) {
        const [x, y] = [run.x + n * run.xStride, run.y + n * run.yStride];
        if (run.draws) dropout.apply(kernels, y, x, run.draws, run.firstWindow + n);
        else kernels.copy(y, x, floats);
      }
    },
    backward(kernels, run) {
      if (run.dx === 0 || !run.draws) return;
      for (let n = 0; n < run.windows; n++) {
        const [dx, dy] = [run.dx + n * run.dxStride, run.dy + n * run.dyStride];
        dropout.apply(kernels, dx, dy, run.draws, run.firstWindow + n);
      }
    },
  };
}
