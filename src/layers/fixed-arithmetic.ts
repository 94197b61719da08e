import { FixedPointError, type BlockContent, type ValueFormat } from './fixed-binding.ts';
import {
  biasBits,
  channelFractions,
  finestFraction,
  formatBits,
  gridCount,
  largestMagnitude,
  quantize,
  quantizeWeights,
  storedWeightBits,
} from './fixed-point.ts';
import type { FixedPointFormat, QuantizationSpec } from '../model/network.ts';
import { activationName, slopeShift, type Activation } from './activation.ts';

/** Weight and bias formats and overflow bounds that several layer kinds share. */

const int32Limit = 2 ** 31;

/**
 * Weights of one matrix on their grids.
 *
 * @param channels of the layer's output, each of which may have a grid of its own; 1: the matrix has one
 * @returns fraction bits of each grid: one for all channels, or one for each
 */
export function weightGrid(
  values: Float32Array,
  quantization: QuantizationSpec,
  channels = 1,
): { weights: Int8Array; fractions: readonly number[] } {
  const format = quantization.weights;
  if (typeof format === 'object') {
    const { fraction } = format;
    return { weights: quantizeWeights(values, fraction, formatBits(format)), fractions: [fraction] };
  }
  const bits = storedWeightBits(format);
  const count = gridCount(format, channels);
  const size = values.length / count;
  const parts = Array.from({ length: count }, (_, i) => values.subarray(i * size, (i + 1) * size));
  const fractions = channelFractions(parts, bits);
  const weights = new Int8Array(values.length);
  parts.forEach((part, i) => weights.set(quantizeWeights(part, fractions[i], bits), i * size));
  return { weights, fractions };
}

/** A row's element of a list that has one for all channels, or one for each in equal parts. */
export function ofRow<T>(list: ArrayLike<T>, row: number, rows: number): T {
  return list[Math.floor((row * list.length) / rows)];
}

/**
 * Biases on their grid, which is never finer than the accumulator. One format for all weights: the biases have it too,
 * as in the slim paper. Other formats: 16 bits, as fine as the largest bias allows.
 *
 * @param accumulators fraction bits of the sums: one for all channels, or one for each
 */
export function biasGrid(
  values: Float32Array,
  quantization: QuantizationSpec,
  accumulators: readonly number[],
): { bias: Int8Array | Int16Array; biasBits: 8 | 16; biasShift: number } {
  const format = quantization.weights;
  const global: FixedPointFormat | undefined = typeof format === 'object' ? format : undefined;
  const bits = global ? formatBits(global) : 16;
  const accumulatorOf = (row: number): number => ofRow(accumulators, row, values.length);
  const finest = global ? global.fraction : finestFraction(values, 16);
  const shifts = Array.from(values, (r, row) => {
    const own = global || accumulators.length === 1 ? finest : finestFraction([r], 16);
    return accumulatorOf(row) - Math.min(own, accumulatorOf(row));
  });
  const biasShift = Math.max(...shifts);
  if (biasShift > 31) throw new FixedPointError(`the bias would be shifted by ${biasShift} bits`);
  const grid = Array.from(values, (r, row) => quantize(r, accumulatorOf(row) - biasShift, bits));
  const stored = biasBits(format);
  return { bias: stored === 8 ? Int8Array.from(grid) : Int16Array.from(grid), biasBits: stored, biasShift };
}

/**
 * An activation as the integer kernels have it, and the fraction bits that its accumulator gets: with a leaky ReLU's slope
 * of 2^-k, k. So the slope costs no rounding of its own.
 */
export function blockActivation(activation: Activation): {
  content: Pick<BlockContent, 'activation' | 'slopeShift'>;
  bits: number;
} {
  const name = activationName(activation);
  if (name !== 'leaky-relu') return { content: { activation: name }, bits: 0 };
  const shift = slopeShift(activation);
  if (shift === undefined) throw new FixedPointError('the slope of its leaky ReLU is no power of two');
  return { content: { activation: name, slopeShift: shift }, bits: shift };
}

/** Largest magnitude that an input value can have. */
export function inputMagnitude({ bits }: ValueFormat): number {
  return 2 ** (bits - 1);
}

/** Largest |sum of w x| of each row of a matrix [rows][columns], over all inputs of the format. */
export function rowBounds(weights: Int8Array, rows: number, input: ValueFormat): Float64Array {
  const columns = weights.length / rows;
  return Float64Array.from({ length: rows }, (_, row) => {
    let sum = 0;
    for (let i = row * columns; i < (row + 1) * columns; i++) sum += Math.abs(weights[i]);
    return sum * inputMagnitude(input);
  });
}

/** Throws where an accumulator of this magnitude, with the rounding of its shift, leaves int32. */
export function checkAccumulator(bound: number, content: BlockContent, channel: number): void {
  const shift = content.shifts[content.shifts.length === 1 ? 0 : channel];
  if (shift > 31 && content.poolMultiplier === 0)
    throw new FixedPointError(`output channel ${channel} needs a shift of ${shift} bits`);
  // A leaky ReLU multiplies by a power of two.
  const sum = bound * 2 ** (content.slopeShift ?? 0);
  let largest = sum;
  if (content.poolMultiplier === 0) largest = shift < 0 ? sum * 2 ** -shift : sum + 2 ** (shift - 1);
  if (largest >= int32Limit) {
    const steeper = content.slopeShift === undefined ? '' : ', a leaky ReLU with a steeper slope';
    throw new FixedPointError(
      `the 32-bit accumulator of output channel ${channel} can overflow: it can reach ${sum.toExponential(2)}`,
      `Choose a weight format with fewer fraction bits${steeper}, or regularise the weights.`,
    );
  }
}

/** Largest |bias| after its shift, of one row. */
export function biasMagnitude(content: BlockContent, row: number): number {
  return content.bias ? Math.abs(content.bias[row]) * 2 ** content.biasShift : 0;
}

/** Fraction of int16 logits: the finest up to 10 (Q5.10) in which the largest possible logit does not saturate. */
export function logitFraction(
  kernel: Float32Array,
  bias: Float32Array,
  units: number,
  input: ValueFormat,
): number {
  const largestInput = inputMagnitude(input) * 2 ** -input.fraction;
  const columns = kernel.length / units;
  let largest = largestMagnitude(bias);
  for (let unit = 0; unit < units; unit++) {
    let sum = Math.abs(bias[unit]);
    for (let i = 0; i < columns; i++) sum += Math.abs(kernel[unit * columns + i]) * largestInput;
    largest = Math.max(largest, sum);
  }
  let fraction = 10;
  while (fraction > -15 && largest * 2 ** fraction > 32766) fraction--;
  return fraction;
}
