import type { NetworkLayer } from '../../model/network.ts';
import {
  biasGrid,
  biasMagnitude,
  blockActivation,
  checkAccumulator,
  logitFraction,
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
    const { weights, fraction } = weightGrid(context.parameter('kernel'), quantization);
    const accumulator = fraction + inputs[0].fraction;
    const bias = biasGrid(context.parameter('bias'), quantization, accumulator);
    const activation = blockActivation(layer.options.activation);
    const output = last
      ? logitFormat(weights, fraction, bias, accumulator, layer.options.units, inputs[0])
      : context.output;
    return {
      ...plainContent('dense', output, accumulator + activation.bits - output.fraction),
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
  fraction: number,
  bias: { bias: Int8Array | Int16Array; biasShift: number },
  accumulator: number,
  units: number,
  input: ValueFormat,
): ValueFormat {
  const kernel = Float32Array.from(weights, (q) => q * 2 ** -fraction);
  const offsets = Float32Array.from(bias.bias, (q) => q * 2 ** (bias.biasShift - accumulator));
  return { bits: 16, fraction: logitFraction(kernel, offsets, units, input) };
}
