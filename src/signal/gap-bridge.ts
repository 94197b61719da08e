/** s; within less a signal does change, and what comes after the gap is taken as it is. */
const shortGap = 0.05;

/**
 * A signal without its missing samples (NaN, infinite), for filters: they have the last value. After 50 ms and more of them the
 * signal goes on from there, so that there is no step at a gap. Relative to the first sample.
 */
export class GapBridge {
  readonly #short: number;
  #offset: number | undefined;
  #last = 0;
  #gap = 0;

  /** @param rate Hz */
  constructor(rate: number) {
    this.#short = shortGap * rate;
  }

  next(sample: number): number {
    if (!Number.isFinite(sample)) {
      this.#gap++;
      return this.#last;
    }
    if (this.#offset === undefined || this.#gap >= this.#short) this.#offset = sample - this.#last;
    this.#gap = 0;
    return (this.#last = sample - this.#offset);
  }
}
