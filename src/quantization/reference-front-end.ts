import type { FrontEndCoefficients } from './front-end-design.ts';

/**
 * The causal front end once more, from its formulas on integers of any size; shares nothing with the C runtime. A whole
 * record at a time, from rest: FIR at every decimation-th ADC sample, sections in direct form I, one multiplier.
 */
export function referenceFrontEnd(coefficients: FrontEndCoefficients, samples: Int16Array): number[] {
  const { taps, sections, decimation, fraction, multiplier, shift } = coefficients;
  let values: bigint[] = [];
  for (let newest = 0; newest < samples.length; newest += decimation) {
    let sum = 0n;
    taps.forEach((tap, i) => {
      if (newest - i >= 0) sum += BigInt(tap) * BigInt(samples[newest - i]);
    });
    values.push(divide(sum, 14 - fraction));
  }
  for (let s = 0; s < sections.length; s += 5) {
    const [b0, b1, b2, a1, a2] = Array.from(sections.subarray(s, s + 5), BigInt);
    const y: bigint[] = [];
    const at = (of: bigint[], n: number) => of[n] ?? 0n;
    values.forEach((x, n) => {
      const sum =
        b0 * x + b1 * at(values, n - 1) + b2 * at(values, n - 2) - a1 * at(y, n - 1) - a2 * at(y, n - 2);
      y.push(clip(divide(sum, 29), 32));
    });
    values = y;
  }
  return values.map((value) => Number(clip(divide(value * BigInt(multiplier), shift), 8)));
}

/** x / 2^bits to the nearest, ties toward +infinity. */
function divide(x: bigint, bits: number): bigint {
  const divisor = 2n ** BigInt(bits);
  const sum = x + divisor / 2n;
  const quotient = sum / divisor;
  return sum < 0n && quotient * divisor !== sum ? quotient - 1n : quotient;
}

function clip(x: bigint, bits: number): bigint {
  const limit = 2n ** BigInt(bits - 1);
  if (x >= limit) return limit - 1n;
  return x < -limit ? -limit : x;
}
