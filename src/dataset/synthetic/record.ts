import { RandomStream } from '../../common/random.ts';
import { addBaselineWander, addElectrodeMotion, addMains, addMuscleNoise } from './noise.ts';
import {
  fibrillation,
  otherRhythms,
  sinusRhythm,
  withEctopics,
  type Beat,
  type OtherRhythm,
} from './rhythm.ts';
import { addBeats, addFibrillatoryWaves, drawMorphology } from './waveform.ts';

export const syntheticClasses = ['N', 'A', 'O', '~'] as const;
export type SyntheticClass = (typeof syntheticClasses)[number];

/** Hz and ADC units per mV: those of CinC 2017. */
export const syntheticRate = 300;
export const syntheticGain = 1000;

/** One single-lead record in ADC units. The same (seed, id, label, duration) gives the same record. */
export function synthesizeRecord(
  seed: number,
  id: string,
  label: SyntheticClass,
  duration: number,
): Int16Array {
  const random = new RandomStream(seed, 'synthetic', id, label);
  const signal = new Float64Array(Math.round(duration * syntheticRate));
  const other = label === 'O' ? otherRhythms[random.integer(otherRhythms.length)] : undefined;
  addBeats(signal, syntheticRate, rhythm(random, label, other, duration), drawMorphology(random, other));
  if (label === 'A') addFibrillatoryWaves(random, signal, syntheticRate);
  const noisy = label === '~';
  // Where noise is the class, the heart is there, but cannot be made out.
  if (noisy) for (let i = 0; i < signal.length; i++) signal[i] *= 0.35;
  addBaselineWander(random, signal, syntheticRate, noisy ? 0.5 : 0.05 + 0.15 * random.uniform());
  addMuscleNoise(
    random,
    signal,
    syntheticRate,
    noisy ? 0.25 + 0.4 * random.uniform() : 0.008 + 0.04 * random.uniform(),
  );
  addMains(random, signal, syntheticRate, noisy ? 0.05 : 0.008 * random.uniform());
  if (noisy) addElectrodeMotion(random, signal, syntheticRate, 0.8);
  return Int16Array.from(signal, (mv) => Math.max(-32767, Math.min(32767, Math.round(mv * syntheticGain))));
}

function rhythm(
  random: RandomStream,
  label: SyntheticClass,
  other: OtherRhythm | undefined,
  duration: number,
): Beat[] {
  if (label === 'A') return fibrillation(random, duration);
  switch (other) {
    case 'pvc':
      return withEctopics(random, sinusRhythm(random, duration, 58 + 32 * random.uniform()), 'ventricular');
    case 'pac':
      return withEctopics(random, sinusRhythm(random, duration, 58 + 32 * random.uniform()), 'atrial');
    case 'bradycardia':
      return sinusRhythm(random, duration, 34 + 12 * random.uniform());
    case 'tachycardia':
      return sinusRhythm(random, duration, 112 + 40 * random.uniform());
    default:
      return sinusRhythm(random, duration, 55 + 40 * random.uniform());
  }
}
