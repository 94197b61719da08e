import { QrsDetector } from '../beats/qrs-detector.ts';
import { Ring } from '../beats/ring.ts';
import { butterworthBandPass } from '../butterworth.ts';
import { CausalFilter } from '../filter.ts';
import { Levels } from './levels.ts';

/** Hz: below is wander of the baseline, above is little of an ECG. */
const band = [0.5, 40] as const;
/** s about a beat that are compared, and in which its height is taken. */
const before = 0.2;
const after = 0.3;
const heightReach = 0.06;
/** A beat is compared with so many before it, each moved by up to so many samples. */
const compared = 8;
const jitter = 1;
/** s of the signal that are kept until its beats are known. */
const kept = 12;
/** dB; beats are never more alike than that. */
const highest = 60;
/** dB; under more noise most detectors fail (Moody, Muldrow and Mark 1984). */
const noisy = 6;

export interface BeatFigures {
  beats: number;
  /** Of the middle interval, beats a minute; undefined for fewer than two beats. */
  heartRate: number | undefined;
  /** Middle height of the QRS complexes from peak to peak, mV; undefined for fewer than two beats. */
  height: number | undefined;
  /** Signal-to-noise ratio, dB, at most 60; undefined for fewer than two beats. */
  snr: number | undefined;
  /** Share of the beats whose own noise leaves less than 6 dB, 0…1: noise that comes and goes. */
  noisyBeats: number;
}

/**
 * How much noise there is about the beats of a lead. The ratio is that of the noise stress test (G. B. Moody, W. E. Muldrow,
 * R. G. Mark, "A noise stress test for arrhythmia detectors", Computers in Cardiology 11, 1984): the power of the signal is the
 * square of the QRS complexes' height from peak to peak, over 8. The noise is half of the power of what two beats of one
 * shape differ by (the ± reference of H. Schimmel, Science 157, 1967); of the eight beats before, the most similar is taken
 * for one of the same shape. Both are the middle ones of all beats, from 0.5 to 40 Hz.
 *
 * Where there is only noise, the height is the noise's own, and the ratio a few dB.
 */
export class BeatNoiseMeter {
  readonly #rate: number;
  readonly #detector: QrsDetector;
  readonly #filter: CausalFilter;
  readonly #signal: Ring;
  readonly #oldest: number;
  readonly #earlier: Float64Array[] = [];
  readonly #heights = new Levels();
  readonly #noise = new Levels();
  readonly #intervals = new Levels();
  #count = 0;
  #beats = 0;
  #last: number | undefined;
  #waiting: number[] = [];

  /** @param rate Hz; throws as `QrsDetector` does */
  constructor(rate: number) {
    this.#rate = rate;
    this.#detector = new QrsDetector(rate);
    this.#filter = new CausalFilter(butterworthBandPass(2, [band[0], Math.min(band[1], 0.45 * rate)], rate));
    this.#oldest = Math.ceil(kept * rate);
    this.#signal = new Ring(this.#oldest);
  }

  /**
   * The next second of the signal, or what is left of it at its end: mV, NaN where missing, and the same without gaps
   * (`GapBridge`).
   */
  second(samples: Float64Array, bridged: Float64Array): void {
    for (const sample of bridged) this.#signal.push(this.#filter.next(sample));
    this.#count += bridged.length;
    this.#follow(this.#detector.push(samples));
  }

  /** Of the whole signal: no sample comes any more. */
  end(): BeatFigures {
    this.#follow(this.#detector.end());
    const interval = this.#intervals.median();
    const height = this.#heights.median();
    const noise = this.#noise.median();
    return {
      beats: this.#beats,
      heartRate: interval && 60 / interval,
      height: height && Math.sqrt(height),
      snr: height && noise && Math.min(highest, 10 * Math.log10(height / 8 / noise)),
      noisyBeats: height ? this.#noise.shareAbove(height / 8 / 10 ** (noisy / 10)) : 0,
    };
  }

  #follow(found: readonly number[]): void {
    for (const beat of found) {
      this.#beats++;
      if (this.#last !== undefined) this.#intervals.add((beat - this.#last) / this.#rate);
      this.#last = beat;
      this.#waiting.push(beat);
    }
    while (this.#waiting.length > 0 && this.#waiting[0] + this.#samples(after) + jitter < this.#count) {
      const beat = this.#waiting.shift() ?? 0;
      const first = beat - this.#samples(before) - jitter;
      // A beat that became certain after a long pause is gone, or it is at the very start.
      if (first >= 0 && first >= this.#count - this.#oldest) this.#compare(beat);
    }
  }

  #compare(beat: number): void {
    const start = beat - this.#samples(before) - jitter;
    const shape = new Float64Array(this.#samples(before) + this.#samples(after) + 2 * jitter);
    for (let i = 0; i < shape.length; i++) shape[i] = this.#signal.at(start + i);
    let least = Infinity;
    for (const earlier of this.#earlier) least = Math.min(least, differencePower(shape, earlier));
    if (least < Infinity) {
      this.#noise.add(least / 2);
      const near = shape.subarray(this.#samples(before - heightReach), this.#samples(before + heightReach));
      this.#heights.add((Math.max(...near) - Math.min(...near)) ** 2);
    }
    this.#earlier.push(shape);
    if (this.#earlier.length > compared) this.#earlier.shift();
  }

  #samples(seconds: number): number {
    return Math.round(seconds * this.#rate);
  }
}

/** Mean square of what two shapes differ by, moved against each other for the least. */
function differencePower(a: Float64Array, b: Float64Array): number {
  const length = a.length - 2 * jitter;
  let least = Infinity;
  for (let shift = -jitter; shift <= jitter; shift++) {
    let sum = 0;
    for (let i = jitter; i < jitter + length; i++) sum += (a[i] - b[i + shift]) ** 2;
    least = Math.min(least, sum / length);
  }
  return least;
}
