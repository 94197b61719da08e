import { gatesWords, type EmitBinding } from '../emit-binding.ts';

export const lstmEmit: EmitBinding = {
  kind: 'lstm',
  constant: 'ECG_LSTM',
  kernel: 'ecg_lstm',
  axes: '[gates i, f, g, o][units][channels]',
  describe: (block) => [`LSTM, ${block.stateBits}-bit state`, ...gatesWords(block)].join(', '),
};
