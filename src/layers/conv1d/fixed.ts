import type { NetworkLayer } from '../../model/network.ts';
import {
  biasGrid,
  biasMagnitude,
  blockActivation,
  checkAccumulator,
  rowBounds,
  weightGrid,
} from '../fixed-arithmetic.ts';
import {
  plainContent,
  type BlockContent,
  type FixedBinding,
  type QuantizeContext,
  type ValueFormat,
} from '../fixed-binding.ts';
import { averageDivisor, storedWeightBits } from '../fixed-point.ts';
import { convolutionPadding, type Conv1dOptions } from './shape.ts';

/** A convolution, with the pool that follows it: the accumulator is pooled before the one rounding shift. */
export const conv1dFixed: FixedBinding<Conv1dOptions> = {
  kind: 'conv1d',
  inputBits: [8],
  quantize(layer: NetworkLayer<Conv1dOptions>, context: QuantizeContext): BlockContent {
    const { options, inputShapes } = layer;
    const { quantization, pool, inputs, output } = context;
    const { weights, fractions } = weightGrid(context.parameter('kernel'), quantization, options.filters);
    const accumulators = fractions.map((fraction) => fraction + inputs[0].fraction);
    const activation = blockActivation(options.activation);
    const size = pool?.options.size ?? 1;
    const divisor = pool?.kind === 'average' ? averageDivisor(size) : { multiplier: 0, shift: 0 };
    return {
      ...plainContent(
        'conv1d',
        output,
        ...accumulators.map((sum) => sum + activation.bits + divisor.shift - output.fraction),
      ),
      ...biasGrid(context.parameter('bias'), quantization, accumulators),
      ...activation.content,
      groups: options.groups,
      kernel: options.kernel,
      stride: options.stride,
      padding: convolutionPadding(options, inputShapes[0].length).before,
      pool: pool?.kind ?? 'none',
      poolSize: size,
      poolStride: size,
      poolMultiplier: divisor.multiplier,
      weightBits: storedWeightBits(quantization.weights),
      weights,
    };
  },
  check(layer, content, inputs) {
    if (content.weights) checkSums(layer.options.filters, content, content.weights, inputs[0]);
  },
};

function checkSums(filters: number, content: BlockContent, weights: Int8Array, input: ValueFormat): void {
  const summed = content.pool === 'average' ? content.poolSize : 1;
  rowBounds(weights, filters, input).forEach((bound, channel) => {
    checkAccumulator((bound + biasMagnitude(content, channel)) * summed, content, channel);
  });
}
