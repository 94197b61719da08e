import { ShapeError, type LayerDefinition } from '../definition.ts';

/** No options and no parameters. y = x σ(s), with x [channels][length] and s [channels][1]. */
export const channelScale: LayerDefinition<object> = {
  kind: 'channel-scale',
  scope: 'window',
  inputs: 2,
  description:
    'Multiplies each channel of `from: [x, s]` by the logistic function of its value in s: with a global-average-pool and two dense layers, squeeze and excitation.',
  schema: { type: ['object', 'null'], additionalProperties: false, properties: {} },
  parse: () => ({}),
  shape(_options, [x, s]) {
    if (s.length !== 1 || s.channels !== x.channels) {
      throw new ShapeError(
        `cannot scale ${x.channels} channels by ${s.channels}×${s.length} values`,
        `Let the second layer of \`from\` give ${x.channels} values, as \`dense: ${x.channels}\` does.`,
      );
    }
    return { ...x };
  },
  parameters: () => [],
  cost: (_options, [x]) => ({ macs: x.channels * x.length, operations: x.channels * x.length }),
};
