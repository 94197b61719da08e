import { add } from './add/shape.ts';
import { averagePool } from './average-pool/shape.ts';
import { batchNorm } from './batch-norm/shape.ts';
import { channelScale } from './channel-scale/shape.ts';
import { conv1d } from './conv1d/shape.ts';
import type { LayerDefinition } from './definition.ts';
import { dense } from './dense/shape.ts';
import { dropout } from './dropout/shape.ts';
import { globalAveragePool } from './global-average-pool/shape.ts';
import { gru } from './gru/shape.ts';
import { lstm } from './lstm/shape.ts';
import { maxAffine } from './max-affine/shape.ts';
import { maxPool } from './max-pool/shape.ts';

/** Every layer kind that a model file may name. */
export const layerDefinitions: ReadonlyMap<string, LayerDefinition<unknown>> = new Map(
  [
    conv1d,
    batchNorm,
    averagePool,
    maxPool,
    globalAveragePool,
    gru,
    lstm,
    dense,
    maxAffine,
    dropout,
    add,
    channelScale,
  ].map((definition) => [definition.kind, definition as LayerDefinition<unknown>]),
);
