import type { LayerDefinition } from '../definition.ts';
import {
  parseRecurrent,
  recurrentCost,
  recurrentLimits,
  recurrentParameters,
  recurrentSchema,
  recurrentShape,
  type RecurrentOptions,
} from '../recurrent.ts';

/** Gates in the rows of kernel, recurrent and bias: z, r, n (update, reset, candidate), reset applied before the recurrent product (`reset_after` false). */
export const gru: LayerDefinition<RecurrentOptions> = {
  kind: 'gru',
  scope: 'sequence',
  inputs: 1,
  readsState: true,
  description: 'GRU over the windows of a record; its state goes on from window to window.',
  schema: recurrentSchema,
  parse: parseRecurrent,
  shape: recurrentShape,
  parameters: ({ units }, [input]) => recurrentParameters(3, units, input.channels, false),
  cost: ({ units }, [input]) => recurrentCost(3, units, input.channels),
  limits: recurrentLimits,
};
