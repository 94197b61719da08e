import type { PackedForm, Run } from '../engine/binding.ts';
import {
  FLOAT,
  LARGEST_TILE,
  rowFloats,
  START_BIAS,
  START_OUTPUT,
  START_ZERO,
  type Address,
  type Kernels,
} from '../engine/kernels.ts';

function wholeTiles(rows: number): number {
  return Math.ceil(rows / LARGEST_TILE) * LARGEST_TILE;
}

export interface LinearShape {
  outputs: number;
  channels: number;
  /** Positions of the output and of the input. */
  length: number;
  xLength: number;
  taps: number;
  /** Zeros before the input. */
  before: number;
}

/** A convolution of stride 1, or with one tap and length 1 a matrix product: the calls of its kernels. */
export class Linear {
  readonly shape: LinearShape;
  readonly #row: number;
  readonly #xRow: number;

  constructor(shape: LinearShape) {
    this.shape = shape;
    this.#row = rowFloats(shape.length);
    this.#xRow = rowFloats(shape.xLength);
  }

  static matrix(outputs: number, channels: number): Linear {
    return new Linear({ outputs, channels, length: 1, xLength: 1, taps: 1, before: 0 });
  }

  /** `rowOffset`: first output row of the parameter, for a recurrent layer's gates. */
  forwardForm(parameter: number, rowOffset = 0): PackedForm {
    const { outputs, channels, taps } = this.shape;
    const offset = rowOffset * channels * taps * FLOAT;
    return {
      parameter,
      floats: wholeTiles(outputs) * channels * taps,
      pack: (kernels, to, from) => kernels.pack_forward(to, from + offset, outputs, channels, taps),
    };
  }

  backwardForm(parameter: number, rowOffset = 0): PackedForm {
    const { outputs, channels, taps } = this.shape;
    const offset = rowOffset * channels * taps * FLOAT;
    return {
      parameter,
      floats: wholeTiles(channels) * outputs * taps,
      pack: (kernels, to, from) => kernels.pack_backward(to, from + offset, outputs, channels, taps),
    };
  }

  /** y = w x + bias, or y += w x without a bias. `mask` 0: none wanted. */
  forward(
    kernels: Kernels,
    y: Address,
    x: Address,
    w: Address,
    bias: Address,
    mask: Address = 0,
    relu = false,
  ): void {
    const { outputs, channels, length, xLength, taps, before } = this.shape;
    const start = bias === 0 ? START_OUTPUT : START_BIAS;
    kernels.convolve(
      y,
      x,
      w,
      bias,
      mask,
      start,
      relu ? 1 : 0,
      outputs,
      channels,
      length,
      xLength,
      taps,
      before,
      this.#row,
      this.#xRow,
    );
  }

  /** dx = transpose(w) dy, or added to dx. */
  backward(kernels: Kernels, dx: Address, dy: Address, w: Address, add = false): void {
    const { outputs, channels, length, xLength, taps, before } = this.shape;
    kernels.convolve(
      dx,
      dy,
      w,
      0,
      0,
      add ? START_OUTPUT : START_ZERO,
      0,
      channels,
      outputs,
      xLength,
      length,
      taps,
      taps - 1 - before,
      this.#xRow,
      this.#row,
    );
  }

  /** gradient += sum over windows of dy x; strides in bytes. */
  gradient(
    kernels: Kernels,
    gradient: Address,
    dy: Address,
    dyStride: number,
    x: Address,
    xStride: number,
    windows: number,
  ): void {
    const { outputs, channels, length, xLength, taps, before } = this.shape;
    kernels.weight_gradient(
      gradient,
      dy,
      x,
      windows,
      outputs,
      channels,
      length,
      xLength,
      taps,
      before,
      dyStride / FLOAT,
      this.#row,
      xStride / FLOAT,
      this.#xRow,
    );
  }

  /** Through the activation (mask 0: none) in place, and the bias's gradient. */
  activationBackward(kernels: Kernels, dy: Address, mask: Address, gradient: Address): void {
    const { outputs, length } = this.shape;
    if (mask === 0 && gradient === 0) return;
    kernels.activation_backward(dy, mask, gradient, outputs, length, this.#row);
  }
}

/** Bytes of the bit mask of a ReLU over [outputs][length][16], a multiple of 64. */
export function maskBytes(outputs: number, length: number): number {
  return Math.ceil((outputs * length * 2) / 64) * 64;
}

/** Forward of a layer with kernel (packed form 0), bias and optional ReLU, for convolution and dense. */
export function linearForward(linear: Linear, relu: boolean, kernels: Kernels, run: Run): void {
  for (let n = 0; n < run.windows; n++) {
    const mask = relu && run.saved !== 0 ? run.saved + n * run.savedStride : 0;
    const y = run.y + n * run.yStride;
    linear.forward(kernels, y, run.x + n * run.xStride, run.packed[0], run.weights[1], mask, relu);
  }
}

/** Its backward: packed form 1 is the kernel's backward form; gradients are kernel's and bias's. */
export function linearBackward(linear: Linear, relu: boolean, kernels: Kernels, run: Run): void {
  for (let n = 0; n < run.windows; n++) {
    const mask = relu ? run.saved + n * run.savedStride : 0;
    linear.activationBackward(kernels, run.dy + n * run.dyStride, mask, run.gradients[1]);
  }
  if (run.gradients[0] !== 0) {
    linear.gradient(kernels, run.gradients[0], run.dy, run.dyStride, run.x, run.xStride, run.windows);
  }
  if (run.dx === 0) return;
  for (let n = 0; n < run.windows; n++) {
    linear.backward(kernels, run.dx + n * run.dxStride, run.dy + n * run.dyStride, run.packed[1]);
  }
}
