import { activationWords, type EmitBinding } from '../emit-binding.ts';

export const addEmit: EmitBinding = {
  kind: 'add',
  constant: 'ECG_ADD',
  kernel: 'ecg_add',
  axes: '',
  describe: (block) => ['sum', ...activationWords(block)].join(', '),
};
