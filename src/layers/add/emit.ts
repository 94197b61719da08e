import { activationWords, type EmitBinding } from '../emit-binding.ts';

export const addEmit: EmitBinding = {
  kind: 'add',
  constant: 'ECG_ADD',
  kernel: 'ecg_add',
  axes: '',
  describe: ({ activation }) => ['sum', ...activationWords[activation]].join(', '),
};
