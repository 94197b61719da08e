import type { NetworkLayer } from '../../model/network.ts';
import {
  biasGrid,
  biasMagnitude,
  blockActivation,
  checkAccumulator,
  logitFraction,
  ofRow,
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
import { storedWeightBits } from '../fixed-point.ts';
import type { DenseOptions } from './shape.ts';

/** The last layer gives int16 logits in a format that cannot saturate; any other gives int8 activations. */
export const denseFixed: FixedBinding<DenseOptions> = {
  kind: 'dense',
  inputBits: [8, 16],
  quantize(layer: NetworkLayer<DenseOptions>, context: QuantizeContext): BlockContent {
    const { quantization, inputs, last } = context;
    const { units } = layer.options;
    const { weights, fractions } = weightGrid(context.parameter('kernel'), quantization, units);
    const accumulators = fractions.map((fraction) => fraction + inputs[0].fraction);
    const bias = biasGrid(context.parameter('bias'), quantization, accumulators);
    const activation = blockActivation(layer.options.activation);
    const output = last ? logitFormat(weights, bias, accumulators, units, inputs[0]) : context.output;
    return {
      ...plainContent('dense', output, ...accumulators.map((sum) => sum + activation.bits - output.fraction)),
      ...bias,
      ...activation.content,
      weightBits: storedWeightBits(quantization.weights),
      weights,
    };
  },
  check(layer, content, inputs) {
    if (!content.weights) return;
    rowBounds(content.weights, layer.options.units, inputs[0]).forEach((bound, unit) => {
      checkAccumulator(bound + biasMagnitude(content, unit), content, unit);
    });
  },
};

function logitFormat(
  weights: Int8Array,
  bias: { bias: Int8Array | Int16Array; biasShift: number },
  accumulators: readonly number[],
  units: number,
  input: ValueFormat,
): ValueFormat {
  const sumOf = (unit: number): number => ofRow(accumulators, unit, units);
  const columns = weights.length / units;
  const kernel = Float32Array.from(
    weights,
    (q, i) => q * 2 ** (input.fraction - sumOf(Math.floor(i / columns))),
  );
  const offsets = Float32Array.from(bias.bias, (q, unit) => q * 2 ** (bias.biasShift - sumOf(unit)));
  return { bits: 16, fraction: logitFraction(kernel, offsets, units, input) };
}
