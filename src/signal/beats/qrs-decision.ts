import { leastStrength, type QrsPeak, type QrsPeakReceiver } from './qrs-peaks.ts';

/** Of the last so many complexes, other peaks and intervals is the middle taken. */
const remembered = 8;
/**
 * The threshold's place between noise (0) and the middle complex (1), where there is no noise and where it is as strong as
 * the complexes. Hamilton has one place, 0.3125 to 0.475.
 */
const thresholdWithoutNoise = 0.25;
const thresholdInNoise = 0.75;
/** Noise is the middle other peak, or so much of what is beside a peak. */
const noiseBeside = 2;
/** A peak that comes within so many seconds of a complex and is less than half as steep is its T wave. */
const tWaveWithin = 0.36;
const tWaveSteepness = 0.5;
/** A complex goes up and down; of a step of the baseline the lesser slope is below this share of the greater. */
const lesserSlope = 1 / 8;
/** After so many middle intervals without a complex, a peak above half of the threshold is one. */
const searchBackAfter = 1.5;
const searchBackShare = 0.5;
/** s; after so long without a complex, and with a signal, what was learnt is forgotten. */
const quiet = 8;
/** A complex is none if it is weaker than its neighbours by this, and the rhythm is even without it. */
const weak = 0.7;
const evenRhythm = 0.1;
const evenWithout = 0.15;

/** Of the two middle values the lower: where every other complex is large (bigeminy), the small ones set the threshold. */
function lowerMedian(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[(values.length - 1) >> 1];
}

function upperMedian(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1];
}

/**
 * Which peaks are QRS complexes: the rules of P. S. Hamilton, "Open source ECG analysis", Computers in Cardiology 29, 2002 (first
 * in J. Pan and W. J. Tompkins, "A real-time QRS detection algorithm", IEEE Trans. Biomed. Eng. 32(3), 1985, and in
 * Hamilton and Tompkins 1986): threshold between the strength of complexes and of other peaks, T waves by their slope, steps of
 * the baseline by having one slope only, search back where a beat is overdue, everything learnt anew after 8 s without a beat.
 *
 * The threshold rises where there is noise beside a peak, as in I. I. Christov, "Real time electrocardiogram QRS detection
 * using combined adaptive threshold", BioMedical Engineering OnLine 3:28, 2004, who has an integral of it there.
 *
 * Three things differ, since nothing has to be decided at once here. The first 8 s are looked at before their peaks are
 * judged; after 8 s without a beat the peaks that were left are judged again; and a beat waits for the next one: if it is weak and
 * the intervals are the same without it, as before, it was noise or a T wave. (In an uneven rhythm, such as atrial
 * fibrillation, nothing is taken back.)
 */
export class QrsDecision implements QrsPeakReceiver {
  readonly #rate: number;
  readonly #beats: number[] = [];

  /** Peaks before anything is learnt; later those since the last complex that may still be one. */
  #open: QrsPeak[] = [];
  #learnt = false;
  /** Largest strengths of the latest seconds that had a signal, and how many there were since the last complex. */
  #seconds: number[] = [];
  #quietSeconds = 0;

  #complexes: number[] = [];
  #others: number[] = [];
  #intervals: number[] = [];
  /** The last two complexes. The last may be taken back unless it was given out. */
  #previous: QrsPeak | undefined;
  #last: QrsPeak | undefined;
  #givenOut = false;

  /** @param rate Hz */
  constructor(rate: number) {
    this.#rate = rate;
  }

  /** Samples of the beats that are certain since the last call, in order. */
  take(): number[] {
    return this.#beats.splice(0);
  }

  peak(peak: QrsPeak): void {
    if (this.#learnt) this.#judge(peak);
    else this.#open.push(peak);
  }

  second(largest: number): void {
    if (largest < leastStrength) return;
    this.#seconds.push(largest);
    if (this.#seconds.length > quiet) this.#seconds.shift();
    this.#quietSeconds++;
    if (this.#quietSeconds >= quiet) this.#learn();
  }

  /** No peak comes any more, in a signal of so many samples. */
  end(samples: number): void {
    if (!this.#learnt) this.#learn();
    this.#searchBack(samples);
    this.#giveOut();
  }

  #giveOut(): void {
    if (this.#last && !this.#givenOut) this.#beats.push(this.#last.beat);
    this.#givenOut = true;
  }

  /** Learn from the latest seconds, and judge again what was left. */
  #learn(): void {
    if (this.#seconds.length === 0) return;
    const typical = lowerMedian(this.#seconds);
    this.#complexes = new Array<number>(remembered).fill(typical);
    this.#others = new Array<number>(remembered).fill(0);
    this.#intervals = new Array<number>(remembered).fill(this.#rate);
    this.#learnt = true;
    this.#quietSeconds = 0;
    const open = this.#open;
    const last = this.#last;
    this.#open = [];
    for (const peak of open) this.#judge(peak);
    // What is no complex now either is not asked again: there would be more and more of it.
    if (this.#last === last) this.#open = [];
  }

  #threshold(peak: QrsPeak): number {
    const complex = lowerMedian(this.#complexes);
    const noise = Math.min(complex, Math.max(upperMedian(this.#others), noiseBeside * peak.beside));
    const place = thresholdWithoutNoise + (thresholdInNoise - thresholdWithoutNoise) * (noise / complex);
    return noise + place * (complex - noise);
  }

  #judge(peak: QrsPeak): void {
    this.#searchBack(peak.index);
    const steepest = Math.max(peak.rise, peak.fall);
    if (Math.min(peak.rise, peak.fall) < lesserSlope * steepest) return;
    const last = this.#last;
    if (
      last &&
      peak.index - last.index < tWaveWithin * this.#rate &&
      steepest < tWaveSteepness * Math.max(last.rise, last.fall)
    ) {
      return;
    }
    if (peak.strength > this.#threshold(peak)) {
      this.#accept(peak);
    } else {
      remember(this.#others, peak.strength);
      this.#open.push(peak);
    }
  }

  /** Where a beat is overdue at a sample, the strongest peak that was too weak. */
  #searchBack(index: number): void {
    for (;;) {
      const last = this.#last;
      if (!last || index - last.index <= searchBackAfter * upperMedian(this.#intervals)) return;
      let strongest: QrsPeak | undefined;
      for (const peak of this.#open) {
        if (
          peak.index - last.index < tWaveWithin * this.#rate ||
          peak.strength <= searchBackShare * this.#threshold(peak)
        )
          continue;
        if (!strongest || peak.strength > strongest.strength) strongest = peak;
      }
      if (!strongest) return;
      this.#accept(strongest);
    }
  }

  #accept(peak: QrsPeak): void {
    this.#takeBack(peak);
    this.#giveOut();
    if (this.#last) remember(this.#intervals, peak.index - this.#last.index);
    this.#previous = this.#last;
    this.#last = peak;
    this.#givenOut = false;
    remember(this.#complexes, peak.strength);
    this.#open = this.#open.filter(({ index }) => index > peak.index);
    this.#quietSeconds = 0;
  }

  /** The last complex goes where the next one shows that it was none, and with it what was learnt from it. */
  #takeBack(next: QrsPeak): void {
    const { strength } = this.#last ?? next;
    if (!this.#last || !this.#previous || strength >= weak * Math.min(this.#previous.strength, next.strength))
      return;
    const sorted = [...this.#intervals].sort((a, b) => a - b);
    const middle = upperMedian(sorted);
    const even = sorted[remembered - 2] - sorted[1] <= evenRhythm * middle;
    const without = next.index - this.#previous.index;
    if (!even || Math.abs(without - middle) >= evenWithout * middle) return;
    this.#complexes.splice(this.#complexes.lastIndexOf(strength), 1);
    this.#complexes.unshift(lowerMedian(this.#complexes));
    this.#intervals.pop();
    this.#intervals.unshift(middle);
    this.#last = this.#previous;
    this.#previous = undefined;
    this.#givenOut = true;
  }
}

function remember(values: number[], value: number): void {
  values.push(value);
  values.shift();
}
