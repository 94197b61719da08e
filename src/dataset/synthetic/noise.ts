import type { RandomStream } from '../../common/random.ts';

/** Baseline wander: breathing at 0.15–0.35 Hz and a slow drift. Amplitude in mV. */
export function addBaselineWander(
  random: RandomStream,
  signal: Float64Array,
  rate: number,
  amplitude: number,
): void {
  const frequency = 0.15 + 0.2 * random.uniform();
  const phase = 2 * Math.PI * random.uniform();
  let drift = 0;
  for (let i = 0; i < signal.length; i++) {
    drift = 0.9995 * drift + 0.01 * amplitude * random.normal();
    signal[i] += amplitude * Math.sin((2 * Math.PI * frequency * i) / rate + phase) + drift;
  }
}

/** Muscle noise: white noise without its slow part, in bursts. RMS in mV where a burst is on. */
export function addMuscleNoise(random: RandomStream, signal: Float64Array, rate: number, rms: number): void {
  const burst = 0.1 + 0.4 * random.uniform();
  const phase = 2 * Math.PI * random.uniform();
  let before = 0;
  for (let i = 0; i < signal.length; i++) {
    const white = random.normal();
    const envelope = 0.6 + 0.4 * Math.sin((2 * Math.PI * burst * i) / rate + phase);
    signal[i] += rms * envelope * (white - 0.7 * before) * 0.82;
    before = white;
  }
}

/** Mains hum at 50 or 60 Hz; amplitude in mV. */
export function addMains(random: RandomStream, signal: Float64Array, rate: number, amplitude: number): void {
  const frequency = random.uniform() < 0.5 ? 50 : 60;
  const phase = 2 * Math.PI * random.uniform();
  for (let i = 0; i < signal.length; i++)
    signal[i] += amplitude * Math.sin((2 * Math.PI * frequency * i) / rate + phase);
}

/** Electrode motion: steps that decay, and stretches of lead-off. Amplitude of a step in mV. */
export function addElectrodeMotion(
  random: RandomStream,
  signal: Float64Array,
  rate: number,
  amplitude: number,
): void {
  let level = 0;
  const perSecond = 0.8 + random.uniform();
  for (let i = 0; i < signal.length; i++) {
    if (random.uniform() < perSecond / rate) level += amplitude * random.normal();
    level *= 1 - 2.5 / rate;
    signal[i] += level;
  }
}
