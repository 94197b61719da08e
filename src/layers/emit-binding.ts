import type { Activation } from './activation.ts';
import type { BlockContent, BlockKind } from './fixed-binding.ts';

/** What a description tells of a block. */
export type BlockShape = Pick<
  BlockContent,
  'activation' | 'groups' | 'kernel' | 'stride' | 'pool' | 'poolSize' | 'poolStride' | 'stateBits'
>;

/** What a layer kind says of its C form; read by `firmware/`. */
export interface EmitBinding {
  kind: BlockKind;
  /** Its number in `runtime/ecg_runtime.h`. */
  constant: string;
  /** The function that computes a block. */
  kernel: string;
  /** Names of the axes of `weights`, outermost first, for the comment at the table. */
  axes: string;
  /** Those of `bias`, where they are not the output channels. */
  biasAxes?: string;
  /** What the block computes, in words, for the comment at the descriptor. */
  describe(content: BlockShape): string;
}

/** What a description says of a block's activation, a part or none. */
export const activationWords: Readonly<Record<Activation, readonly string[]>> = {
  none: [],
  relu: ['ReLU'],
  'leaky-relu': ['leaky ReLU'],
};
