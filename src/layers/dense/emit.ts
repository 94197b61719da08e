import { activationWords, type EmitBinding } from '../emit-binding.ts';

export const denseEmit: EmitBinding = {
  kind: 'dense',
  constant: 'ECG_DENSE',
  kernel: 'ecg_dense',
  axes: '[units][channels]',
  describe: (block) => ['dense', ...activationWords(block)].join(', '),
};
