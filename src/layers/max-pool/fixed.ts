import { checkAccumulator, inputMagnitude } from '../fixed-arithmetic.ts';
import { plainContent, type FixedBinding } from '../fixed-binding.ts';
import type { PoolOptions } from '../pool.ts';

/** A max pool that stands alone, because it overlaps or does not follow a convolution. */
export const maxPoolFixed: FixedBinding<PoolOptions> = {
  kind: 'max-pool',
  inputBits: [8],
  quantize({ options }, { output, inputs }) {
    return {
      ...plainContent('max-pool', output, inputs[0].fraction - output.fraction),
      poolSize: options.size,
      poolStride: options.stride,
    };
  },
  check: (_layer, content, inputs) => checkAccumulator(inputMagnitude(inputs[0]), content, 0),
};
