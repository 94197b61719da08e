import type { LayerBinding } from '../../engine/binding.ts';
import { rowFloats, tensorBytes } from '../../engine/kernels.ts';
import type { NetworkLayer } from '../../model/network.ts';

export function fakeQuantiseBinding(layer: NetworkLayer): LayerBinding {
  const learned = !layer.parameters[0].statistic;
  const { channels, length } = layer.shape;
  const row = rowFloats(length);
  return {
    keepsInput: true,
    keepsOutput: false,
    savedBytes: 0,
    savesAlways: false,
    stateBytes: 0,
    scratchBytes: tensorBytes(layer.shape),
    packed: [],
    orders: [undefined],
    forward(kernels, run) {
      for (let n = 0; n < run.windows; n++) {
        const [y, x] = [run.y + n * run.yStride, run.x + n * run.xStride];
        kernels.quantise_range(y, x, run.weights[0], channels, length, row);
      }
    },
    backward(kernels, run) {
      for (let n = 0; n < run.windows; n++) {
        const dx = run.dx === 0 ? run.scratch : run.dx + n * run.dxStride;
        const [dy, x] = [run.dy + n * run.dyStride, run.x + n * run.xStride];
        kernels.quantise_range_backward(
          dx,
          dy,
          x,
          run.weights[0],
          learned ? run.gradients[0] : 0,
          channels,
          length,
          row,
        );
      }
    },
  };
}
