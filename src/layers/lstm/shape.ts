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

/** Gates in the rows of kernel, recurrent and bias: i, f, g, o (input, forget, candidate, output). */
export const lstm: LayerDefinition<RecurrentOptions> = {
  kind: 'lstm',
  scope: 'sequence',
  inputs: 1,
  readsState: true,
  description: 'LSTM over the windows of a record; its state goes on from window to window.',
  schema: recurrentSchema,
  parse: parseRecurrent,
  shape: recurrentShape,
  parameters: ({ units }, [input]) => recurrentParameters(4, units, input.channels, true),
  cost: ({ units }, [input]) => recurrentCost(4, units, input.channels),
  limits: recurrentLimits,
};
