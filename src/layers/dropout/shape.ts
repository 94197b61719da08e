import type { LayerDefinition } from '../definition.ts';

export interface DropoutOptions {
  rate: number;
}

/** Schema of a share of values that training sets to zero. */
export const dropoutRateSchema = { type: 'number', minimum: 0, exclusiveMaximum: 1 };

/** No parameters. Training sets values to zero and scales the others by 1 / (1 - rate); elsewhere it is the identity. */
export const dropout: LayerDefinition<DropoutOptions> = {
  kind: 'dropout',
  scope: 'window',
  inputs: 1,
  trainingOnly: true,
  description: 'Sets a share of the values to zero, in training only.',
  schema: { ...dropoutRateSchema, description: 'Share of the values that are set to zero.' },
  parse: (value) => ({ rate: value as number }),
  shape: (_options, [input]) => ({ ...input }),
  parameters: () => [],
  cost: () => ({ macs: 0, operations: 0 }),
};
