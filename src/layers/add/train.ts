import { parameterless, type LayerBinding } from '../../engine/binding.ts';
import { FLOAT, tensorBytes } from '../../engine/kernels.ts';
import type { NetworkLayer } from '../../model/network.ts';
import { OutputActivation } from '../activation-train.ts';
import type { AddOptions } from './shape.ts';

export function addBinding(layer: NetworkLayer): LayerBinding {
  const activation = new OutputActivation((layer.options as AddOptions).activation, layer.shape);
  const floats = tensorBytes(layer.shape) / FLOAT;
  return {
    ...parameterless,
    savedBytes: activation.savedBytes,
    forward(kernels, run) {
      for (let n = 0; n < run.windows; n++) {
        const y = run.y + n * run.yStride;
        kernels.add(y, run.x + n * run.xStride, run.x2 + n * run.x2Stride, floats);
        activation.forward(kernels, run, n);
      }
    },
    backward(kernels, run) {
      for (let n = 0; n < run.windows; n++) {
        const dy = run.dy + n * run.dyStride;
        activation.backward(kernels, run, n);
        if (run.dx !== 0) kernels.copy(run.dx + n * run.dxStride, dy, floats);
        if (run.dx2 !== 0) kernels.copy(run.dx2 + n * run.dx2Stride, dy, floats);
      }
    },
  };
}
