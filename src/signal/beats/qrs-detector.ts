import { UserError } from '../../common/errors.ts';
import { QrsDecision } from './qrs-decision.ts';
import { QrsPeakFinder } from './qrs-peaks.ts';

/** Hz; below, a complex has too few samples. */
export const lowestBeatRate = 80;
/** Hz; memory is in proportion to the rate. */
export const highestBeatRate = 100_000;

/**
 * Finds the QRS complexes of one lead that comes in blocks of any size; what is found does not depend on them. Time is linear in
 * the samples; what is kept is some 0.5 s of the signal and the peaks of some 8 s.
 *
 * After Hamilton 2002: `QrsPeakFinder` and `QrsDecision` say what is from there and what is not. Constants that are not Hamilton's
 * were chosen on records 100, 101, 103, 106, 114 and 119 of the MIT-BIH Arrhythmia Database, with and without added noise, steps
 * of gain and hum, and on 118e00 of the MIT-BIH Noise Stress Test Database.
 */
export class QrsDetector {
  readonly #decision: QrsDecision;
  readonly #peaks: QrsPeakFinder;
  #samples = 0;

  /** @param rate Hz. Throws a UserError where it is none that beats can be found at. */
  constructor(rate: number) {
    if (!(rate >= lowestBeatRate && rate <= highestBeatRate)) {
      throw new UserError(
        `beats cannot be found at a rate of ${rate} Hz`,
        {},
        `At least ${lowestBeatRate} and at most ${highestBeatRate} samples a second are needed.`,
      );
    }
    this.#decision = new QrsDecision(rate);
    this.#peaks = new QrsPeakFinder(rate, this.#decision);
  }

  /**
   * The next samples, mV, NaN where missing. Returns the samples (counted from the first block's first) of the beats that are
   * certain now, in order: those up to one beat ago, at first those of 8 s ago.
   */
  push(samples: ArrayLike<number>): number[] {
    for (let i = 0; i < samples.length; i++) this.#peaks.push(samples[i]);
    this.#samples += samples.length;
    return this.#decision.take();
  }

  /** The beats that are left at the end of the signal. Nothing can be pushed after it. */
  end(): number[] {
    this.#peaks.end();
    this.#decision.end(this.#samples);
    return this.#decision.take();
  }
}

/** Samples of the beats of a whole lead: mV, NaN where missing; `rate` in Hz. Throws as `QrsDetector` does. */
export function detectBeats(samples: ArrayLike<number>, rate: number): number[] {
  const detector = new QrsDetector(rate);
  const beats = detector.push(samples);
  return beats.concat(detector.end());
}
