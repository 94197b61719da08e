import { checkAccumulator, inputMagnitude } from '../fixed-arithmetic.ts';
import { plainContent, type FixedBinding } from '../fixed-binding.ts';
import { averageDivisor } from '../fixed-point.ts';
import type { PoolOptions } from '../pool.ts';

/** An average pool that stands alone, because it overlaps or does not follow a convolution. */
export const averagePoolFixed: FixedBinding<PoolOptions> = {
  kind: 'average-pool',
  inputBits: [8],
  quantize({ options }, { output, inputs }) {
    const divisor = averageDivisor(options.size);
    return {
      ...plainContent('average-pool', output, inputs[0].fraction + divisor.shift - output.fraction),
      poolSize: options.size,
      poolStride: options.stride,
      poolMultiplier: divisor.multiplier,
    };
  },
  check: ({ options }, content, inputs) =>
    checkAccumulator(options.size * inputMagnitude(inputs[0]), content, 0),
};
