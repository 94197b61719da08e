import type { LayerDefinition } from '../definition.ts';

export interface MaxAffineOptions {
  units: number;
  pieces: number;
}

const count = { type: 'integer', minimum: 1, maximum: 4096 };

/**
 * Each output is the largest of `pieces` affine functions of the whole input: convex and piecewise linear (maxout,
 * Goodfellow et al. 2013). Parameters: `kernel` [units * pieces][channels][length], `bias` [units * pieces].
 */
export const maxAffine: LayerDefinition<MaxAffineOptions> = {
  kind: 'max-affine',
  scope: 'window',
  inputs: 1,
  readsState: true,
  description: 'Piecewise linear: each output is the largest of some affine functions of the whole input.',
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['units', 'pieces'],
    properties: {
      units: { ...count, description: 'Output values.' },
      pieces: { ...count, maximum: 256, description: 'Affine functions of each output.' },
    },
  },
  parse: (value) => value as MaxAffineOptions,
  shape: ({ units }) => ({ channels: units, length: 1 }),
  parameters: ({ units, pieces }, [{ channels, length }]) => {
    const rows = units * pieces;
    return [
      {
        name: 'kernel',
        shape: [rows, channels, length],
        initialiser: 'glorot-uniform',
        fanIn: channels * length,
        fanOut: units,
      },
      { name: 'bias', shape: [rows], initialiser: 'zeros', fanIn: 0, fanOut: 0 },
    ];
  },
  cost({ units, pieces }, [{ channels, length }]) {
    const macs = units * pieces * channels * length;
    return { macs, operations: 2 * macs };
  },
};
