import type { Address, Kernels } from './kernels.ts';

/** Weights in another order, made again after every step of the optimiser. */
export interface PackedForm {
  /** Index into the layer's parameters. */
  parameter: number;
  floats: number;
  pack(kernels: Kernels, to: Address, from: Address): void;
}

/**
 * Where one layer finds its tensors for a run of consecutive windows of one group of records. Strides are bytes from
 * one window's tensor to the next window's.
 */
export interface Run {
  windows: number;
  /** Input and output [channels][length][16]. */
  x: Address;
  xStride: number;
  y: Address;
  yStride: number;
  /** The layer's `savedBytes` a window; 0 in a prediction for layers that only save for the backward pass. */
  saved: Address;
  savedStride: number;
  /** Gradients of the output (may be overwritten) and of the input (to be written; 0: not wanted). */
  dy: Address;
  dyStride: number;
  dx: Address;
  dxStride: number;
  /** Of this thread alone, `scratchBytes`. */
  scratch: Address;
  /** Parameters, packed forms and gradients (to be added to; 0: frozen), in the binding's order. */
  weights: readonly Address[];
  packed: readonly Address[];
  gradients: readonly Address[];
  /** int32 [16]: windows of each lane's record, counted from the run's first window. */
  counts: Address;
  /** Recurrent state before the run's first window, `stateBytes`. */
  state: Address;
  /** Where the forward pass leaves the state after the run's last window; 0: not wanted. May be `state`. */
  stateAfter: Address;
  /** Window of the record that the run begins with, and after how many windows `state` is cleared (0: never). */
  firstWindow: number;
  resetEvery: number;
}

/** How the engine computes one layer of a network. Made from the layer alone, so that every thread makes the same. */
export interface LayerBinding {
  /** The backward pass reads the layer's input, so it must be kept. */
  keepsInput: boolean;
  /** The backward pass reads the layer's output. */
  keepsOutput: boolean;
  /** Kept from the forward to the backward pass, a window. */
  savedBytes: number;
  /** The forward pass needs `saved` as a workspace in predictions too. */
  savesAlways: boolean;
  stateBytes: number;
  scratchBytes: number;
  packed: readonly PackedForm[];
  /** For each parameter: element i of the engine's order is element order[i] of the canonical order. */
  orders: readonly (Int32Array | undefined)[];
  forward(kernels: Kernels, run: Run): void;
  backward(kernels: Kernels, run: Run): void;
}

/** Thrown by a binding whose layer the engine cannot train; the engine adds the layer. */
export class BindingError extends Error {}
