import { networkOf as network, type LayerEntry } from '../../fixtures/network.ts';

export { network };

function blocks(pool: string, filters: readonly number[]): LayerEntry[] {
  return filters.flatMap((count): LayerEntry[] => [
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
