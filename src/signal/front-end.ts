import type { FilterSpec, InputSpec } from '../model/network.ts';
import { butterworthBandPass } from './butterworth.ts';
import { filterCausal, filterZeroPhase } from './filter.ts';
import { resample } from './resample.ts';

/** Raise it when the same input would give another output: cached signals of older versions are then made again. */
export const frontEndVersion = 1;

/** A recording's lead in mV → resampled to the model's rate and filtered, in mV, not scaled. */
export function preprocess(samples: Float32Array, rate: number, input: InputSpec): Float32Array {
  const resampled = resample(samples, rate, input.rate);
  return input.filter ? Float32Array.from(applyFilter(resampled, input.filter, input.rate)) : resampled;
}

function applyFilter(
  samples: Float32Array,
  { band, order, zeroPhase }: FilterSpec,
  rate: number,
): Float64Array {
  const sections = butterworthBandPass(order, band, rate);
  return zeroPhase ? filterZeroPhase(sections, samples) : filterCausal(sections, samples);
}

/** Standard deviation (population) of a signal, in its unit. */
export function standardDeviation(samples: Float32Array): number {
  let sum = 0;
  for (const v of samples) sum += v;
  const mean = sum / samples.length;
  let squares = 0;
  for (const v of samples) squares += (v - mean) ** 2;
  return Math.sqrt(squares / samples.length);
}
