import { ShapeError, type LayerCost, type TensorShape } from './definition.ts';

/** Options that average and max pooling share. */
export interface PoolOptions {
  size: number;
  stride: number;
}

const positions = { type: 'integer', minimum: 1, maximum: 4096 };
const size = { ...positions, description: 'Positions that become one.' };

export const poolSchema = {
  oneOf: [
    size,
    {
      type: 'object',
      additionalProperties: false,
      required: ['size'],
      properties: {
        size,
        stride: { ...positions, description: 'Positions from one output to the next. Default: `size`.' },
      },
    },
  ],
};

export function parsePool(value: unknown): PoolOptions {
  if (typeof value === 'number') return { size: value, stride: value };
  const { size, stride } = value as { size: number; stride?: number };
  return { size, stride: stride ?? size };
}

export function poolShape({ size, stride }: PoolOptions, [input]: readonly TensorShape[]): TensorShape {
  if (input.length < size)
    throw new ShapeError(`a pool of ${size} does not fit an input of length ${input.length}`);
  return { channels: input.channels, length: Math.floor((input.length - size) / stride) + 1 };
}

/** Pooling is not counted: the paper's figures leave it out. */
export function poolCost(): LayerCost {
  return { macs: 0, operations: 0 };
}
