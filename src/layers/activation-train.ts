import type { Run } from '../engine/binding.ts';
import { rowFloats, type Address, type Kernels } from '../engine/kernels.ts';
import type { TensorShape } from './definition.ts';
import { negativeSlope, type Activation } from './activation.ts';

/** The activation of a layer's output, whose mask is the first thing that the layer saves a window. */
export class OutputActivation {
  /** Factor of negative values; undefined: there is no activation. */
  readonly slope: number | undefined;
  /** Of the bit mask over [channels][length][16], a multiple of 64. */
  readonly savedBytes: number;
  readonly #shape: readonly [channels: number, length: number, row: number];

  constructor(activation: Activation, { channels, length }: TensorShape) {
    this.slope = negativeSlope(activation);
    this.savedBytes = this.slope === undefined ? 0 : Math.ceil((channels * length * 2) / 64) * 64;
    this.#shape = [channels, length, rowFloats(length)];
  }

  /** Where window n's mask is; 0: none is wanted. */
  mask(run: Run, n: number): Address {
    return this.slope === undefined || run.saved === 0 ? 0 : run.saved + n * run.savedStride;
  }

  /** Window n's output, in place. */
  forward(kernels: Kernels, run: Run, n: number): void {
    if (this.slope === undefined) return;
    kernels.activate(run.y + n * run.yStride, this.mask(run, n), this.slope, ...this.#shape);
  }

  /** Window n's gradient, in place, and the sum of each channel (0: not wanted). */
  backward(kernels: Kernels, run: Run, n: number, biasGradient: Address = 0): void {
    const mask = this.mask(run, n);
    if (mask === 0 && biasGradient === 0) return;
    kernels.activation_backward(
      run.dy + n * run.dyStride,
      mask,
      biasGradient,
      this.slope ?? 0,
      ...this.#shape,
    );
  }
}
