import type { NetworkLayer, QuantizationSpec } from '../model/network.ts';
import type { ActivationName } from './activation.ts';
import type { PoolOptions } from './pool.ts';

/**
 * The integer network's blocks as plain data: what one C descriptor (`runtime/ecg_runtime.h`) says, but for places in
 * memory. A block is one layer, or a convolution with the pool that follows it.
 */

/** Numbers are those of the C header and of the stored format. */
export const blockKinds = {
  conv1d: 1,
  'average-pool': 2,
  'max-pool': 3,
  'global-average-pool': 4,
  gru: 5,
  lstm: 6,
  dense: 7,
  add: 8,
  'max-affine': 9,
  'channel-scale': 10,
} as const;
export type BlockKind = keyof typeof blockKinds;

export const activations = { none: 0, relu: 1, 'leaky-relu': 2 } as const satisfies Record<
  ActivationName,
  number
>;

export const pools = { none: 0, average: 1, max: 2 } as const;
export type BlockPool = keyof typeof pools;

/** How sigmoid and tanh are computed where it is not by tables: the bits ECG_GATES_… of the C header. */
export const gateForms = { linear: 1, hard: 2, 'hard-linear': 3 } as const;
export type GateForm = keyof typeof gateForms;

/** How the values of a tensor are stored. */
export interface ValueFormat {
  bits: 8 | 16;
  fraction: number;
}

export interface BlockContent {
  kind: BlockKind;
  activation: ActivationName;
  /**
   * Leaky ReLU: k of the slope 2^-k. The accumulator then has k more fraction bits, as `shifts` has: negative values stay,
   * others are multiplied by 2^k. Absent from other blocks, and from files that are older.
   */
  slopeShift?: number;
  groups: number;
  kernel: number;
  stride: number;
  /** Zeros before the input. */
  padding: number;
  /** Of a convolution: the pool fused into it. */
  pool: BlockPool;
  /** `max-affine`: the affine functions of each output. */
  poolSize: number;
  poolStride: number;
  /** 0, or M of `averageDivisor`. */
  poolMultiplier: number;
  /** Order of the weights in memory; 0: canonical. */
  packing: number;
  /** 4: `weights` and `recurrent` of a placed block are packed, see four-bit.ts. */
  weightBits: 4 | 8;
  biasBits: 8 | 16;
  stateBits: 8 | 16;
  /** The bias is multiplied by 2^biasShift before it is added to the accumulator. */
  biasShift: number;
  /** `add`: of the two inputs. Recurrent: of the input's and of the state's product. */
  leftShift: readonly [number, number];
  /** Recurrent and `channel-scale`. Absent: by tables. */
  gates?: GateForm;
  /** One for each output channel or one for all; bits to the right, negative to the left. */
  shifts: Int8Array;
  /** Canonical layout of the layer's shape.ts; undefined where the kind has none. */
  weights: Int8Array | undefined;
  recurrent: Int8Array | undefined;
  bias: Int8Array | Int16Array | undefined;
  output: ValueFormat;
  /** Bytes of the persistent state beyond the output itself: the LSTM's cell. */
  cellBytes: number;
  scratchBytes: number;
}

/**
 * A content with everything at its neutral value, for kinds to change what they use.
 *
 * @param shifts one for all output channels, or one for each
 */
export function plainContent(kind: BlockKind, output: ValueFormat, ...shifts: number[]): BlockContent {
  return {
    kind,
    activation: 'none',
    groups: 1,
    kernel: 1,
    stride: 1,
    padding: 0,
    pool: 'none',
    poolSize: 1,
    poolStride: 1,
    poolMultiplier: 0,
    packing: 0,
    weightBits: 8,
    biasBits: 8,
    stateBits: 16,
    biasShift: 0,
    leftShift: [0, 0],
    shifts: Int8Array.from(shifts),
    weights: undefined,
    recurrent: undefined,
    bias: undefined,
    output,
    cellBytes: 0,
    scratchBytes: 0,
  };
}

export interface QuantizeContext {
  quantization: QuantizationSpec;
  /** Formats of the layer's inputs, and of its output where that are activations. */
  inputs: readonly ValueFormat[];
  output: ValueFormat;
  /** True for the layer whose output are the logits. */
  last: boolean;
  /** The pool to be fused into a convolution. */
  pool: { kind: 'average' | 'max'; options: PoolOptions } | undefined;
  /** The layer's parameter by its name in shape.ts: `kernel`, `bias`. */
  parameter(name: string): Float32Array;
}

/** What a layer kind says of its integer form; read by `quantization/`. */
export interface FixedBinding<O> {
  kind: BlockKind;
  /** Widths of input values that its kernel reads. */
  inputBits: readonly (8 | 16)[];
  /** The layer's weights on the integer grid and its descriptor. Throws a FixedPointError that says what does not fit. */
  quantize(layer: NetworkLayer<O>, context: QuantizeContext): BlockContent;
  /** Throws a FixedPointError where an int32 accumulator could overflow for some input, given the real weights. */
  check(layer: NetworkLayer<O>, content: BlockContent, inputs: readonly ValueFormat[]): void;
}

/** A layer has no integer form in the formats asked for. `quantization/` adds the layer's name. */
export class FixedPointError extends Error {
  readonly advice: string;
  constructor(message: string, advice = '') {
    super(message);
    this.name = 'FixedPointError';
    this.advice = advice;
  }
}
