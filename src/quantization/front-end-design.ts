import { UserError } from '../common/errors.ts';
import type { FixedPointFormat, InputSpec } from '../model/network.ts';
import { butterworthBandPass, type Biquad } from '../signal/butterworth.ts';
import { kaiser } from '../signal/kaiser.ts';

/** Fraction bits of the tables, as in `runtime/ecg_frontend.h`. */
export const firFraction = 14;
export const sectionFraction = 29;

/** The front end as tables: what `ecg_frontend` holds. */
export interface FrontEndCoefficients {
  /** Hz; a whole multiple of the model's rate. */
  adcRate: number;
  decimation: number;
  countsPerMillivolt: number;
  /** Q1.14; the first meets the newest sample. */
  taps: Int16Array;
  /** [section][b0, b1, b2, a1, a2], Q2.29. */
  sections: Int32Array;
  /** Fraction bits between the FIR and the multiplier. */
  fraction: number;
  /** int8 = value * multiplier * 2^-shift. */
  multiplier: number;
  shift: number;
}

export interface FrontEndDesign {
  input: InputSpec;
  /** ADC samples for each sample of the model. */
  decimation: number;
  /** ADC counts a millivolt at the electrodes: gain and resolution of ADC and amplifier. */
  countsPerMillivolt: number;
  /** Millivolts that the model calls 1: the run's scale; 1 where the model has none. */
  scale: number;
  /** Format of the network's input. */
  format: FixedPointFormat;
}

/**
 * Tables of the causal front end. Throws a UserError where the model's filter has no causal form, or where its values
 * would leave 32 bits.
 */
export function designFrontEnd(design: FrontEndDesign): FrontEndCoefficients {
  const { input, decimation, countsPerMillivolt, scale, format } = design;
  if (input.filter?.zeroPhase) {
    throw new UserError(
      'a zero-phase filter cannot be deployed: it reads samples that are still to come',
      {},
      'Set `zero-phase: false` in the model file and train again.',
    );
  }
  const adcRate = input.rate * decimation;
  const passband = Math.min(input.filter?.band[1] ?? 0.4 * input.rate, 0.45 * input.rate);
  const taps =
    decimation > 1 ? antiAliasTaps(adcRate, input.rate, passband) : Int16Array.of(2 ** firFraction);
  const biquads = input.filter ? butterworthBandPass(input.filter.order, input.filter.band, input.rate) : [];
  const sections = Int32Array.from(biquads.flat(), (c) => Math.round(c * 2 ** sectionFraction));
  const fraction = headroom(taps, biquads);
  const unitsPerCount = 2 ** format.fraction / (countsPerMillivolt * scale * 2 ** fraction);
  return {
    adcRate,
    decimation,
    countsPerMillivolt,
    taps,
    sections,
    fraction,
    ...multiplierOf(unitsPerCount),
  };
}

/** A factor as an int32 of 30 bits and a shift. */
function multiplierOf(factor: number): { multiplier: number; shift: number } {
  const shift = 29 - Math.floor(Math.log2(factor));
  if (!(factor > 0) || shift < 1 || shift > 62) {
    throw new UserError(`a factor of ${factor} from ADC counts to the network's input cannot be represented`);
  }
  return { multiplier: Math.round(factor * 2 ** shift), shift };
}

/**
 * Linear-phase low-pass by the window method with a Kaiser window (Oppenheim and Schafer, "Discrete-Time Signal
 * Processing", 7.5.3), 70 dB: what aliases into the pass band is stopped. Unity gain at 0 Hz, rounded to Q1.14.
 */
function antiAliasTaps(adcRate: number, rate: number, passband: number): Int16Array {
  const attenuation = 70;
  const stopband = rate - passband;
  const transition = (2 * Math.PI * (stopband - passband)) / adcRate;
  const half = Math.ceil((attenuation - 8) / (2.285 * transition) / 2);
  const beta = 0.1102 * (attenuation - 8.7);
  const cutoff = (Math.PI * (passband + stopband)) / adcRate;
  const ideal = Array.from({ length: 2 * half + 1 }, (_, i) => {
    const n = i - half;
    const sinc = n === 0 ? cutoff / Math.PI : Math.sin(cutoff * n) / (Math.PI * n);
    return sinc * kaiser(n / half, beta);
  });
  const sum = ideal.reduce((a, b) => a + b, 0);
  const taps = Int16Array.from(ideal, (tap) => Math.round((tap / sum) * 2 ** firFraction));
  // The rounded taps sum to exactly 1: the middle one takes the difference.
  taps[half] += 2 ** firFraction - taps.reduce((a, b) => a + b, 0);
  return taps;
}

/**
 * The most fraction bits, up to 14, with which every value stays below 2^30 for any input: the largest value after each section
 * is the largest sample times the sum of |impulse response| up to there.
 */
function headroom(taps: Int16Array, biquads: readonly Biquad[]): number {
  const firGain = taps.reduce((sum, tap) => sum + Math.abs(tap), 0) / 2 ** firFraction;
  for (const section of biquads) {
    // Coefficients are Q2.29; five products of them with 31-bit values, with the rounding, stay below 2^63.
    const sum = section.reduce((total, c) => total + Math.abs(c), 0);
    if (sum > 15.9 || section.some((c) => Math.abs(c) >= 4)) {
      throw new UserError(
        `a section of the filter has a coefficient that does not fit: ${section.join(', ')}`,
        {},
        'Choose a lower order or a wider band.',
      );
    }
  }
  let largest = firGain;
  for (let count = 1; count <= biquads.length; count++) {
    largest = Math.max(largest, firGain * absoluteSum(biquads.slice(0, count)));
  }
  const fraction = Math.min(14, Math.floor(Math.log2(2 ** 30 / (32768 * largest * 1.01))));
  if (fraction < 4) {
    throw new UserError(
      'the filter leaves too little precision in 32 bits',
      {},
      'Choose a lower order or a wider band.',
    );
  }
  return fraction;
}

/** Sum of |impulse response| of a cascade, until it has died away. */
function absoluteSum(biquads: readonly Biquad[]): number {
  const state = biquads.map(() => [0, 0]);
  let sum = 0;
  let quiet = 0;
  for (let n = 0; quiet < 200 && n < 1e6; n++) {
    let value = n === 0 ? 1 : 0;
    biquads.forEach(([b0, b1, b2, a1, a2], i) => {
      const y = b0 * value + state[i][0];
      state[i] = [b1 * value - a1 * y + state[i][1], b2 * value - a2 * y];
      value = y;
    });
    sum += Math.abs(value);
    quiet = Math.abs(value) < 1e-9 ? quiet + 1 : 0;
  }
  return sum;
}
