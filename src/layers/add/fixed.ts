import { blockActivation, checkAccumulator, inputMagnitude } from '../fixed-arithmetic.ts';
import { plainContent, type FixedBinding } from '../fixed-binding.ts';
import type { AddOptions } from './shape.ts';

/** Both sides are brought to the wider format by multiplication. */
export const addFixed: FixedBinding<AddOptions> = {
  kind: 'add',
  inputBits: [8],
  quantize({ options }, { output, inputs: [a, b] }) {
    const wider = Math.max(a.fraction, b.fraction);
    const activation = blockActivation(options.activation);
    return {
      ...plainContent('add', output, wider + activation.bits - output.fraction),
      ...activation.content,
      leftShift: [wider - a.fraction, wider - b.fraction],
    };
  },
  check(_layer, content, inputs) {
    const bound = inputs.reduce(
      (sum, input, i) => sum + inputMagnitude(input) * 2 ** content.leftShift[i],
      0,
    );
    checkAccumulator(bound, content, 0);
  },
};
