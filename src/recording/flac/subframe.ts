import type { BitReader } from './bit-reader.ts';

/** What is wrong with a frame, without saying where: the stream knows. */
export class FrameError extends Error {}

/**
 * Samples of one channel of a frame (RFC 9639, 9.2): `width` bits each, 33 at most for a side channel of 32.
 * Throws a FrameError, or OutOfBits.
 */
export function decodeSubframe(bits: BitReader, width: number, samples: Int32Array): void {
  if (bits.unsigned(1) !== 0) throw new FrameError('a subframe does not start with 0');
  const type = bits.unsigned(6);
  const wasted = bits.unsigned(1) === 1 ? bits.unary() + 1 : 0;
  const stored = width - wasted;
  if (stored < 1) throw new FrameError(`${wasted} of ${width} bits are wasted`);
  if (type === 0) {
    samples.fill(bits.signed(stored));
  } else if (type === 1) {
    for (let i = 0; i < samples.length; i++) samples[i] = bits.signed(stored);
  } else if (type >= 8 && type <= 12) {
    decodeFixed(bits, stored, type - 8, samples);
  } else if (type >= 32) {
    decodeLinear(bits, stored, type - 31, samples);
  } else {
    throw new FrameError(`subframe type ${type} is reserved`);
  }
  if (wasted > 0) for (let i = 0; i < samples.length; i++) samples[i] <<= wasted;
}

function warmUp(bits: BitReader, width: number, order: number, samples: Int32Array): void {
  if (order > samples.length)
    throw new FrameError(`a predictor of order ${order} in ${samples.length} samples`);
  for (let i = 0; i < order; i++) samples[i] = bits.signed(width);
}

/** Residuals go where the samples will be; then each is added to what the polynomial predicts. */
function decodeFixed(bits: BitReader, width: number, order: number, s: Int32Array): void {
  warmUp(bits, width, order, s);
  decodeResiduals(bits, order, s);
  for (let i = order; i < s.length; i++) {
    switch (order) {
      case 1:
        s[i] += s[i - 1];
        break;
      case 2:
        s[i] += 2 * s[i - 1] - s[i - 2];
        break;
      case 3:
        s[i] += 3 * s[i - 1] - 3 * s[i - 2] + s[i - 3];
        break;
      case 4:
        s[i] += 4 * s[i - 1] - 6 * s[i - 2] + 4 * s[i - 3] - s[i - 4];
        break;
    }
  }
}

function decodeLinear(bits: BitReader, width: number, order: number, samples: Int32Array): void {
  warmUp(bits, width, order, samples);
  const precision = bits.unsigned(4) + 1;
  if (precision === 16) throw new FrameError('a predictor of forbidden precision');
  const shift = bits.signed(5);
  if (shift < 0) throw new FrameError('a predictor with a negative shift');
  // The first is of the sample just before.
  const coefficients = new Float64Array(order);
  for (let i = 0; i < order; i++) coefficients[i] = bits.signed(precision);
  decodeResiduals(bits, order, samples);
  // Sums have at most 25 + 15 + 5 bits, which float64 holds exactly, whatever the order of adding.
  const scale = 2 ** -shift;
  for (let i = order; i < samples.length; i++) {
    let sum = 0;
    for (let j = 0; j < order; j++) sum += coefficients[j] * samples[i - 1 - j];
    samples[i] += Math.floor(sum * scale);
  }
}

/** RFC 9639, 9.2.7: partitions of equal length, each with its own Rice parameter; the first lacks the warm-up samples. */
function decodeResiduals(bits: BitReader, order: number, samples: Int32Array): void {
  const method = bits.unsigned(2);
  if (method > 1) throw new FrameError(`residual coding ${method} is reserved`);
  const parameterBits = method === 0 ? 4 : 5;
  const escape = method === 0 ? 15 : 31;
  const partitions = 2 ** bits.unsigned(4);
  const length = samples.length / partitions;
  if (!Number.isInteger(length) || length < order) {
    throw new FrameError(`${partitions} partitions of ${samples.length} samples, predictor order ${order}`);
  }
  for (let partition = 0, from = order; partition < partitions; partition++) {
    const to = (partition + 1) * length;
    const parameter = bits.unsigned(parameterBits);
    if (parameter === escape) {
      const width = bits.unsigned(5);
      for (let i = from; i < to; i++) samples[i] = bits.signed(width);
    } else {
      bits.rice(parameter, samples, from, to);
    }
    from = to;
  }
}
