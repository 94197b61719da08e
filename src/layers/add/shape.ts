import { activationLimits, activationSchema, type Activation } from '../activation.ts';
import { ShapeError, type LayerDefinition } from '../definition.ts';

export interface AddOptions {
  activation: Activation;
}

/** No parameters; sum of two tensors of one shape. A `residual` block of the model file becomes its layers and this. */
export const add: LayerDefinition<AddOptions> = {
  kind: 'add',
  scope: 'window',
  inputs: 2,
  description: 'Sum of two layers (`from: [a, b]`) of the same shape.',
  schema: {
    type: ['object', 'null'],
    additionalProperties: false,
    properties: {
      activation: activationSchema,
    },
  },
  parse: (value) => ({ activation: 'none', ...(value as object | null) }),
  shape(_options, [a, b]) {
    if (a.channels !== b.channels || a.length !== b.length) {
      throw new ShapeError(
        `cannot add ${a.channels}×${a.length} and ${b.channels}×${b.length}`,
        'Give the residual block a shortcut (a conv1d with kernel 1) that brings both to one shape.',
      );
    }
    return { ...a };
  },
  parameters: () => [],
  cost: (_options, [a]) => ({ macs: 0, operations: a.channels * a.length }),
  limits: ({ activation }) => activationLimits(activation),
};
