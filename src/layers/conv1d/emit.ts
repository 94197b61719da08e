import { activationWords, type EmitBinding } from '../emit-binding.ts';

export const conv1dEmit: EmitBinding = {
  kind: 'conv1d',
  constant: 'ECG_CONV1D',
  kernel: 'ecg_conv1d',
  axes: '[filters][input channels / groups][taps]',
  describe(block) {
    const { kernel, stride, groups, pool, poolSize } = block;
    const parts = [`convolution, ${kernel} taps`];
    if (stride > 1) parts.push(`stride ${stride}`);
    if (groups > 1) parts.push(`${groups} groups`);
    parts.push(...activationWords(block));
    if (pool !== 'none') parts.push(`${pool} pool of ${poolSize}`);
    return parts.join(', ');
  },
};
