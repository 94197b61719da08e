/** Share of the samples, 0…1; of a signal without any it is 0. */
export interface SpanFigures {
  samples: number;
  missing: number;
  /** At the largest or smallest value, in runs of three or more of the same value: what an amplifier or converter cut off. */
  clipped: number;
  /** In flat stretches. */
  flat: number;
  /** s. */
  longestFlat: number;
}

/** A stretch is flat where the signal stays within 10 µV for a second or longer: no heart beats in it. */
const flatRange = 0.01;
const flatSeconds = 1;
/** Samples of one value in a row; two happen at the top of any wave. */
const clippedRun = 3;

/** Counts missing, clipped and flat samples of a signal in mV, sample by sample. */
export class SpanCounter {
  readonly #rate: number;
  #samples = 0;
  #missing = 0;
  /** Clipped samples at the highest and the lowest value so far. */
  readonly #top = new Plateaus(1);
  readonly #bottom = new Plateaus(-1);
  #flat = 0;
  #longest = 0;
  #run = { low: NaN, high: NaN, length: 0 };

  constructor(rate: number) {
    this.#rate = rate;
  }

  next(sample: number): void {
    this.#samples++;
    if (!Number.isFinite(sample)) {
      this.#missing++;
      this.#endRun();
      this.#run.length = 0;
      this.#top.next(NaN);
      this.#bottom.next(NaN);
      return;
    }
    this.#top.next(sample);
    this.#bottom.next(sample);
    const run = this.#run;
    const low = run.length > 0 ? Math.min(run.low, sample) : sample;
    const high = run.length > 0 ? Math.max(run.high, sample) : sample;
    if (high - low <= flatRange) {
      this.#run = { low, high, length: run.length + 1 };
    } else {
      this.#endRun();
      this.#run = { low: sample, high: sample, length: 1 };
    }
  }

  figures(): SpanFigures {
    this.#endRun();
    this.#run.length = 0;
    const share = (count: number): number => (this.#samples > 0 ? count / this.#samples : 0);
    // A signal of one value is flat, not clipped.
    const clipped = this.#top.extreme === -this.#bottom.extreme ? 0 : this.#top.count + this.#bottom.count;
    return {
      samples: this.#samples,
      missing: share(this.#missing),
      clipped: share(clipped),
      flat: share(this.#flat),
      longestFlat: this.#longest / this.#rate,
    };
  }

  #endRun(): void {
    const { length } = this.#run;
    if (length < flatSeconds * this.#rate) return;
    this.#flat += length;
    this.#longest = Math.max(this.#longest, length);
  }
}

/** Samples in runs at the highest value so far; of -1 times the signal, the lowest. */
class Plateaus {
  extreme = -Infinity;
  count = 0;
  readonly #sign: number;
  #run = 0;

  constructor(sign: 1 | -1) {
    this.#sign = sign;
  }

  next(sample: number): void {
    const value = this.#sign * sample;
    if (value > this.extreme) {
      this.extreme = value;
      this.count = 0;
      this.#run = 1;
    } else if (value === this.extreme) {
      this.#run++;
      if (this.#run === clippedRun) this.count += clippedRun;
      else if (this.#run > clippedRun) this.count++;
    } else {
      this.#run = 0;
    }
  }
}
