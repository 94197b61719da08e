import { activationLimits, activationSchema, type Activation } from '../activation.ts';
import { ShapeError, type LayerDefinition } from '../definition.ts';

export interface DenseOptions {
  units: number;
  activation: Activation;
}

const units = { type: 'integer', minimum: 1, maximum: 4096, description: 'Output values.' };

/** Parameters: `kernel` [units][channels], `bias` [units]. */
export const dense: LayerDefinition<DenseOptions> = {
  kind: 'dense',
  scope: 'window',
  inputs: 1,
  readsState: true,
  description: 'Fully connected layer. The last one gives a logit a class.',
  schema: {
    oneOf: [
      units,
      {
        type: 'object',
        additionalProperties: false,
        required: ['units'],
        properties: {
          units,
          activation: activationSchema,
        },
      },
    ],
  },
  parse: (value) =>
    typeof value === 'number'
      ? { units: value, activation: 'none' }
      : { activation: 'none', ...(value as { units: number }) },
  shape({ units }, [input]) {
    if (input.length !== 1) {
      throw new ShapeError(
        `a dense layer reads one vector a window, but its input has length ${input.length}`,
        'Put a global-average-pool before it.',
      );
    }
    return { channels: units, length: 1 };
  },
  parameters: ({ units }, [input]) => [
    {
      name: 'kernel',
      shape: [units, input.channels],
      initialiser: 'glorot-uniform',
      fanIn: input.channels,
      fanOut: units,
    },
    { name: 'bias', shape: [units], initialiser: 'zeros', fanIn: 0, fanOut: 0 },
  ],
  cost: ({ units }, [input]) => ({ macs: units * input.channels, operations: 2 * units * input.channels }),
  limits: ({ activation }) => activationLimits(activation),
};
