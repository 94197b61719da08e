import { resample } from '../signal/resample.ts';
import type { FrontEndCoefficients } from './front-end-design.ts';

/**
 * A recording as the device's ADC would give it: resampled to the ADC's rate, in counts, rounded (ties toward
 * +infinity) and clipped to int16.
 */
export function adcSamples(
  millivolts: Float32Array,
  rate: number,
  { adcRate, countsPerMillivolt }: FrontEndCoefficients,
): Int16Array {
  return Int16Array.from(resample(millivolts, rate, adcRate), (value) =>
    Math.max(-32768, Math.min(32767, Math.floor(value * countsPerMillivolt + 0.5))),
  );
}
