import { checkAccumulator, inputMagnitude } from '../fixed-arithmetic.ts';
import { plainContent, type FixedBinding } from '../fixed-binding.ts';
import { averageDivisor } from '../fixed-point.ts';

/** One average pool over the whole length. */
export const globalAveragePoolFixed: FixedBinding<object> = {
  kind: 'global-average-pool',
  inputBits: [8],
  quantize({ inputShapes: [{ length }] }, { output, inputs }) {
    const divisor = averageDivisor(length);
    return {
      ...plainContent('global-average-pool', output, inputs[0].fraction + divisor.shift - output.fraction),
      poolSize: length,
      poolStride: length,
      poolMultiplier: divisor.multiplier,
    };
  },
  check: ({ inputShapes }, content, inputs) =>
    checkAccumulator(inputShapes[0].length * inputMagnitude(inputs[0]), content, 0),
};
