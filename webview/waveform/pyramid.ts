/** Samples that one pair of the lowest level stands for, and pairs that one of the level above stands for. */
const base = 16;
const factor = 4;

/**
 * Smallest and largest value of each stretch of samples, over ever longer stretches: a screen column over any number of samples is
 * drawn from a few pairs. Stretches that are not known yet, or without a sample, are NaN and count for nothing.
 */
export class PairPyramid {
  /** Samples of a pair of the lowest level. */
  readonly #stretch: number;
  /** [level][2 * i]: smallest, [2 * i + 1]: largest. */
  readonly #levels: Float32Array[] = [];

  constructor(samples: number, stretch: number) {
    this.#stretch = stretch;
    let pairs = Math.ceil(samples / stretch);
    do {
      this.#levels.push(new Float32Array(2 * pairs).fill(NaN));
      pairs = Math.ceil(pairs / factor);
    } while (this.#levels[this.#levels.length - 1].length > 2);
  }

  /** Pairs of the lowest level are known from pair `first` on. */
  put(first: number, pairs: Float32Array): void {
    this.#levels[0].set(pairs, 2 * first);
    let [from, to] = [first, first + pairs.length / 2];
    for (let k = 1; k < this.#levels.length; k++) {
      [from, to] = [Math.floor(from / factor), Math.ceil(to / factor)];
      const level = this.#levels[k];
      for (let i = from; i < Math.min(to, level.length / 2); i++) {
        [level[2 * i], level[2 * i + 1]] = pairExtremes(this.#levels[k - 1], i * factor, (i + 1) * factor);
      }
    }
  }

  /** Smallest and largest of the samples from `start` up to `end`; NaN where none is known. May reach a pair further. */
  range(start: number, end: number): [number, number] {
    let stretch = this.#stretch;
    let level = 0;
    while (level + 1 < this.#levels.length && stretch * factor * 2 <= end - start) {
      level++;
      stretch *= factor;
    }
    return pairExtremes(this.#levels[level], Math.floor(start / stretch), Math.ceil(end / stretch));
  }
}

/** Samples of a lead with their pyramid. Missing ones are NaN. */
export class Pyramid {
  readonly samples: Float32Array;
  readonly #pairs: PairPyramid;

  constructor(samples: Float32Array) {
    this.samples = samples;
    this.#pairs = new PairPyramid(samples.length, base);
    const pairs = new Float32Array(2 * Math.ceil(samples.length / base));
    for (let i = 0; 2 * i < pairs.length; i++) {
      [pairs[2 * i], pairs[2 * i + 1]] = extremes(
        samples,
        i * base,
        Math.min(samples.length, (i + 1) * base),
      );
    }
    this.#pairs.put(0, pairs);
  }

  /** Smallest and largest of the samples from `start` up to `end`; NaN where there is none. May reach a pair further. */
  range(start: number, end: number): [number, number] {
    const from = Math.max(0, Math.floor(start));
    const to = Math.min(this.samples.length, Math.max(from + 1, Math.ceil(end)));
    return to - from < 2 * base ? extremes(this.samples, from, to) : this.#pairs.range(from, to);
  }
}

function extremes(samples: Float32Array, from: number, to: number): [number, number] {
  let low = Infinity;
  let high = -Infinity;
  for (let i = from; i < to; i++) {
    const value = samples[i];
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return low <= high ? [low, high] : [NaN, NaN];
}

function pairExtremes(level: Float32Array, from: number, to: number): [number, number] {
  let low = Infinity;
  let high = -Infinity;
  for (let i = Math.max(0, from); i < Math.min(to, level.length / 2); i++) {
    if (level[2 * i] < low) low = level[2 * i];
    if (level[2 * i + 1] > high) high = level[2 * i + 1];
  }
  return low <= high ? [low, high] : [NaN, NaN];
}
