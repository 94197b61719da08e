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
  /** Input and output [channels][length][16]; x2: second input of a layer that reads two. */
  x: Address;
  xStride: number;
  x2: Address;
  x2Stride: number;
  y: Address;
  yStride: number;
  /** The layer's `savedBytes` a window; 0 in a prediction for layers that only save for the backward pass. */
  saved: Address;
  savedStride: number;
  /** Gradients of the output (may be overwritten) and of the inputs (to be written; 0: not wanted). */
  dy: Address;
  dyStride: number;
  dx: Address;
  dxStride: number;
  dx2: Address;
  dx2Stride: number;
  /** dx holds the gradient that later readers give: to be added to. Only for bindings with `addsGradient`. */
  addToDx: boolean;
  /** Of this thread alone, `scratchBytes`. */
  scratch: Address;
  /** Parameters, packed forms and gradients (to be added to; 0: frozen), in the binding's order. */
  weights: readonly Address[];
  packed: readonly Address[];
  gradients: readonly Address[];
  /** int32 [16]: windows that each lane's record has within the batch. */
  counts: Address;
  /** Recurrent state before the run's first window, `stateBytes`. */
  state: Address;
  /** Where the forward pass leaves the state after the run's last window; 0: not wanted. May be `state`. */
  stateAfter: Address;
  /** Figures of the batch, `statisticsBytes`; 0: a prediction, or a frozen layer. */
  statistics: Address;
  /** Draws of dropout; undefined in a prediction. */
  draws: Draws | undefined;
  /** Window of the record that the run begins with, and after how many windows `state` is cleared (0: never). */
  firstWindow: number;
  resetEvery: number;
}

/** What dropout's draws depend on beside layer, window and place: the run's seed, the step, each lane's record. */
export interface Draws {
  seed: number;
  step: number;
  /** uint32 [16]. */
  keys: Address;
}

/** Of a layer that is trained on figures of the whole batch: a pass forward and one backward before its own. */
export interface BatchStatistics {
  /** Figures of the batch. Those of a window lie in `saved`. */
  bytes: number;
  /** Of each window's input into `saved`. */
  measure(kernels: Kernels, run: Run): void;
  /** Of all windows, of which the first one's are in `run.saved`, into `run.statistics`. */
  join(kernels: Kernels, run: Run): void;
  /** Running figures among the parameters go on, once a step. */
  update(kernels: Kernels, run: Run): void;
  /** The same of the gradient; `measureBackward` may change `run.dy`, `joinBackward` adds to `run.gradients`. */
  measureBackward(kernels: Kernels, run: Run): void;
  joinBackward(kernels: Kernels, run: Run): void;
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
  /** The backward pass can add to dx. */
  addsGradient?: boolean;
  statistics?: BatchStatistics;
  /** For each parameter: element i of the engine's order is element order[i] of the canonical order; -1: always zero. */
  orders: readonly (Int32Array | undefined)[];
  forward(kernels: Kernels, run: Run): void;
  backward(kernels: Kernels, run: Run): void;
}

/** Thrown by a binding whose layer the engine cannot train; the engine adds the layer. */
export class BindingError extends Error {}

/** What bindings without parameters and state have in common. */
export const parameterless = {
  keepsInput: false,
  keepsOutput: false,
  savedBytes: 0,
  savesAlways: false,
  stateBytes: 0,
  scratchBytes: 0,
  packed: [],
  orders: [],
} as const;
