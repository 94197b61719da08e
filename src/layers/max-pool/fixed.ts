import { checkAccumulator, inputMagnitude } from '../fixed-arithmetic.ts';
import { plainContent, type FixedBinding } from '../fixed-binding.ts';
import type { PoolOptions } from '../pool.ts';

/** Bits that a state loses when it is rounded to int8: Q0.15 becomes Q0.7. */
const roundedBits = 8;

/**
 * A max pool that stands alone, because it overlaps or does not follow a convolution. Over one position it rounds the
 * state of a recurrent layer for those that read int8 (`model/deployed.ts`).
 */
export const maxPoolFixed: FixedBinding<PoolOptions> = {
  kind: 'max-pool',
  inputBits: [8, 16],
  quantize({ options }, { output: activations, inputs: [input] }) {
    const rounded = { bits: 8 as const, fraction: input.fraction - roundedBits };
    const output = input.bits === 16 ? rounded : activations;
    return {
      ...plainContent('max-pool', output, input.fraction - output.fraction),
      poolSize: options.size,
      poolStride: options.stride,
    };
  },
  check: (_layer, content, inputs) => checkAccumulator(inputMagnitude(inputs[0]), content, 0),
};
