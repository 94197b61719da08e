import type { LayerBinding, PackedForm, Run } from '../engine/binding.ts';
import {
  FLOAT,
  LARGEST_TILE,
  rowFloats,
  START_BIAS,
  START_OUTPUT,
  START_ZERO,
  WINOGRAD_POINTS,
  winogradScratch,
  type Address,
  type Kernels,
} from '../engine/kernels.ts';
import type { NetworkLayer } from '../model/network.ts';
import type { Activation } from './activation.ts';
import { OutputActivation } from './activation-train.ts';

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

/** Where Winograd's transforms cost less than the products that they save. */
function winogradPays({ outputs, channels, length, xLength, taps }: LinearShape): boolean {
  const rows = Math.min(outputs, channels);
  return (taps === 3 || taps === 5) && rows >= 8 && channels % 4 === 0 && Math.min(length, xLength) >= 4;
}

/** A convolution of stride 1, or with one tap and length 1 a matrix product: the calls of its kernels. */
export class Linear {
  readonly shape: LinearShape;
  readonly #row: number;
  readonly #xRow: number;
  readonly #winograd: boolean;

  constructor(shape: LinearShape, winograd = false) {
    this.shape = shape;
    this.#winograd = winograd;
    this.#row = rowFloats(shape.length);
    this.#xRow = rowFloats(shape.xLength);
  }

  /** By Winograd's kernels where they are faster; these need `scratchBytes`. */
  static convolution(shape: LinearShape): Linear {
    return new Linear(shape, winogradPays(shape));
  }

  static matrix(outputs: number, channels: number): Linear {
    return new Linear({ outputs, channels, length: 1, xLength: 1, taps: 1, before: 0 });
  }

  /** What forward, backward and gradient need of a thread's scratch. */
  get scratchBytes(): number {
    return this.#winograd ? winogradScratch(Math.max(this.shape.outputs, this.shape.channels)) : 0;
  }

  /** `rowOffset`: first output row of the parameter, for a recurrent layer's gates. */
  forwardForm(parameter: number, rowOffset = 0): PackedForm {
    const { outputs, channels, taps } = this.shape;
    const offset = rowOffset * channels * taps * FLOAT;
    if (this.#winograd) {
      return {
        parameter,
        floats: wholeTiles(outputs) * channels * WINOGRAD_POINTS,
        pack: (kernels, to, from) =>
          kernels.winograd_pack(to, from + offset, outputs, channels, taps, taps * channels, 1, channels),
      };
    }
    return {
      parameter,
      floats: wholeTiles(outputs) * channels * taps,
      pack: (kernels, to, from) => kernels.pack_forward(to, from + offset, outputs, channels, taps),
    };
  }

  backwardForm(parameter: number, rowOffset = 0): PackedForm {
    const { outputs, channels, taps } = this.shape;
    const offset = rowOffset * channels * taps * FLOAT;
    if (this.#winograd) {
      // The taps in reverse, from the last on.
      const last = offset + (taps - 1) * channels * FLOAT;
      return {
        parameter,
        floats: wholeTiles(channels) * outputs * WINOGRAD_POINTS,
        pack: (kernels, to, from) =>
          kernels.winograd_pack(to, from + last, channels, outputs, taps, 1, taps * channels, -channels),
      };
    }
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
    scratch: Address = 0,
  ): void {
    const { outputs, channels, length, xLength, taps, before } = this.shape;
    const start = bias === 0 ? START_OUTPUT : START_BIAS;
    if (this.#winograd) {
      kernels.winograd_convolve(
        y,
        x,
        w,
        bias,
        mask,
        scratch,
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
      return;
    }
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
  backward(kernels: Kernels, dx: Address, dy: Address, w: Address, add = false, scratch: Address = 0): void {
    const { outputs, channels, length, xLength, taps, before } = this.shape;
    const start = add ? START_OUTPUT : START_ZERO;
    if (this.#winograd) {
      kernels.winograd_convolve(
        dx,
        dy,
        w,
        0,
        0,
        scratch,
        start,
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
      return;
    }
    kernels.convolve(
      dx,
      dy,
      w,
      0,
      0,
      start,
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
    scratch: Address = 0,
  ): void {
    const { outputs, channels, length, xLength, taps, before } = this.shape;
    if (this.#winograd) {
      kernels.winograd_gradient(
        gradient,
        dy,
        x,
        scratch,
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
      return;
    }
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

  /** gradient (0: not wanted) += sum of each output of dy. */
  biasGradient(kernels: Kernels, dy: Address, gradient: Address): void {
    const { outputs, length } = this.shape;
    if (gradient !== 0) kernels.activation_backward(dy, 0, gradient, 0, outputs, length, this.#row);
  }
}

/** What a convolution or a dense layer does window by window, with kernel, bias and activation. */
export interface LinearParts {
  packed: readonly PackedForm[];
  scratchBytes: number;
  addsGradient: boolean;
  /** y = w x + bias of one window; `relu` and its mask (0: none wanted) where `fusesRelu`. */
  forward(kernels: Kernels, run: Run, y: Address, x: Address, mask: Address, relu: boolean): void;
  fusesRelu: boolean;
  /** Gradient of the kernel over all windows of the run, added. */
  gradient(kernels: Kernels, run: Run): void;
  /** dx of one window, written or (`addToDx`) added to. */
  backward(kernels: Kernels, run: Run, dx: Address, dy: Address): void;
}

/** The parts of a layer whose kernel is one matrix or convolution of stride 1. */
export function linearParts(linear: Linear): LinearParts {
  return {
    packed: [linear.forwardForm(0), linear.backwardForm(0)],
    scratchBytes: linear.scratchBytes,
    addsGradient: true,
    fusesRelu: true,
    forward: (kernels, run, y, x, mask, relu) =>
      linear.forward(kernels, y, x, run.packed[0], run.weights[1], mask, relu, run.scratch),
    gradient: (kernels, run) =>
      linear.gradient(
        kernels,
        run.gradients[0],
        run.dy,
        run.dyStride,
        run.x,
        run.xStride,
        run.windows,
        run.scratch,
      ),
    backward: (kernels, run, dx, dy) =>
      linear.backward(kernels, dx, dy, run.packed[1], run.addToDx, run.scratch),
  };
}

/** The binding of a layer with `kernel` and `bias`, in this order, and an activation. Saved: the activation's mask. */
export function linearBinding(
  layer: NetworkLayer,
  parts: LinearParts,
  activation: Activation,
  kernelOrder: Int32Array | undefined,
): LayerBinding {
  const output = new OutputActivation(activation, layer.shape);
  const fused = output.slope === 0 && parts.fusesRelu;
  return {
    keepsInput: true,
    keepsOutput: false,
    savedBytes: output.savedBytes,
    savesAlways: false,
    stateBytes: 0,
    scratchBytes: parts.scratchBytes,
    addsGradient: parts.addsGradient,
    packed: parts.packed,
    orders: [kernelOrder, undefined],
    forward(kernels, run) {
      for (let n = 0; n < run.windows; n++) {
        const [y, x] = [run.y + n * run.yStride, run.x + n * run.xStride];
        parts.forward(kernels, run, y, x, fused ? output.mask(run, n) : 0, fused);
        if (!fused) output.forward(kernels, run, n);
      }
    },
    backward(kernels, run) {
      for (let n = 0; n < run.windows; n++) output.backward(kernels, run, n, run.gradients[1]);
      if (run.gradients[0] !== 0) parts.gradient(kernels, run);
      if (run.dx === 0) return;
      for (let n = 0; n < run.windows; n++) {
        parts.backward(kernels, run, run.dx + n * run.dxStride, run.dy + n * run.dyStride);
      }
    },
  };
}

/** The engine keeps [filters][taps][channels], so that gradients of neighbouring channels are one vector. */
export function kernelOrder(filters: number, channels: number, taps: number, paddedTaps = taps): Int32Array {
  const order = new Int32Array(filters * channels * paddedTaps);
  let i = 0;
  for (let f = 0; f < filters; f++) {
    for (let k = 0; k < paddedTaps; k++) {
      for (let c = 0; c < channels; c++) order[i++] = k < taps ? (f * channels + c) * taps + k : -1;
    }
  }
  return order;
}
