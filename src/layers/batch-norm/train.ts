import type { LayerBinding, Run } from '../../engine/binding.ts';
import { FLOAT, LINE, rowFloats, type Kernels } from '../../engine/kernels.ts';
import type { NetworkLayer } from '../../model/network.ts';
import { OutputActivation } from '../activation-train.ts';
import type { BatchNormOptions } from './shape.ts';

/** Saved a window: the activation's mask, then the window's figures (see batch-norm.c). */
export function batchNormBinding(layer: NetworkLayer): LayerBinding {
  const { momentum, epsilon, activation } = layer.options as BatchNormOptions;
  const { channels, length } = layer.shape;
  const row = rowFloats(length);
  const output = new OutputActivation(activation, layer.shape);
  const figures = output.savedBytes;
  const vector = channels * FLOAT;

  function forward(kernels: Kernels, run: Run): void {
    const [scale, offset, mean] = run.weights;
    const batch = run.statistics;
    const inverse = batch === 0 ? run.packed[0] : batch + vector;
    for (let n = 0; n < run.windows; n++) {
      const y = run.y + n * run.yStride;
      const x = run.x + n * run.xStride;
      kernels.normalise(y, x, batch === 0 ? mean : batch, inverse, scale, offset, channels, length, row);
      output.forward(kernels, run, n);
    }
  }

  function activationBackward(kernels: Kernels, run: Run): void {
    for (let n = 0; n < run.windows; n++) output.backward(kernels, run, n);
  }

  function backward(kernels: Kernels, run: Run): void {
    if (run.statistics === 0) activationBackward(kernels, run);
    if (run.dx === 0) return;
    const [scale] = run.weights;
    const add = run.addToDx ? 1 : 0;
    for (let n = 0; n < run.windows; n++) {
      const dx = run.dx + n * run.dxStride;
      const dy = run.dy + n * run.dyStride;
      if (run.statistics === 0) {
        kernels.scale_backward(dx, dy, run.packed[0], scale, channels, length, row, add);
        continue;
      }
      const x = run.x + n * run.xStride;
      const window = run.firstWindow + n;
      kernels.normalise_backward(
        dx,
        dy,
        x,
        run.statistics,
        scale,
        run.counts,
        window,
        channels,
        length,
        row,
        add,
      );
    }
  }

  return {
    keepsInput: true,
    keepsOutput: false,
    savedBytes: figures + LINE + Math.ceil((4 * vector) / LINE) * LINE,
    savesAlways: false,
    stateBytes: 0,
    scratchBytes: 0,
    addsGradient: true,
    packed: [
      {
        parameter: 3,
        floats: channels,
        pack: (kernels, to, from) => kernels.inverse_deviation(to, from, channels, epsilon),
      },
    ],
    orders: [undefined, undefined, undefined, undefined],
    forward,
    backward,
    statistics: {
      bytes: 5 * vector,
      measure(kernels, run) {
        for (let n = 0; n < run.windows; n++) {
          const to = run.saved + n * run.savedStride + figures;
          kernels.measure(
            to,
            run.x + n * run.xStride,
            run.counts,
            run.firstWindow + n,
            channels,
            length,
            row,
          );
        }
      },
      join(kernels, run) {
        const next = run.savedStride / FLOAT;
        kernels.join_measures(run.statistics, run.saved + figures, next, run.windows, channels, epsilon);
      },
      update(kernels, run) {
        const [, , mean, variance] = run.weights;
        kernels.update_statistics(mean, variance, run.statistics, channels, 1 - momentum);
      },
      measureBackward(kernels, run) {
        activationBackward(kernels, run);
        for (let n = 0; n < run.windows; n++) {
          const to = run.saved + n * run.savedStride + figures;
          const [dy, x] = [run.dy + n * run.dyStride, run.x + n * run.xStride];
          kernels.measure_backward(to, dy, x, run.statistics, channels, length, row);
        }
      },
      joinBackward(kernels, run) {
        const [dScale, dOffset] = run.gradients;
        const next = run.savedStride / FLOAT;
        const partial = run.saved + figures;
        kernels.join_backward(run.statistics, dScale, dOffset, partial, next, run.windows, channels);
      },
    },
  };
}
