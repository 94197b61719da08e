import type { LayerDefinition } from '../definition.ts';

/** No parameters; mean over all positions of a channel. */
export const globalAveragePool: LayerDefinition<object> = {
  kind: 'global-average-pool',
  scope: 'window',
  inputs: 1,
  description: 'Mean over all positions, one value a channel.',
  schema: { type: ['object', 'null'], additionalProperties: false },
  parse: () => ({}),
  shape: (_options, [input]) => ({ channels: input.channels, length: 1 }),
  parameters: () => [],
  cost: () => ({ macs: 0, operations: 0 }),
};
