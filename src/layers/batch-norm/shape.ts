import { activationLimits, activationSchema, type Activation } from '../activation.ts';
import type { LayerDefinition } from '../definition.ts';

export interface BatchNormOptions {
  momentum: number;
  epsilon: number;
  activation: Activation;
}

/**
 * Parameters, each [channels]: `scale`, `offset`, and the running `mean` and `variance`, which are not trained. Training
 * normalises by the batch, prediction by the running figures.
 */
export const batchNorm: LayerDefinition<BatchNormOptions> = {
  kind: 'batch-norm',
  scope: 'window',
  inputs: 1,
  trainingOnly: true,
  batchStatistics: true,
  description:
    'Normalises each channel over the batch. Deployed as part of the conv1d or dense layer before it, else as a factor and an offset of each channel.',
  schema: {
    type: ['object', 'null'],
    additionalProperties: false,
    properties: {
      momentum: {
        type: 'number',
        minimum: 0,
        exclusiveMaximum: 1,
        default: 0.99,
        description: 'Share of the running mean and variance that a step leaves.',
      },
      epsilon: {
        type: 'number',
        exclusiveMinimum: 0,
        maximum: 1,
        default: 0.001,
        description: 'Added to the variance.',
      },
      activation: activationSchema,
    },
  },
  parse: (value) => ({ momentum: 0.99, epsilon: 0.001, activation: 'none', ...(value as object | null) }),
  shape: (_options, [input]) => ({ ...input }),
  parameters: (_options, [{ channels }]) => {
    const one = { shape: [channels], fanIn: 0, fanOut: 0 };
    return [
      { ...one, name: 'scale', initialiser: 'ones' },
      { ...one, name: 'offset', initialiser: 'zeros' },
      { ...one, name: 'mean', initialiser: 'zeros', statistic: true },
      { ...one, name: 'variance', initialiser: 'ones', statistic: true },
    ];
  },
  // Folded into the layer before it, it costs nothing.
  cost: () => ({ macs: 0, operations: 0 }),
  limits: ({ activation }) => activationLimits(activation),
};
