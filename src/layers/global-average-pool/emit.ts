import type { EmitBinding } from '../emit-binding.ts';

export const globalAveragePoolEmit: EmitBinding = {
  kind: 'global-average-pool',
  constant: 'ECG_GLOBAL_AVERAGE_POOL',
  kernel: 'ecg_average_pool',
  axes: '',
  describe: ({ poolSize }) => `mean over ${poolSize} positions`,
};
