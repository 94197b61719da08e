import type { EmitBinding } from '../emit-binding.ts';

export const maxPoolEmit: EmitBinding = {
  kind: 'max-pool',
  constant: 'ECG_MAX_POOL',
  kernel: 'ecg_max_pool',
  axes: '',
  describe: ({ poolSize, poolStride }) => `max pool of ${poolSize}, stride ${poolStride}`,
};
