import { parameterless, type LayerBinding } from '../../engine/binding.ts';
import { rowFloats } from '../../engine/kernels.ts';
import type { NetworkLayer } from '../../model/network.ts';

export function channelScaleBinding(layer: NetworkLayer): LayerBinding {
  const { channels, length } = layer.shape;
  const row = rowFloats(length);
  return {
    ...parameterless,
    keepsInput: true,
    forward(kernels, run) {
      for (let n = 0; n < run.windows; n++) {
        const [x, s] = [run.x + n * run.xStride, run.x2 + n * run.x2Stride];
        kernels.scale_channels(run.y + n * run.yStride, x, s, channels, length, row);
      }
    },
    backward(kernels, run) {
      for (let n = 0; n < run.windows; n++) {
        const [x, s] = [run.x + n * run.xStride, run.x2 + n * run.x2Stride];
        const dx = run.dx === 0 ? 0 : run.dx + n * run.dxStride;
        const ds = run.dx2 === 0 ? 0 : run.dx2 + n * run.dx2Stride;
        kernels.scale_channels_backward(dx, ds, run.dy + n * run.dyStride, x, s, channels, length, row);
      }
    },
  };
}
