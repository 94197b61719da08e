import type { ActivationName } from './activation.ts';
import type { BlockContent, BlockKind, GateForm } from './fixed-binding.ts';

/** What a description tells of a block. */
export type BlockShape = Pick<
  BlockContent,
  | 'activation'
  | 'slopeShift'
  | 'groups'
  | 'kernel'
  | 'stride'
  | 'pool'
  | 'poolSize'
  | 'poolStride'
  | 'stateBits'
  | 'gates'
>;

/** What a layer kind says of its C form; read by `firmware/`. */
export interface EmitBinding {
  kind: BlockKind;
  /** Its number in `runtime/ecg_runtime.h`. */
  constant: string;
  /** The function that computes a block; `kernelName` adds how its gates are computed. */
  kernel: string;
  /** Names of the axes of `weights`, outermost first, for the comment at the table. */
  axes: string;
  /** Those of `bias`, where they are not the output channels. */
  biasAxes?: string;
  /** What the block computes, in words, for the comment at the descriptor. */
  describe(content: BlockShape): string;
}

const words: Readonly<Record<ActivationName, string | undefined>> = {
  none: undefined,
  relu: 'ReLU',
  'leaky-relu': 'leaky ReLU',
};

/** What a description says of a block's activation, a part or none. */
export function activationWords({ activation, slopeShift }: BlockShape): readonly string[] {
  const word = words[activation];
  if (word === undefined) return [];
  return [slopeShift === undefined ? word : `${word} of slope 1/${2 ** slopeShift}`];
}

const gateWords: Readonly<Record<GateForm, string>> = {
  linear: 'piecewise linear gates',
  hard: 'hard sigmoid',
  'hard-linear': 'hard sigmoid, piecewise linear tanh',
};

/** What a description says of a block's gates, a part or none. */
export function gatesWords({ gates }: BlockShape): readonly string[] {
  return gates === undefined ? [] : [gateWords[gates]];
}

/** A kernel with gates of this form, as `ECG_EACH_GATES` of the C header names it. */
export function gatedName(kernel: string, { gates }: Pick<BlockContent, 'gates'>): string {
  return gates === undefined ? kernel : `${kernel}_${gates.replace('-', '_')}`;
}
