/** Samples that one pair of the lowest level stands for, and pairs that one of the level above stands for. */
const base = 16;
const factor = 4;

/**
 * A lead with the smallest and largest value of each stretch, over ever longer stretches: a screen column over any number
 * of samples is drawn from a few pairs. Missing samples are NaN and count for nothing.
 */
export class Pyramid {
  readonly samples: Float32Array;
  /** [level][2 * i]: smallest, [2 * i + 1]: largest. NaN where there is no sample. */
  readonly #levels: Float32Array[] = [];

  constructor(samples: Float32Array) {
    this.samples = samples;
    for (let pairs = Math.ceil(samples.length / base); pairs > 1; pairs = Math.ceil(pairs / factor)) {
      this.#levels.push(new Float32Array(2 * pairs).fill(NaN));
    }
    this.update(0, samples.length);
  }

  /** Samples from `start` to `end` have been filled in. */
  update(start: number, end: number): void {
    let [from, to] = [Math.floor(start / base), Math.ceil(end / base)];
    for (const [k, level] of this.#levels.entries()) {
      for (let i = from; i < Math.min(to, level.length / 2); i++) {
        const [low, high] =
          k === 0
            ? extremes(this.samples, i * base, Math.min(this.samples.length, (i + 1) * base))
            : pairExtremes(this.#levels[k - 1], i * factor, (i + 1) * factor);
        level[2 * i] = low;
        level[2 * i + 1] = high;
      }
      [from, to] = [Math.floor(from / factor), Math.ceil(to / factor)];
    }
  }

  /** Smallest and largest of the samples from `start` up to `end`; NaN where there is none. May reach a pair further. */
  range(start: number, end: number): [number, number] {
    const from = Math.max(0, Math.floor(start));
    const to = Math.min(this.samples.length, Math.max(from + 1, Math.ceil(end)));
    let stretch = base;
    let level = -1;
    while (level + 1 < this.#levels.length && stretch * 2 <= to - from) {
      level++;
      stretch *= factor;
    }
    if (level < 0) return extremes(this.samples, from, to);
    stretch /= factor;
    return pairExtremes(this.#levels[level], Math.floor(from / stretch), Math.ceil(to / stretch));
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
