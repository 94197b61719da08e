import type { Draws } from '../engine/binding.ts';
import { rowFloats, type Address, type Kernels } from '../engine/kernels.ts';

/** Which of a layer's dropouts: each has draws of its own. */
type Part = 0 | 1;

/** Dropout of one tensor of a layer: forward from x to y, and backward from dy to dx by the same draws. */
export class Dropout {
  readonly #word: number;
  readonly #kept: number;
  readonly #channels: number;
  readonly #length: number;

  constructor(layerIndex: number, part: Part, rate: number, channels: number, length: number) {
    this.#word = layerIndex * 2 + part;
    this.#kept = keptOf31(rate);
    this.#channels = channels;
    this.#length = length;
  }

  apply(kernels: Kernels, to: Address, from: Address, draws: Draws, window: number): void {
    const { keys, seed, step } = draws;
    const row = rowFloats(this.#length);
    kernels.dropout(
      to,
      from,
      keys,
      seed,
      step,
      this.#word,
      window,
      this.#kept,
      this.#channels,
      this.#length,
      row,
    );
  }
}

/** Of 2^31 draws, how many keep a value. */
export function keptOf31(rate: number): number {
  return Math.min(2 ** 31 - 1, Math.round((1 - rate) * 2 ** 31));
}
