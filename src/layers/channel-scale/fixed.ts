import { checkAccumulator, inputMagnitude } from '../fixed-arithmetic.ts';
import { FixedPointError, plainContent, type FixedBinding } from '../fixed-binding.ts';

/** Of the logistic function: Q0.15 of an argument in Q3.12. */
const gateFraction = 15;
const argumentFraction = 12;

/** An int8 value times its channel's gate, rounded once. */
export const channelScaleFixed: FixedBinding<object> = {
  kind: 'channel-scale',
  inputBits: [8],
  quantize: (_layer, { quantization, output, inputs: [x] }) => ({
    ...plainContent('channel-scale', output, x.fraction + gateFraction - output.fraction),
    ...(quantization.gates === 'table' ? {} : { gates: 'linear' }),
  }),
  check(_layer, content, [x, s]) {
    if (argumentFraction - s.fraction + s.bits > 31) {
      throw new FixedPointError(
        `values up to 2^${s.bits - 1 - s.fraction} have no gate but 0 and 1`,
        'Train again.',
      );
    }
    checkAccumulator(inputMagnitude(x) * 2 ** gateFraction, content, 0);
  },
};
