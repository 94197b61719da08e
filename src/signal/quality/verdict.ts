import type { QualityFigures } from './lead-quality.ts';

export interface Verdict {
  /** `good`: nothing to say. `fair`: see the reasons. `poor`: beats or waves cannot be relied on. */
  verdict: 'good' | 'fair' | 'poor';
  /** What is wrong, the worst first, with its figure. */
  reasons: string[];
  /** To look at the worst first: 0 for a lead with nothing wrong, 1 and more for a poor one. */
  concern: number;
}

/** One thing that may be wrong with a lead. */
interface Criterion {
  /** Undefined where it could not be measured. */
  value: number | undefined;
  /** From here on it is worth saying, and from there on the lead is poor. May fall or rise. */
  fair: number;
  poor: number;
  reason: string;
}

/**
 * Limits are conventions of ours, except two: below 12 dB detectors begin to fail, and below 6 dB most do (Moody, Muldrow and
 * Mark 1984); 300 beats a minute and 20 are beyond any rhythm.
 */
export function verdictOf(figures: QualityFigures): Verdict {
  const { missing, clipped, flat, longestFlat, wander, mains, snr, noisyBeats, heartRate } = figures;
  const percent = (share: number): string => `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`;
  const hum = (share: number | undefined, frequency: number): Criterion => ({
    value: share,
    fair: 0.05,
    poor: 0.5,
    reason: `${percent(share ?? 0)} of the power is hum of ${frequency} Hz`,
  });
  const criteria: Criterion[] = [
    { value: missing, fair: 0.01, poor: 0.2, reason: `${percent(missing)} of the samples are missing` },
    { value: clipped, fair: 0.001, poor: 0.02, reason: `${percent(clipped)} of the samples are clipped` },
    {
      value: flat,
      fair: 0.02,
      poor: 0.2,
      reason: `flat for ${percent(flat)} of the time, ${longestFlat.toFixed(1)} s at a stretch`,
    },
    { value: wander, fair: 0.3, poor: 1, reason: `baseline wanders by ${wander.toFixed(2)} mV RMS` },
    hum(mains.at50, 50),
    hum(mains.at60, 60),
    { value: snr, fair: 12, poor: 6, reason: `signal-to-noise ratio ${decibel(snr ?? 0)} dB` },
    { value: noisyBeats, fair: 0.1, poor: 0.3, reason: `${percent(noisyBeats)} of the beats are in noise` },
    { value: heartRate, fair: 180, poor: 300, reason: `heart rate ${heartRate?.toFixed(0)} a minute` },
    { value: heartRate, fair: 35, poor: 20, reason: `heart rate ${heartRate?.toFixed(0)} a minute` },
    { value: figures.beats > 1 ? 0 : 1, fair: 0.5, poor: 1, reason: 'no beats were found' },
  ];
  const wrong = criteria
    .map(({ value, fair, poor, reason }) => ({ reason, concern: concernOf(value, fair, poor) }))
    .filter(({ concern }) => concern > 0)
    .sort((a, b) => b.concern - a.concern);
  const worst = wrong[0]?.concern ?? 0;
  // The worst counts; others only order what is as bad.
  const others = wrong.slice(1).reduce((sum, { concern }) => sum + concern, 0);
  return {
    verdict: worst >= 1 ? 'poor' : worst > 0 ? 'fair' : 'good',
    reasons: wrong.map(({ reason }) => reason),
    concern: worst + 0.1 * others,
  };
}

/** 0 on the good side of `fair`, from 0.5 there to 1 at `poor`, and at most 2 beyond. */
function concernOf(value: number | undefined, fair: number, poor: number): number {
  if (value === undefined) return 0;
  const share = (value - fair) / (poor - fair);
  return share < 0 ? 0 : Math.min(2, 0.5 + 0.5 * share);
}

/** Not `-0.0`. */
function decibel(value: number): string {
  return (Math.round(10 * value) / 10 + 0).toFixed(1);
}
