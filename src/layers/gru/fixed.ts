import type { FixedBinding } from '../fixed-binding.ts';
import { checkRecurrent, quantizeRecurrent } from '../recurrent-fixed.ts';
import type { RecurrentOptions } from '../recurrent.ts';

export const gruFixed: FixedBinding<RecurrentOptions> = {
  kind: 'gru',
  inputBits: [8, 16],
  quantize: (layer, context) => quantizeRecurrent('gru', layer, context),
  check: (layer, content, inputs) => checkRecurrent(content, 3 * layer.options.units, inputs),
};
