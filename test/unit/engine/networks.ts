import type { TensorShape } from '../../../src/layers/definition.ts';
import { layerDefinitions } from '../../../src/layers/shapes.ts';
import type { Network, NetworkLayer } from '../../../src/model/network.ts';

/** `['conv1d', { filters: 8, kernel: 5 }]`, as the model file would say it; a third entry freezes the layer. */
export type LayerLine = readonly [kind: string, value: unknown, frozen?: 'frozen'];

export interface NetworkLines {
  window: number;
  hop: number;
  layers: readonly LayerLine[];
  classes?: number;
  readout?: Network['readout'];
}

/** A checked network without a model file. */
export function network({ window, hop, layers, classes = 4, readout = 'last-state' }: NetworkLines): Network {
  let shape: TensorShape = { channels: 1, length: window };
  const counts = new Map<string, number>();
  const built = layers.map(([kind, value, frozen], index): NetworkLayer => {
    const definition = layerDefinitions.get(kind)!;
    const options = definition.parse(value);
    const inputShapes = [shape];
    const parameters = definition.parameters(options, inputShapes);
    shape = definition.shape(options, inputShapes);
    const nth = (counts.get(kind) ?? 0) + 1;
    counts.set(kind, nth);
    return {
      index,
      name: `${kind}-${nth}`,
      kind,
      options,
      from: [index - 1],
      scope: definition.scope,
      inputShapes,
      shape,
      parameters,
      cost: definition.cost(options, inputShapes, shape),
      frozen: frozen === 'frozen',
      line: index + 1,
    };
  });
  const macs = built.reduce((sum, layer) => sum + layer.cost.macs, 0);
  return {
    name: 'test',
    input: { rate: 100, window, hop, filter: undefined, scale: 'none' },
    classes: ['N', 'A', 'O', '~', 'V', 'W'].slice(0, classes),
    layers: built,
    readout,
    training: { epochs: 1, batch: 32, learningRate: 0.001, schedule: 'constant', select: 'validation-f1' },
    distillation: { teacher: undefined, temperature: 1, hardLabels: 0 },
    quantization: {
      weights: { integer: 2, fraction: 5 },
      activations: { integer: 2, fraction: 5 },
      state: 16,
    },
    target: {
      board: 'nrf52832',
      flash: undefined,
      ram: undefined,
      latency: undefined,
      resetEvery: undefined,
    },
    parameterCount: built.reduce(
      (sum, layer) =>
        sum + layer.parameters.reduce((n, { shape: axes }) => n + axes.reduce((a, b) => a * b, 1), 0),
      0,
    ),
    macs,
    operations: built.reduce((sum, layer) => sum + layer.cost.operations, 0),
  };
}

function blocks(pool: string, filters: readonly number[]): LayerLine[] {
  return filters.flatMap((count): LayerLine[] => [
    ['conv1d', { filters: count, kernel: 5, activation: 'relu' }],
    [pool, 2],
  ]);
}

export const slim = network({
  window: 256,
  hop: 128,
  layers: [...blocks('average-pool', [8, 16, 32, 32, 64, 64, 64, 128]), ['gru', 64], ['dense', 4]],
});

export const baseline = network({
  window: 256,
  hop: 128,
  layers: [
    ...blocks('average-pool', [8, 16, 32, 64, 64, 128, 128]),
    ['global-average-pool', null],
    ['gru', 64],
    ['dense', 4],
  ],
});

export const teacher = network({
  window: 512,
  hop: 256,
  layers: [
    ...blocks('max-pool', [8, 16, 32, 64, 128, 256, 512]),
    ['global-average-pool', null],
    ['lstm', 128],
    ['dense', 4],
  ],
});
