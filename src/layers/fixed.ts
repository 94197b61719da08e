import { addFixed } from './add/fixed.ts';
import { averagePoolFixed } from './average-pool/fixed.ts';
import { channelScaleFixed } from './channel-scale/fixed.ts';
import { conv1dFixed } from './conv1d/fixed.ts';
import { denseFixed } from './dense/fixed.ts';
import type { FixedBinding } from './fixed-binding.ts';
import { globalAveragePoolFixed } from './global-average-pool/fixed.ts';
import { gruFixed } from './gru/fixed.ts';
import { lstmFixed } from './lstm/fixed.ts';
import { maxAffineFixed } from './max-affine/fixed.ts';
import { maxPoolFixed } from './max-pool/fixed.ts';

/** The integer form of every layer kind that has one. */
export const fixedBindings: ReadonlyMap<string, FixedBinding<unknown>> = new Map(
  [
    conv1dFixed,
    averagePoolFixed,
    maxPoolFixed,
    globalAveragePoolFixed,
    gruFixed,
    lstmFixed,
    denseFixed,
    addFixed,
    maxAffineFixed,
    channelScaleFixed,
  ].map((binding) => [binding.kind, binding as FixedBinding<unknown>]),
);
