import type { RandomStream } from '../../common/random.ts';

/** One heart beat of a synthetic record. */
export interface Beat {
  /** Time of the R peak, s. */
  time: number;
  /** Interval to the beat before, s. */
  rr: number;
  /** From the sinus node (P wave before it), from the ventricle (wide, no P), or conducted without a P wave (AF). */
  origin: 'sinus' | 'atrial' | 'ventricular' | 'fibrillation';
}

/** What the class "other" is made of. */
export type OtherRhythm = 'pvc' | 'pac' | 'bradycardia' | 'tachycardia' | 'bundle-branch-block' | 'av-block';
export const otherRhythms: readonly OtherRhythm[] = [
  'pvc',
  'pac',
  'bradycardia',
  'tachycardia',
  'bundle-branch-block',
  'av-block',
];

const shortestRr = 0.28;

/**
 * Sinus rhythm: mean rate with respiratory sinus arrhythmia (0.2–0.35 Hz) and the slower Mayer waves (0.1 Hz), as the
 * bimodal RR spectrum of McSharry et al. 2003 (IEEE Trans. Biomed. Eng. 50:289).
 */
export function sinusRhythm(random: RandomStream, duration: number, meanRate: number): Beat[] {
  const mean = 60 / meanRate;
  const respiration = 0.2 + 0.15 * random.uniform();
  const respiratoryDepth = 0.01 + 0.04 * random.uniform();
  const mayerDepth = 0.01 + 0.025 * random.uniform();
  const phases = [random.uniform(), random.uniform()].map((u) => 2 * Math.PI * u);
  const beats: Beat[] = [];
  let time = -mean * random.uniform();
  let before = mean;
  while (time < duration + 1) {
    beats.push({ time, rr: before, origin: 'sinus' });
    const modulation =
      respiratoryDepth * Math.sin(2 * Math.PI * respiration * time + phases[0]) +
      mayerDepth * Math.sin(2 * Math.PI * 0.1 * time + phases[1]) +
      0.006 * random.normal();
    before = mean * (1 + modulation);
    time += before;
  }
  return beats;
}

/** Atrial fibrillation: RR intervals without memory, log-normal with a coefficient of variation of 0.16–0.30. */
export function fibrillation(random: RandomStream, duration: number): Beat[] {
  const mean = 60 / (70 + 60 * random.uniform());
  const variation = 0.16 + 0.14 * random.uniform();
  const sigma = Math.sqrt(Math.log(1 + variation ** 2));
  const beats: Beat[] = [];
  let time = -mean * random.uniform();
  let rr = mean;
  while (time < duration + 1) {
    beats.push({ time, rr, origin: 'fibrillation' });
    rr = Math.max(shortestRr, mean * Math.exp(sigma * random.normal() - sigma ** 2 / 2));
    time += rr;
  }
  return beats;
}

/** Sinus rhythm in which some beats come early: ventricular ones with a compensatory pause, atrial ones without. */
export function withEctopics(
  random: RandomStream,
  sinus: readonly Beat[],
  origin: 'ventricular' | 'atrial',
): Beat[] {
  const share = 0.08 + 0.17 * random.uniform();
  const beats: Beat[] = [];
  let shift = 0;
  let lastWasEctopic = true; // A record does not begin with an ectopic beat.
  for (const beat of sinus) {
    const ectopic: boolean = !lastWasEctopic && random.uniform() < share;
    const early = ectopic ? beat.rr * (0.25 + 0.2 * random.uniform()) : 0;
    const time = beat.time + shift - early;
    beats.push({
      time,
      rr: beats.length > 0 ? time - beats[beats.length - 1].time : beat.rr,
      origin: ectopic ? origin : 'sinus',
    });
    // An atrial beat resets the sinus node, so all later beats move; a ventricular one does not.
    if (ectopic && origin === 'atrial') shift -= early;
    lastWasEctopic = ectopic;
  }
  return beats;
}
