import type { EmitBinding } from '../emit-binding.ts';

export const maxAffineEmit: EmitBinding = {
  kind: 'max-affine',
  constant: 'ECG_MAX_AFFINE',
  kernel: 'ecg_max_affine',
  axes: '[units][pieces][channels][length]',
  biasAxes: '[units][pieces]',
  describe: ({ poolSize }) => `largest of ${poolSize} affine functions`,
};
