import { biasGrid, biasMagnitude, checkAccumulator, rowBounds, weightGrid } from '../fixed-arithmetic.ts';
import { plainContent, type FixedBinding } from '../fixed-binding.ts';
import { storedWeightBits } from '../fixed-point.ts';
import type { MaxAffineOptions } from './shape.ts';

/** The accumulators of an output's affine functions are compared before the one rounding shift, as those of a pool. */
export const maxAffineFixed: FixedBinding<MaxAffineOptions> = {
  kind: 'max-affine',
  inputBits: [8, 16],
  quantize({ options: { units, pieces } }, context) {
    const { quantization, inputs, output } = context;
    const { weights, fractions } = weightGrid(context.parameter('kernel'), quantization, units);
    const accumulators = fractions.map((fraction) => fraction + inputs[0].fraction);
    return {
      ...plainContent('max-affine', output, ...accumulators.map((sum) => sum - output.fraction)),
      ...biasGrid(context.parameter('bias'), quantization, accumulators),
      poolSize: pieces,
      poolStride: pieces,
      weightBits: storedWeightBits(quantization.weights),
      weights,
    };
  },
  check({ options: { units, pieces } }, content, inputs) {
    if (!content.weights) return;
    rowBounds(content.weights, units * pieces, inputs[0]).forEach((bound, row) => {
      checkAccumulator(bound + biasMagnitude(content, row), content, Math.floor(row / pieces));
    });
  },
};
