import { activationLimits, activationSchema, type Activation } from '../activation.ts';
import { ShapeError, type LayerDefinition } from '../definition.ts';

export type Padding = 'same' | 'valid' | 'causal';

export interface Conv1dOptions {
  filters: number;
  kernel: number;
  stride: number;
  padding: Padding;
  groups: number;
  activation: Activation;
  /** Not of the model file: sums of values on a grid are to be as on a device. */
  exact?: boolean;
}

/**
 * Zeros put before and after the input. `same` as in TensorFlow: output length ceil(length / stride), the odd zero at
 * the end; `causal`: kernel - 1 zeros before.
 */
export function convolutionPadding(
  options: Conv1dOptions,
  length: number,
): { before: number; after: number } {
  const { kernel, stride, padding } = options;
  if (padding === 'valid') return { before: 0, after: 0 };
  if (padding === 'causal') return { before: kernel - 1, after: 0 };
  const output = Math.ceil(length / stride);
  const total = Math.max((output - 1) * stride + kernel - length, 0);
  return { before: total >> 1, after: total - (total >> 1) };
}

/** Parameters: `kernel` [filters][channels / groups][kernel], `bias` [filters]. */
export const conv1d: LayerDefinition<Conv1dOptions> = {
  kind: 'conv1d',
  scope: 'window',
  inputs: 1,
  description: 'Convolution over time, with bias and activation.',
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['filters', 'kernel'],
    properties: {
      filters: { type: 'integer', minimum: 1, maximum: 4096, description: 'Output channels.' },
      kernel: {
        type: 'integer',
        minimum: 1,
        maximum: 1024,
        description: 'Taps: positions that each output reads.',
      },
      stride: {
        type: 'integer',
        minimum: 1,
        maximum: 1024,
        default: 1,
        description: 'Positions from one output to the next.',
      },
      padding: {
        enum: ['same', 'valid', 'causal'],
        default: 'same',
        description:
          'Zeros around the input. `same`: the length is kept; `valid`: none; `causal`: all of them before.',
      },
      groups: {
        type: 'integer',
        minimum: 1,
        maximum: 4096,
        default: 1,
        description: 'Groups of channels that do not see each other.',
      },
      activation: activationSchema,
    },
  },
  parse: (value) => ({
    stride: 1,
    padding: 'same',
    groups: 1,
    activation: 'none',
    ...(value as { filters: number; kernel: number }),
  }),
  shape(options, [input]) {
    const { filters, kernel, stride, groups } = options;
    if (input.channels % groups !== 0 || filters % groups !== 0) {
      throw new ShapeError(
        `${groups} groups divide neither ${input.channels} input channels nor ${filters} filters`,
      );
    }
    const { before, after } = convolutionPadding(options, input.length);
    const padded = input.length + before + after;
    if (padded < kernel) {
      throw new ShapeError(`a kernel of ${kernel} taps does not fit an input of length ${input.length}`);
    }
    return { channels: filters, length: Math.floor((padded - kernel) / stride) + 1 };
  },
  parameters(options, [input]) {
    const { filters, kernel, groups } = options;
    const inner = input.channels / groups;
    return [
      {
        name: 'kernel',
        shape: [filters, inner, kernel],
        initialiser: 'glorot-uniform',
        fanIn: inner * kernel,
        fanOut: (filters / groups) * kernel,
      },
      { name: 'bias', shape: [filters], initialiser: 'zeros', fanIn: 0, fanOut: 0 },
    ];
  },
  cost(options, [input], output) {
    const outputs = output.channels * output.length;
    const macs = outputs * (input.channels / options.groups) * options.kernel;
    return { macs, operations: 2 * macs + outputs };
  },
  limits: ({ activation }) => activationLimits(activation),
};
