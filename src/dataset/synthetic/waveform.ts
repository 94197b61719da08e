import type { RandomStream } from '../../common/random.ts';
import type { Beat, OtherRhythm } from './rhythm.ts';

/** One Gaussian of a beat: amplitude in mV, centre and width (standard deviation) in s relative to the R peak. */
type Wave = readonly [amplitude: number, centre: number, width: number];

/** The constant part of a person's beats. */
export interface Morphology {
  p: Wave;
  qrs: readonly Wave[];
  wideQrs: readonly Wave[];
  /** Amplitude, distance from R at an RR of 1 s, width. */
  t: Wave;
  /** Added to the distance of the P wave: a long PR interval. */
  prDelay: number;
}

/**
 * Amplitudes and places of P, Q, R, S and T about those of ECGSYN (McSharry et al. 2003, table I, at 60 beats a
 * minute), varied from person to person; one in ten electrodes is worn the wrong way round.
 */
export function drawMorphology(random: RandomStream, other: OtherRhythm | undefined): Morphology {
  const vary = (mean: number, spread: number): number => mean * (1 + spread * (2 * random.uniform() - 1));
  const gain = vary(1, 0.45) * (random.uniform() < 0.1 ? -1 : 1);
  const wide = other === 'bundle-branch-block' ? 2.2 : 1;
  return {
    p: [gain * vary(0.13, 0.4), -vary(0.17, 0.1), vary(0.022, 0.2)],
    qrs: [
      [gain * vary(-0.1, 0.8), -0.03 * wide, 0.009 * wide],
      [gain * vary(1, 0.3), 0, vary(0.011, 0.15) * wide],
      [gain * vary(-0.22, 0.8), 0.032 * wide, 0.011 * wide],
    ],
    wideQrs: [
      [gain * vary(1.3, 0.3), -0.01, 0.032],
      [gain * vary(-0.6, 0.4), 0.09, 0.045],
    ],
    t: [gain * vary(0.28, 0.5), vary(0.27, 0.08), vary(0.045, 0.2)],
    prDelay: other === 'av-block' ? 0.1 + 0.06 * random.uniform() : 0,
  };
}

/** Add the beats to `signal` (mV). The T wave moves with the square root of RR (Bazett 1920). */
export function addBeats(
  signal: Float64Array,
  rate: number,
  beats: readonly Beat[],
  morphology: Morphology,
): void {
  for (const { time, rr, origin } of beats) {
    const stretch = Math.sqrt(Math.min(Math.max(rr, 0.35), 1.5));
    const [tAmplitude, tCentre, tWidth] = morphology.t;
    const waves: Wave[] = [...(origin === 'ventricular' ? morphology.wideQrs : morphology.qrs)];
    if (origin === 'ventricular') waves.push([-tAmplitude * 1.4, tCentre * stretch + 0.06, tWidth * 1.4]);
    else waves.push([tAmplitude, tCentre * stretch, tWidth * stretch]);
    const [pAmplitude, pCentre, pWidth] = morphology.p;
    if (origin === 'sinus') waves.push([pAmplitude, pCentre - morphology.prDelay, pWidth]);
    // A premature atrial beat starts elsewhere in the atrium: another, often inverted P wave.
    if (origin === 'atrial') waves.push([-0.6 * pAmplitude, pCentre * 0.85, pWidth * 0.8]);
    for (const wave of waves) addGaussian(signal, rate, time, wave);
  }
}

function addGaussian(
  signal: Float64Array,
  rate: number,
  time: number,
  [amplitude, centre, width]: Wave,
): void {
  const middle = (time + centre) * rate;
  const reach = 4 * Math.abs(width) * rate;
  const end = Math.min(signal.length - 1, Math.ceil(middle + reach));
  for (let i = Math.max(0, Math.floor(middle - reach)); i <= end; i++) {
    const z = (i - middle) / (width * rate);
    signal[i] += amplitude * Math.exp(-0.5 * z * z);
  }
}

/**
 * Fibrillatory waves: a sawtooth of 4–9 Hz (fundamental and two harmonics) whose frequency and amplitude wander (Stridh
 * and Sörnmo 2001, IEEE Trans. Biomed. Eng. 48:105). Amplitude 0.03–0.12 mV.
 */
export function addFibrillatoryWaves(random: RandomStream, signal: Float64Array, rate: number): void {
  const frequency = 4 + 5 * random.uniform();
  const amplitude = 0.03 + 0.09 * random.uniform();
  const wander = 0.1 + 0.2 * random.uniform();
  const swell = 0.05 + 0.15 * random.uniform();
  let phase = 2 * Math.PI * random.uniform();
  for (let i = 0; i < signal.length; i++) {
    const t = i / rate;
    phase += (2 * Math.PI * (frequency + 0.4 * Math.sin(2 * Math.PI * wander * t))) / rate;
    const envelope = amplitude * (1 + 0.3 * Math.sin(2 * Math.PI * swell * t));
    signal[i] += envelope * (Math.sin(phase) + Math.sin(2 * phase) / 2 + Math.sin(3 * phase) / 3);
  }
}
