import { addEmit } from './add/emit.ts';
import { averagePoolEmit } from './average-pool/emit.ts';
import { channelScaleEmit } from './channel-scale/emit.ts';
import { conv1dEmit } from './conv1d/emit.ts';
import { denseEmit } from './dense/emit.ts';
import type { EmitBinding } from './emit-binding.ts';
import { globalAveragePoolEmit } from './global-average-pool/emit.ts';
import { gruEmit } from './gru/emit.ts';
import { lstmEmit } from './lstm/emit.ts';
import { maxAffineEmit } from './max-affine/emit.ts';
import { maxPoolEmit } from './max-pool/emit.ts';

/** The C form of every kind of block. */
export const emitBindings: ReadonlyMap<string, EmitBinding> = new Map(
  [
    conv1dEmit,
    averagePoolEmit,
    maxPoolEmit,
    globalAveragePoolEmit,
    gruEmit,
    lstmEmit,
    denseEmit,
    addEmit,
    maxAffineEmit,
    channelScaleEmit,
  ].map((binding) => [binding.kind, binding]),
);
