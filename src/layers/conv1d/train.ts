import type { LayerBinding } from '../../engine/binding.ts';
import { FLOAT, rowFloats } from '../../engine/kernels.ts';
import type { NetworkLayer } from '../../model/network.ts';
import { kernelOrder, Linear, linearBinding, linearParts, type LinearParts } from '../linear-train.ts';
import { convolutionPadding, type Conv1dOptions } from './shape.ts';

/** Sizes of a convolution, of one group of it where there are groups. */
interface Geometry {
  filters: number;
  channels: number;
  groups: number;
  taps: number;
  stride: number;
  before: number;
  length: number;
  xLength: number;
}

export function conv1dBinding(layer: NetworkLayer): LayerBinding {
  const options = layer.options as Conv1dOptions;
  const [{ channels, length: xLength }] = layer.inputShapes;
  const { filters, groups, kernel: taps, stride, activation } = options;
  const { before } = convolutionPadding(options, xLength);
  const { length } = layer.shape;
  const group = { filters: filters / groups, channels: channels / groups };
  const geometry: Geometry = { ...group, groups, taps, stride, before, length, xLength };
  if (groups > 1 && group.channels === 1) {
    return linearBinding(layer, depthwiseParts(geometry), activation, undefined);
  }
  if (groups === 1 && stride === 1) {
    const shape = { outputs: filters, channels, length, xLength, taps, before };
    // Winograd's sums are not exact where the direct ones are: on the grid of a device.
    const linear = options.exact ? new Linear(shape) : Linear.convolution(shape);
    return linearBinding(layer, linearParts(linear), activation, kernelOrder(filters, channels, taps));
  }
  const paddedTaps = Math.ceil(taps / stride) * stride;
  const order = kernelOrder(filters, group.channels, taps, paddedTaps);
  return linearBinding(layer, groupedParts(geometry, paddedTaps), activation, order);
}

/**
 * Group by group; a stride s becomes s times the channels and a fraction of the taps (see stride.c). Weights
 * [filters][taps][channels] are in memory what [filters][taps / s][s * channels] is.
 */
function groupedParts(geometry: Geometry, paddedTaps: number): LinearParts {
  const { filters, channels, groups, taps, stride, before, length, xLength } = geometry;
  const folds = stride > 1;
  const foldedTaps = paddedTaps / stride;
  const foldedLength = folds ? length + foldedTaps - 1 : xLength;
  const linear = new Linear({
    outputs: filters,
    channels: stride * channels,
    length,
    xLength: foldedLength,
    taps: foldedTaps,
    before: folds ? 0 : before,
  });
  const [row, xRow, foldedRow] = [rowFloats(length), rowFloats(xLength), rowFloats(foldedLength)];
  const groupColumns = paddedTaps * channels;
  const xGroup = channels * xRow * FLOAT;
  const yGroup = filters * row * FLOAT;
  const each = (use: (g: number) => void): void => {
    for (let g = 0; g < groups; g++) use(g);
  };
  return {
    packed: Array.from({ length: groups }, (_g, g) => [
      linear.forwardForm(0, g * filters),
      linear.backwardForm(0, g * filters),
    ]).flat(),
    scratchBytes: folds ? stride * channels * foldedRow * FLOAT : 0,
    addsGradient: false,
    fusesRelu: true,
    forward: (kernels, run, y, x, mask, relu) =>
      each((g) => {
        let from = x + g * xGroup;
        if (folds) {
          const to = run.scratch;
          kernels.space_to_depth(to, from, channels, stride, before, xLength, foldedLength, foldedRow, xRow);
          from = to;
        }
        const bias = run.weights[1] + g * filters * FLOAT;
        const groupMask = mask === 0 ? 0 : mask + g * filters * length * 2;
        linear.forward(kernels, y + g * yGroup, from, run.packed[2 * g], bias, groupMask, relu);
      }),
    gradient(kernels, run) {
      const { dyStride, windows, xStride } = run;
      each((g) => {
        const gradient = run.gradients[0] + g * filters * groupColumns * FLOAT;
        const dy = run.dy + g * yGroup;
        const x = run.x + g * xGroup;
        if (!folds) {
          linear.gradient(kernels, gradient, dy, dyStride, x, xStride, windows);
          return;
        }
        for (let n = 0; n < windows; n++) {
          const [to, from] = [run.scratch, x + n * xStride];
          kernels.space_to_depth(to, from, channels, stride, before, xLength, foldedLength, foldedRow, xRow);
          linear.gradient(kernels, gradient, dy + n * dyStride, 0, to, 0, 1);
        }
      });
      if (paddedTaps > taps) {
        kernels.clear_columns(run.gradients[0], groups * filters, groupColumns, taps * channels);
      }
    },
    backward: (kernels, run, dx, dy) =>
      each((g) => {
        const to = dx + g * xGroup;
        linear.backward(kernels, folds ? run.scratch : to, dy + g * yGroup, run.packed[2 * g + 1]);
        if (!folds) return;
        const from = run.scratch;
        kernels.depth_to_space(to, from, channels, stride, before, xLength, foldedLength, foldedRow, xRow);
      }),
  };
}

function depthwiseParts(geometry: Geometry): LinearParts {
  const { filters: multiplier, groups, taps, stride, before, length, xLength } = geometry;
  const outputs = groups * multiplier;
  const [row, xRow] = [rowFloats(length), rowFloats(xLength)];
  const shape = [outputs, multiplier, length, xLength, taps, before, stride, row, xRow] as const;
  return {
    packed: [],
    scratchBytes: 0,
    addsGradient: false,
    fusesRelu: false,
    forward: (kernels, run, y, x) => kernels.depthwise(y, x, run.weights[0], run.weights[1], ...shape),
    gradient(kernels, run) {
      for (let n = 0; n < run.windows; n++) {
        const [dy, x] = [run.dy + n * run.dyStride, run.x + n * run.xStride];
        kernels.depthwise_gradient(run.gradients[0], dy, x, ...shape);
      }
    },
    backward: (kernels, run, dx, dy) => kernels.depthwise_backward(dx, dy, run.weights[0], ...shape),
  };
}
