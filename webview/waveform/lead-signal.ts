import { PairPyramid, Pyramid } from './pyramid.ts';

/** Samples that are asked for and kept together. */
export const blockSamples = 1 << 14;
/** Blocks of each lead that are kept: what a wide screen shows before the envelope is enough, twice. */
const blocksKept = 64;

/**
 * One lead of a record of any length: an envelope of all of it, and samples of the parts that were looked at. A day of 250 Hz is
 * 700 kB of envelope, not 86 MB of samples.
 */
export class LeadSignal {
  readonly length: number;
  readonly #bucket: number;
  readonly #envelope: PairPyramid;
  readonly #blocks = new Map<number, Pyramid>();

  /** @param bucket samples of a pair of the envelope */
  constructor(length: number, bucket: number) {
    this.length = length;
    this.#bucket = bucket;
    this.#envelope = new PairPyramid(length, bucket);
  }

  putEnvelope(first: number, pairs: Float32Array): void {
    this.#envelope.put(first, pairs);
  }

  putBlock(index: number, samples: Float32Array): void {
    this.#blocks.delete(index);
    this.#blocks.set(index, new Pyramid(samples));
    if (this.#blocks.size > blocksKept) this.#blocks.delete(this.#blocks.keys().next().value as number);
  }

  has(block: number): boolean {
    return this.#blocks.has(block);
  }

  /** A sample; NaN where it is missing, undefined where it is not here, or not there at all. */
  at(index: number): number | undefined {
    return this.#blocks.get(Math.floor(index / blockSamples))?.samples[index % blockSamples];
  }

  /** Whether so few samples a column are drawn that the envelope is too coarse. */
  needsSamples(samplesPerPixel: number): boolean {
    return samplesPerPixel < 2 * this.#bucket;
  }

  /** Smallest and largest of the samples from `start` up to `end`, as finely as they are known; NaN where nothing is. */
  range(start: number, end: number): [number, number] {
    if (!this.needsSamples(end - start)) return this.#envelope.range(start, end);
    let low = Infinity;
    let high = -Infinity;
    const first = Math.max(0, Math.floor(start / blockSamples));
    const last = Math.min(Math.ceil(this.length / blockSamples), Math.ceil(end / blockSamples));
    for (let index = first; index < last; index++) {
      const block = this.#blocks.get(index);
      if (!block) return this.#envelope.range(start, end);
      const offset = index * blockSamples;
      const [least, most] = block.range(
        Math.max(0, start - offset),
        Math.min(block.samples.length, end - offset),
      );
      if (least < low) low = least;
      if (most > high) high = most;
    }
    return low <= high ? [low, high] : [NaN, NaN];
  }
}
