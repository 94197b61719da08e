import { GapBridge } from '../gap-bridge.ts';
import { Boxcar } from './boxcar.ts';
import { Ring } from './ring.ts';

/** A place where there may be a QRS complex. */
export interface QrsPeak {
  /** Sample where the strength has its maximum. */
  index: number;
  /** Sample of the complex's largest deflection. */
  beat: number;
  /** Mean absolute slope of the band-passed signal, mV in 10 ms. */
  strength: number;
  /** Mean strength beside it, 130 to 200 ms away, on the side where there is less: of noise about what the peak itself has. */
  beside: number;
  /** Steepest rise and steepest fall around it, mV in 10 ms. */
  rise: number;
  fall: number;
}

/** What happens to whoever takes the peaks, in the order of time. */
export interface QrsPeakReceiver {
  peak(peak: QrsPeak): void;
  /** Largest strength of a second of the signal that just ended. */
  second(largest: number): void;
}

/** s; `QrsPeakFinder` says where they are from. */
const smoothing = 0.022;
const baseline = 0.11;
const slope = 0.01;
const integration = 0.1;
/** Of two peaks that are nearer than this the smaller is ignored: no heart beats twice within it. */
const refractory = 0.2;
/** Where the signal beside a peak is: from beyond the reach of a wide complex up to the refractory time. */
const besideFrom = 0.13;
/** Slopes are looked for so far from a peak, and the largest deflection. */
const slopeReach = 0.11;
const beatReach = 0.075;
/** Below that there is no peak, mV in 10 ms: less than one step of most converters. */
export const leastStrength = 0.001;

/**
 * From samples of one lead to the places where there may be a QRS complex: the signal is smoothed, freed from its
 * baseline, differentiated, rectified and averaged over the width of a complex, and what is left are the maxima that have no
 * larger one within 200 ms.
 *
 * P. S. Hamilton, "Open source ECG analysis", Computers in Cardiology 29, 2002 (band 8 to 16 Hz, absolute differences over
 * 10 ms, mean over 80 ms). As there, the band-pass is made of moving means; that of the signal twice over 22 ms takes away what
 * is above some 16 Hz, that over 110 ms what is below 8. Lengths were measured on the records named in `QrsDetector`.
 *
 * All filters are symmetric, so that their delays are known and the peaks' samples are those of the signal as it came. Missing
 * samples (NaN) are bridged (`GapBridge`): there is no step, and no peak, at a gap.
 */
export class QrsPeakFinder {
  readonly #receiver: QrsPeakReceiver;
  readonly #rate: number;
  readonly #bridge: GapBridge;
  readonly #smooth: readonly [Boxcar, Boxcar];
  readonly #baseline: Boxcar;
  readonly #integrate: Boxcar;
  readonly #signal: Ring;
  readonly #smoothed: Ring;
  readonly #band: Ring;
  readonly #strengths: Ring;
  readonly #lag: { baseline: number; slope: number; band: number; strength: number };

  #count = 0;
  #samples = Infinity;
  #rising = false;
  #strength = 0;
  #candidate: { index: number; strength: number } | undefined;
  #largest = 0;
  #secondEnds: number;

  constructor(rate: number, receiver: QrsPeakReceiver) {
    this.#receiver = receiver;
    this.#rate = rate;
    this.#bridge = new GapBridge(rate);
    const samples = (seconds: number): number => Math.max(1, Math.round(seconds * rate));
    const odd = (seconds: number): number => 2 * Math.floor((seconds * rate) / 2) + 1;
    this.#smooth = [new Boxcar(samples(smoothing)), new Boxcar(samples(smoothing))];
    this.#baseline = new Boxcar(odd(baseline));
    this.#integrate = new Boxcar(odd(integration));
    // Half of the difference's length, which is even, so that all delays are whole samples.
    const half = samples(slope / 2);
    const baselineLag = (odd(baseline) - 1) / 2;
    const band = samples(smoothing) - 1 + baselineLag;
    const strength = band + half + (odd(integration) - 1) / 2;
    this.#lag = { baseline: baselineLag, slope: half, band, strength };
    const capacity = strength + samples(refractory) + samples(slopeReach) + half + 6;
    this.#signal = new Ring(capacity);
    this.#smoothed = new Ring(capacity);
    this.#band = new Ring(capacity);
    this.#strengths = new Ring(capacity);
    this.#secondEnds = rate;
  }

  push(sample: number): void {
    const value = this.#bridge.next(sample);
    const { baseline: baselineLag, slope: half } = this.#lag;
    const n = this.#count++;
    this.#signal.push(value);
    const smoothed = this.#smooth[1].next(this.#smooth[0].next(value));
    this.#smoothed.push(smoothed);
    const band = this.#smoothed.at(n - baselineLag) - this.#baseline.next(smoothed);
    this.#band.push(band);
    const difference = Math.abs(band - this.#band.at(n - 2 * half));
    // In mV in 10 ms, whatever the difference's length in samples is.
    const strength = this.#integrate.next(difference) * ((slope * this.#rate) / (2 * half));
    this.#strengths.push(strength);
    this.#follow(strength, n - this.#lag.strength);
  }

  /** No sample comes any more. */
  end(): void {
    this.#samples = this.#count;
    const tail = this.#lag.strength + Math.ceil(refractory * this.#rate) + 1;
    for (let i = 0; i < tail; i++) this.push(NaN);
    this.#confirm(Infinity);
    // Of a signal shorter than a second, what there is.
    if (this.#secondEnds === this.#rate) this.#receiver.second(this.#largest);
  }

  /** The strength at a sample: whether the one before was a maximum, and one that stays. */
  #follow(strength: number, index: number): void {
    const before = this.#strength;
    if (this.#rising && strength <= before && before >= leastStrength) this.#maximum(before, index - 1);
    this.#rising = strength > before;
    this.#strength = strength;
    this.#confirm(index);
    while (index >= this.#secondEnds) {
      this.#receiver.second(this.#largest);
      this.#largest = 0;
      this.#secondEnds += this.#rate;
    }
    this.#largest = Math.max(this.#largest, strength);
  }

  #maximum(strength: number, index: number): void {
    const candidate = this.#candidate;
    const near = candidate !== undefined && index - candidate.index < refractory * this.#rate;
    if (near && strength <= candidate.strength) return;
    if (!near) this.#confirm(Infinity);
    this.#candidate = { index, strength };
  }

  /** A candidate that no later maximum can outdo is a peak. */
  #confirm(index: number): void {
    const candidate = this.#candidate;
    if (candidate === undefined || index - candidate.index <= refractory * this.#rate + 1) return;
    this.#candidate = undefined;
    const at = candidate.index;
    const peak = { ...candidate, beat: this.#beat(at), beside: this.#beside(at), ...this.#slopes(at) };
    this.#receiver.peak(peak);
  }

  #beside(index: number): number {
    const from = Math.round(besideFrom * this.#rate);
    const to = Math.round(refractory * this.#rate);
    let before = 0;
    let after = 0;
    for (let i = from; i < to; i++) {
      before += this.#strengths.at(index - i + this.#lag.strength);
      after += this.#strengths.at(index + i + this.#lag.strength);
    }
    return Math.min(before, after) / (to - from);
  }

  #slopes(index: number): { rise: number; fall: number } {
    const { slope: half } = this.#lag;
    const reach = Math.round(slopeReach * this.#rate);
    let rise = 0;
    let fall = 0;
    for (let i = index - reach; i <= index + reach; i++) {
      const difference = this.#signal.at(i + half) - this.#signal.at(i - half);
      rise = Math.max(rise, difference);
      fall = Math.max(fall, -difference);
    }
    const scale = (slope * this.#rate) / (2 * half);
    return { rise: rise * scale, fall: fall * scale };
  }

  #beat(index: number): number {
    const reach = Math.round(beatReach * this.#rate);
    let beat = index;
    let largest = 0;
    for (let i = index - reach; i <= index + reach; i++) {
      const deflection = Math.abs(this.#band.at(i + this.#lag.band));
      if (deflection > largest) {
        largest = deflection;
        beat = i;
      }
    }
    // The filters' tails reach beyond the signal.
    return Math.max(0, Math.min(this.#samples - 1, beat));
  }
}
