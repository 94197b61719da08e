import { gatesWords, type EmitBinding } from '../emit-binding.ts';

export const gruEmit: EmitBinding = {
  kind: 'gru',
  constant: 'ECG_GRU',
  kernel: 'ecg_gru',
  axes: '[gates z, r, n][units][channels]',
  describe: (block) => [`GRU, ${block.stateBits}-bit state`, ...gatesWords(block)].join(', '),
};
