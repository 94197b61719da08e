/**
 * Mean of the last `length` values, sample by sample; before the first value there were zeros. Its group delay is
 * (length - 1) / 2 samples. Constant time a sample: the sum is updated, and made anew each `length` samples, so that neither
 * rounding nor one huge value stays in it.
 */
export class Boxcar {
  readonly #values: Float64Array;
  #at = 0;
  #sum = 0;

  constructor(length: number) {
    this.#values = new Float64Array(length);
  }

  next(value: number): number {
    const values = this.#values;
    this.#sum += value - values[this.#at];
    values[this.#at] = value;
    if (++this.#at === values.length) {
      this.#at = 0;
      this.#sum = values.reduce((a, b) => a + b, 0);
    }
    return this.#sum / values.length;
  }
}
