import type { RandomStream } from '../../common/random.ts';
import type { AugmentationSpec } from '../../model/augmentation.ts';
import { between } from './length.ts';

type Wander = NonNullable<AugmentationSpec['wander']>;
type Noise = NonNullable<AugmentationSpec['noise']>;
type LeadOff = NonNullable<AugmentationSpec['leadOff']>;

/** Each changes the signal in place. @param millivolt size of 1 mV in the signal's unit; @param rate Hz */
export function addWander(
  signal: Float32Array,
  { amplitude, frequency }: Wander,
  millivolt: number,
  rate: number,
  random: RandomStream,
): void {
  const size = amplitude * millivolt * random.uniform();
  const step = (2 * Math.PI * between(random, frequency)) / rate;
  const phase = 2 * Math.PI * random.uniform();
  // A turn of the phasor a sample: a sine of each would take longer than all other changes together.
  const [turnSine, turnCosine] = [Math.sin(step), Math.cos(step)];
  let [sine, cosine] = [size * Math.sin(phase), size * Math.cos(phase)];
  for (let i = 0; i < signal.length; i++) {
    signal[i] += sine;
    [sine, cosine] = [sine * turnCosine + cosine * turnSine, cosine * turnCosine - sine * turnSine];
  }
}

/**
 * Add noise, from a random place of a random source on, at a random signal-to-noise ratio: powers are mean squares over
 * the whole record. A source that is shorter goes on from its start. A flat stretch of a source adds nothing.
 */
export function addNoise(
  signal: Float32Array,
  { snr }: Noise,
  sources: readonly Float32Array[],
  random: RandomStream,
): void {
  const source = sources[random.integer(sources.length)];
  const start = random.integer(source.length);
  const ratio = 10 ** (between(random, snr) / 10);
  let signalPower = 0;
  let noisePower = 0;
  for (let i = 0, at = start; i < signal.length; i++) {
    signalPower += signal[i] ** 2;
    noisePower += source[at] ** 2;
    if (++at === source.length) at = 0;
  }
  if (noisePower === 0) return;
  const factor = Math.sqrt(signalPower / noisePower / ratio);
  for (let i = 0, at = start; i < signal.length; i++) {
    signal[i] += factor * source[at];
    if (++at === source.length) at = 0;
  }
}

/** A stretch of zeros: what a band-pass makes of an electrode without contact. */
export function flatten(
  signal: Float32Array,
  { seconds }: LeadOff,
  rate: number,
  random: RandomStream,
): void {
  const samples = Math.min(signal.length, Math.round(between(random, seconds) * rate));
  const from = random.integer(signal.length - samples + 1);
  signal.fill(0, from, from + samples);
}
