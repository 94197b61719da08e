import type { EmitBinding } from '../emit-binding.ts';

export const averagePoolEmit: EmitBinding = {
  kind: 'average-pool',
  constant: 'ECG_AVERAGE_POOL',
  kernel: 'ecg_average_pool',
  axes: '',
  describe: ({ poolSize, poolStride }) => `average pool of ${poolSize}, stride ${poolStride}`,
};
