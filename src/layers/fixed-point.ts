import type { FixedPointFormat } from '../model/network.ts';

/**
 * Fixed point as the integer network uses it: a stored q means q * 2^-fraction. Rounding is to the nearest, ties toward
 * +infinity.
 */

/** q = clip(floor(r * 2^fraction + 1/2)) to a signed integer of `bits` bits. */
export function quantize(r: number, fraction: number, bits: number): number {
  const largest = 2 ** (bits - 1) - 1;
  return Math.max(-largest - 1, Math.min(largest, Math.floor(r * 2 ** fraction + 0.5)));
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
