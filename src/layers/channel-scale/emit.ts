import { gatesWords, type EmitBinding } from '../emit-binding.ts';

export const channelScaleEmit: EmitBinding = {
  kind: 'channel-scale',
  constant: 'ECG_CHANNEL_SCALE',
  kernel: 'ecg_channel_scale',
  axes: '',
  describe: (block) =>
    ['channels times the logistic function of the second input', ...gatesWords(block)].join(', '),
};
