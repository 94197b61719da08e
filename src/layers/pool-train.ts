import { parameterless, type LayerBinding, type Run } from '../engine/binding.ts';
import { LINE, rowFloats, type Kernels } from '../engine/kernels.ts';
import type { NetworkLayer } from '../model/network.ts';

/** Geometry of a pool with stride = size. */
export interface PoolGeometry {
  channels: number;
  length: number;
  size: number;
  yRow: number;
  xLength: number;
  xRow: number;
}

export function poolGeometry(layer: NetworkLayer, size: number): PoolGeometry {
  const [input] = layer.inputShapes;
  return {
    channels: input.channels,
    length: layer.shape.length,
    size,
    yRow: rowFloats(layer.shape.length),
    xLength: input.length,
    xRow: rowFloats(input.length),
  };
}

export function averageBinding(pool: PoolGeometry): LayerBinding {
  const { channels, length, size, yRow, xLength, xRow } = pool;
  return {
    ...parameterless,
    forward(kernels: Kernels, run: Run) {
      for (let n = 0; n < run.windows; n++) {
        const y = run.y + n * run.yStride;
        kernels.average_pool(y, run.x + n * run.xStride, channels, length, size, yRow, xRow);
      }
    },
    backward(kernels: Kernels, run: Run) {
      if (run.dx === 0) return;
      for (let n = 0; n < run.windows; n++) {
        const dx = run.dx + n * run.dxStride;
        const dy = run.dy + n * run.dyStride;
        kernels.average_pool_backward(dx, dy, channels, length, size, xLength, xRow, yRow);
      }
    },
  };
}

/** Keeps, one byte a value, which position was the largest. */
export function maximumBinding(pool: PoolGeometry): LayerBinding {
  const { channels, length, size, yRow, xLength, xRow } = pool;
  const indexBytes = channels * length * 16;
  return {
    ...parameterless,
    savedBytes: Math.ceil(indexBytes / LINE) * LINE,
    forward(kernels: Kernels, run: Run) {
      for (let n = 0; n < run.windows; n++) {
        const index = run.saved === 0 ? 0 : run.saved + n * run.savedStride;
        const y = run.y + n * run.yStride;
        kernels.max_pool(y, index, run.x + n * run.xStride, channels, length, size, yRow, xRow);
      }
    },
    backward(kernels: Kernels, run: Run) {
      if (run.dx === 0) return;
      for (let n = 0; n < run.windows; n++) {
        const dx = run.dx + n * run.dxStride;
        const dy = run.dy + n * run.dyStride;
        const index = run.saved + n * run.savedStride;
        kernels.max_pool_backward(dx, dy, index, channels, length, size, xLength, xRow, yRow);
      }
    },
  };
}
