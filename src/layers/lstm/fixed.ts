import type { FixedBinding } from '../fixed-binding.ts';
import { checkRecurrent, quantizeRecurrent } from '../recurrent-fixed.ts';
import type { RecurrentOptions } from '../recurrent.ts';

export const lstmFixed: FixedBinding<RecurrentOptions> = {
  kind: 'lstm',
  inputBits: [8, 16],
  quantize: (layer, context) => quantizeRecurrent('lstm', layer, context),
  check: (layer, content, inputs) => checkRecurrent(content, 4 * layer.options.units, inputs),
};
