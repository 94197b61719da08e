/** The latest `capacity` values of a signal, by their index in the whole signal. */
export class Ring {
  readonly #values: Float64Array;
  #end = 0;

  constructor(capacity: number) {
    this.#values = new Float64Array(capacity);
  }

  push(value: number): void {
    this.#values[this.#end % this.#values.length] = value;
    this.#end++;
  }

  /** The value at an index among the latest; before the first value there were zeros. */
  at(index: number): number {
    return index < 0 ? 0 : this.#values[index % this.#values.length];
  }
}
