/** The last few values by key; the one that was not used for longest is dropped. */
export class LruCache<V> {
  readonly #entries = new Map<string, V>();
  readonly #capacity: number;
  readonly #dropped: (value: V) => void;

  /** @param dropped what is to be done with a value that nobody gets any more */
  constructor(capacity: number, dropped: (value: V) => void = () => {}) {
    this.#capacity = capacity;
    this.#dropped = dropped;
  }

  get(key: string): V | undefined {
    const value = this.#entries.get(key);
    if (value === undefined) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, value);
    return value;
  }

  set(key: string, value: V): void {
    const before = this.#entries.get(key);
    this.#entries.delete(key);
    this.#entries.set(key, value);
    if (before !== undefined) this.#dropped(before);
    if (this.#entries.size <= this.#capacity) return;
    const [[oldest, last]] = this.#entries;
    this.#entries.delete(oldest);
    this.#dropped(last);
  }
}
