import type { LayerDefinition } from '../definition.ts';
import { parsePool, poolCost, poolSchema, poolShape, type PoolOptions } from '../pool.ts';

/** No parameters. Output length floor((length - size) / stride) + 1: a tail shorter than `size` is dropped. */
export const maxPool: LayerDefinition<PoolOptions> = {
  kind: 'max-pool',
  scope: 'window',
  inputs: 1,
  description: 'Largest of each run of `size` positions.',
  schema: poolSchema,
  parse: parsePool,
  shape: poolShape,
  parameters: () => [],
  cost: poolCost,
  limits: ({ size, stride }) =>
    size === stride ? {} : { training: 'overlapping pools (stride other than size) cannot be trained yet' },
};
