import { BindingError, type LayerBinding, type Run } from '../../engine/binding.ts';
import { LANES, LINE, type Kernels } from '../../engine/kernels.ts';
import type { NetworkLayer } from '../../model/network.ts';
import { kernelOrder, Linear } from '../linear-train.ts';
import type { MaxAffineOptions } from './shape.ts';

/** Saved a window: which piece was the largest. The pieces are a pool's positions: [units][pieces][16]. */
export function maxAffineBinding(layer: NetworkLayer): LayerBinding {
  const { units, pieces } = layer.options as MaxAffineOptions;
  if (units * pieces > 65536)
    throw new BindingError('a max-affine layer has at most 65,536 affine functions');
  const [{ channels, length }] = layer.inputShapes;
  const rows = units * pieces;
  const shape = { outputs: rows, channels, length: 1, xLength: length, taps: length, before: 0 };
  const linear = new Linear(shape);
  const row = pieces * LANES;
  const valueBytes = rows * LINE;

  /** Gradient of the affine functions' values into the scratch. */
  function valueGradient(kernels: Kernels, run: Run, n: number): number {
    const index = run.saved + n * run.savedStride;
    const dy = run.dy + n * run.dyStride;
    kernels.max_pool_backward(run.scratch, dy, index, units, 1, pieces, pieces, row, LANES);
    return run.scratch;
  }

  return {
    keepsInput: true,
    keepsOutput: false,
    savedBytes: Math.ceil((units * LANES) / LINE) * LINE,
    savesAlways: false,
    stateBytes: 0,
    scratchBytes: valueBytes,
    packed: [linear.forwardForm(0), linear.backwardForm(0)],
    orders: [kernelOrder(rows, channels, length), undefined],
    forward(kernels, run) {
      for (let n = 0; n < run.windows; n++) {
        const index = run.saved === 0 ? 0 : run.saved + n * run.savedStride;
        linear.forward(kernels, run.scratch, run.x + n * run.xStride, run.packed[0], run.weights[1]);
        kernels.max_pool(run.y + n * run.yStride, index, run.scratch, units, 1, pieces, LANES, row);
      }
    },
    backward(kernels, run) {
      for (let n = 0; n < run.windows; n++) {
        const values = valueGradient(kernels, run, n);
        linear.biasGradient(kernels, values, run.gradients[1]);
        if (run.gradients[0] !== 0) {
          linear.gradient(kernels, run.gradients[0], values, 0, run.x + n * run.xStride, 0, 1);
        }
        if (run.dx !== 0) linear.backward(kernels, run.dx + n * run.dxStride, values, run.packed[1]);
      }
    },
  };
}
