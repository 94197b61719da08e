import type { IntegerBlock } from '../../quantization/integer-network.ts';

/** Orders of weights: `ECG_PACKING_…` of `runtime/ecg_runtime.h`. */
export type PackingName = 'canonical' | 'direct' | 'folded' | 'winograd' | 'rows';

/** What a Cortex-M4 kernel reads instead of a block's canonical weights. */
export interface PackedBlock {
  /** The C function of `runtime/arm/`. */
  kernel: string;
  packing: PackingName;
  /** Absent: 8, or what the packing says. */
  weightBits?: 4;
  /** Taps that are packed, and zeros before the input that go with them. */
  taps: number;
  padding: number;
  /** Read in words: the tables are aligned to 4. */
  weights: Int8Array | Int16Array;
  recurrent?: Int8Array;
  scratchBytes: number;
  /** The C function that ends a convolution, as an expression. */
  finish?: string;
}

/** The packed block, or why the kernel cannot compute it, in words. */
export type Packed = PackedBlock | { why: string };

export function isPacked(packed: Packed): packed is PackedBlock {
  return 'kernel' in packed;
}

/** Positions of a convolution before its pool. */
export function convolvedPositions({ output, poolSize }: IntegerBlock): number {
  return output.length * poolSize;
}

/**
 * The taps that ever meet a sample, of a convolution with stride 1: `first` up to `first + taps`. The others only ever
 * meet padding.
 */
export function usedTaps(block: IntegerBlock): { first: number; taps: number; padding: number } {
  const { kernel, padding, inputs } = block;
  const first = Math.max(0, padding - convolvedPositions(block) + 1);
  const last = Math.min(kernel - 1, inputs[0].length - 1 + padding);
  return { first, taps: last - first + 1, padding: padding - first };
}

/** Why a kernel that takes four neighbouring positions in one pass cannot compute this convolution; undefined where it can. */
export function convolutionLimit({ kind, stride, groups, inputs }: IntegerBlock): string | undefined {
  if (kind !== 'conv1d') return `a ${kind} is no convolution`;
  if (inputs[0].bits !== 8) return '16-bit activations';
  if (groups > 1) return 'groups';
  if (stride > 1) return `stride ${stride}`;
  return undefined;
}

/** Why a convolution has no end of its own for four positions at a time; undefined where it has. */
export function endLimit(block: IntegerBlock): string | undefined {
  const { activation, pool, poolSize, poolMultiplier, shifts } = block;
  if (activation === 'leaky-relu') return 'leaky ReLU';
  if (poolMultiplier !== 0 || ![1, 2, 4].includes(poolSize)) return `${pool} pool of ${poolSize}`;
  if (shifts.some((shift) => shift < 2)) return 'a shift below 2';
  return undefined;
}

/** The end of a convolution by its pool and activation, as `runtime/arm/` names its functions. */
export function endName({ pool, poolSize, activation }: IntegerBlock): string {
  const pooled = poolSize === 1 ? 'none' : `${pool}${poolSize}`;
  return `${pooled}${activation === 'relu' ? '_relu' : ''}`;
}

/** The end of a direct convolution; undefined: the one for everything, position by position. */
export function directEnd(block: IntegerBlock): string | undefined {
  return endLimit(block) === undefined ? `ecg_finish_${endName(block)}` : undefined;
}

/** Weights (`even`, `odd`) of places that are neighbours: halves 256 odd + even as int16,. */
export interface FoldedWeights {
  even: number;
  odd: number;
}

/** Bytes of folded halves; undefined where one does not fit. */
export function foldedBytes(halves: readonly FoldedWeights[]): Int8Array | undefined {
  const bytes = new Int8Array(halves.length * 2);
  const view = new DataView(bytes.buffer);
  for (const [i, { even, odd }] of halves.entries()) {
    if (256 * odd + even < -32768) return undefined;
    view.setInt16(2 * i, 256 * odd + even, true);
  }
  return bytes;
}

/** A sum of int8 weights and int8 values is folded together with another one only below this. */
export const foldedLimit = 2 ** 23;
export const whyNotFolded = 'a weight of -128 beside a negative one';

/** Row `channel`, input channel of its group and tap of canonical weights; 0 for a channel that does not exist. */
export function weightAt(block: IntegerBlock, channel: number, input: number, tap: number): number {
  const inner = block.inputs[0].channels / block.groups;
  if (input >= inner) return 0;
  return block.weights![(channel * inner + input) * block.kernel + tap];
}
