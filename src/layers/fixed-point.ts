import type { FixedPointFormat, QuantizationSpec } from '../model/network.ts';

/**
 * Fixed point as the integer network uses it: a stored q means q * 2^-fraction. Rounding is to the nearest, ties toward
 * +infinity.
 */

/** q = clip(floor(r * 2^fraction + 1/2)) to a signed integer of `bits` bits. */
export function quantize(r: number, fraction: number, bits: number): number {
  return nearest(r, 2 ** fraction, 2 ** (bits - 1) - 1);
}

function nearest(r: number, scale: number, largest: number): number {
  return Math.max(-largest - 1, Math.min(largest, Math.floor(r * scale + 0.5)));
}

/** Bits of a Qm.n value with its sign: m + n + 1. */
export function formatBits({ integer, fraction }: FixedPointFormat): number {
  return integer + fraction + 1;
}

export function largestMagnitude(values: ArrayLike<number>): number {
  let largest = 0;
  for (let i = 0; i < values.length; i++) largest = Math.max(largest, Math.abs(values[i]));
  return largest;
}

/**
 * The finest power of two that holds every value in `bits` bits: the largest n up to 15 for which no value is clipped
 * at its positive end. It may be negative.
 */
export function finestFraction(values: ArrayLike<number>, bits: number): number {
  const largest = largestMagnitude(values);
  const limit = 2 ** (bits - 1) - 1;
  let fraction = 15;
  while (fraction > -15 && Math.floor(largest * 2 ** fraction + 0.5) > limit) fraction--;
  return fraction;
}

/**
 * The power of two for weights of `bits` bits. Of 8: the finest that clips none. Of fewer, where a step is wide: the one
 * with the least squared error, since a finer step for many weights is worth more than the largest few. A coarser one
 * than the finest that clips none is never better: its grid is part of that one's.
 */
export function weightFraction(values: ArrayLike<number>, bits: number): number {
  const coarsest = finestFraction(values, bits);
  if (bits >= 8) return coarsest;
  let best = { fraction: coarsest, error: Infinity };
  for (let fraction = coarsest; fraction <= 15; fraction++) {
    const error = squaredError(values, fraction, bits, best.error);
    if (error < best.error) best = { fraction, error };
  }
  return best.fraction;
}

/** Bits that a channel's grid may be finer by than the coarsest of its layer. */
const finerBits = 4;

/**
 * The power of two of each channel's weights, as `weightFraction`. None is finer than the layer's coarsest by more than
 * four bits: all biases of a layer share a shift, and those of a coarse channel are not to be rounded for the sake of one
 * whose weights hardly count.
 */
export function channelFractions(channels: readonly ArrayLike<number>[], bits: number): number[] {
  const fractions = channels.map((values) => weightFraction(values, bits));
  const finest = Math.min(...fractions) + finerBits;
  return fractions.map((fraction) => Math.min(fraction, finest));
}

/** How many grids the weights of a layer have that gives so many channels. */
export function gridCount(weights: QuantizationSpec['weights'], channels: number): number {
  return weights === 'per-channel' || weights === 4 ? channels : 1;
}

/** Of values on the grid, or some number from `enough` on: much finer grids reach it after few values. */
function squaredError(values: ArrayLike<number>, fraction: number, bits: number, enough: number): number {
  const scale = 2 ** fraction;
  const largest = 2 ** (bits - 1) - 1;
  let sum = 0;
  for (let i = 0; i < values.length && sum < enough; i++) {
    const difference = values[i] - nearest(values[i], scale, largest) / scale;
    sum += difference * difference;
  }
  return sum;
}

/** Bits that a weight takes in memory. */
export function storedWeightBits(weights: QuantizationSpec['weights']): 4 | 8 {
  if (weights === 4) return 4;
  return typeof weights === 'object' && formatBits(weights) <= 4 ? 4 : 8;
}

/** Bits that a bias takes in memory: where all weights have one format, biases have it too. */
export function biasBits(weights: QuantizationSpec['weights']): 8 | 16 {
  return typeof weights === 'object' ? 8 : 16;
}

export function quantizeWeights(values: Float32Array, fraction: number, bits: number): Int8Array {
  return Int8Array.from(values, (r) => quantize(r, fraction, bits));
}

/**
 * How an average over `size` values is divided: a power of two by the shift alone, any other size by the multiplier
 * M = floor(2^k / size + 1/2), k = 15 + floor(log2(size)), with k more bits of shift.
 */
export function averageDivisor(size: number): { multiplier: number; shift: number } {
  const log = Math.floor(Math.log2(size));
  if (2 ** log === size) return { multiplier: 0, shift: log };
  return { multiplier: Math.floor(2 ** (15 + log) / size + 0.5), shift: 15 + log };
}
