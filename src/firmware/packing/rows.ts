import { gatedName } from '../../layers/emit-binding.ts';
import type { IntegerBlock } from '../../quantization/integer-network.ts';
import {
  convolvedPositions,
  foldedBytes,
  foldedLimit,
  isPacked,
  weightAt,
  whyNotFolded,
  type FoldedWeights,
  type Packed,
} from './packed-block.ts';

/** Packing of `runtime/arm/ecg_rows_packed.h`: dense and max-affine layers, the gates of recurrent ones, convolutions. */

function filled(count: number): number {
  return Math.ceil(count / 4) * 4;
}

/** [four rows][four columns][row] of bytes w0, w2, w1, w3; rows and columns filled up with zeros. */
function packMatrix(matrix: Int8Array, rows: number, columns: number): Int8Array {
  const packed: number[] = [];
  const at = (row: number, column: number) =>
    row < rows && column < columns ? matrix[row * columns + column] : 0;
  for (let row = 0; row < rows; row += 4) {
    for (let column = 0; column < columns; column += 4) {
      for (let r = row; r < row + 4; r++) for (const c of [0, 2, 1, 3]) packed.push(at(r, column + c));
    }
  }
  return Int8Array.from(packed);
}

/** Matrices one after the other, each as packMatrix packs it. */
function packMatrices(matrices: Int8Array, count: number, rows: number, columns: number): Int8Array {
  const size = rows * columns;
  const parts = Array.from({ length: count }, (_, i) => matrices.subarray(i * size, (i + 1) * size));
  return Int8Array.from(parts.flatMap((matrix) => [...packMatrix(matrix, rows, columns)]));
}

export function packRows(block: IntegerBlock): Packed {
  const { kind, inputs, output, kernel, padding, weights, recurrent } = block;
  const columns = inputs[0].channels * inputs[0].length;
  const units = output.channels;
  const common = { packing: 'rows' as const, taps: kernel, padding };
  if (kind === 'dense' && weights) {
    return {
      ...common,
      kernel: 'ecg_dense_packed',
      weights: packMatrix(weights, units, columns),
      scratchBytes: 2 * filled(columns),
    };
  }
  if (kind === 'max-affine' && weights) {
    return {
      ...common,
      kernel: 'ecg_max_affine_packed',
      weights: packMatrix(weights, units * block.poolSize, columns),
      scratchBytes: 2 * filled(columns),
    };
  }
  if ((kind !== 'gru' && kind !== 'lstm') || !weights || !recurrent) return { why: `a ${kind} has no rows` };
  if (units % 2 !== 0) return { why: `${units} units are an odd number` };
  const gates = kind === 'gru' ? 3 : 4;
  return {
    ...common,
    kernel: gatedName(`ecg_${kind}_packed`, block),
    weights: packMatrices(weights, gates, units, columns),
    recurrent: packMatrices(recurrent, gates, units, units),
    scratchBytes: block.scratchBytes + 2 * filled(columns),
  };
}

/** Rows of the input's weights two by two as `256 odd + even`, for int8 inputs: [four rows][four columns], see the header. */
export function packFoldedRows(block: IntegerBlock): Packed {
  const packed = packRows(block);
  if (!isPacked(packed)) return packed;
  const { kind, inputs, output, weights } = block;
  if ((kind !== 'gru' && kind !== 'lstm') || !weights) return { why: `a ${kind} layer has too few weights` };
  if (inputs[0].bits !== 8) return { why: '16-bit activations' };
  const { channels } = inputs[0];
  const units = output.channels;
  const ofGate = filled(units);
  const rows = (kind === 'gru' ? 3 : 4) * ofGate;
  const at = (row: number, column: number) => {
    const [gate, unit] = [Math.floor(row / ofGate), row % ofGate];
    return unit < units && column < channels ? weights[(gate * units + unit) * channels + column] : 0;
  };
  const halves: FoldedWeights[] = [];
  for (let row = 0; row < rows; row += 4) {
    for (let column = 0; column < channels; column += 4) {
      for (const even of [row, row + 2]) {
        for (let c = column; c < column + 4; c++) halves.push({ even: at(even, c), odd: at(even + 1, c) });
      }
    }
  }
  for (let row = 1; row < rows; row += 2) {
    let sum = 0;
    for (let c = 0; c < channels; c++) sum += 128 * Math.abs(at(row, c));
    if (sum >= foldedLimit) return { why: `sums of row ${row} can reach 2^23` };
  }
  const bytes = foldedBytes(halves);
  if (!bytes) return { why: whyNotFolded };
  return { ...packed, kernel: gatedName(`ecg_${kind}_folded`, block), packing: 'folded', weights: bytes };
}

/** [group][four rows]… with the columns [tap][input channel], see `runtime/arm/ecg_conv1d_rows.c`. */
export function packConvolutionRows(block: IntegerBlock): Packed {
  const { kind, inputs, output, kernel, padding, stride, groups } = block;
  if (kind !== 'conv1d') return { why: `a ${kind} is no convolution` };
  if (inputs[0].bits !== 8) return { why: '16-bit activations' };
  const inner = inputs[0].channels / groups;
  const outer = output.channels / groups;
  const channels = stride % 2 === 1 ? Math.ceil(inner / 2) * 2 : inner;
  const columns = kernel * channels;
  const canonical = Int8Array.from({ length: output.channels * columns }, (_, i) => {
    const [row, column] = [Math.floor(i / columns), i % columns];
    return weightAt(block, row, column % channels, Math.floor(column / channels));
  });
  const positions = (convolvedPositions(block) - 1) * stride + kernel;
  return {
    kernel: 'ecg_conv1d_rows',
    packing: 'rows',
    taps: kernel,
    padding,
    weights: packMatrices(canonical, groups, outer, columns),
    // The last columns may read up to three values more.
    scratchBytes: 4 * Math.floor((positions * channels + 4) / 2),
  };
}
