import type { EmitBinding } from '../emit-binding.ts';

export const gruEmit: EmitBinding = {
  kind: 'gru',
  constant: 'ECG_GRU',
  kernel: 'ecg_gru',
  axes: '[gates z, r, n][units][channels]',
  describe: ({ stateBits }) => `GRU, ${stateBits}-bit state`,
};
