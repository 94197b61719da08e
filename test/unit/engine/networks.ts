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

/** ResNet-34 (He et al. 2016) of one dimension with a quarter of the channels, over the GRU and head of slim. */
function residual34(): LayerEntry[] {
  const layers: LayerEntry[] = [];
  const last = (): number => layers.length - 1;
  const convolution = (
    filters: number,
    kernel: number,
    stride: number,
    from: number,
    relu: boolean,
  ): number => {
    layers.push(['conv1d', { filters, kernel, stride }, [from]]);
    layers.push(['batch-norm', relu ? { activation: 'relu' } : null]);
    return last();
  };
  convolution(16, 7, 2, -1, true);
  layers.push(['max-pool', 2]);
  [3, 4, 6, 3].forEach((blocks, stage) => {
    const filters = 16 << stage;
    for (let block = 0; block < blocks; block++) {
      const input = last();
      const stride = block === 0 && stage > 0 ? 2 : 1;
      convolution(filters, 3, stride, input, true);
      const main = convolution(filters, 3, 1, last(), false);
      const shortcut = stride === 1 ? input : convolution(filters, 1, stride, input, false);
      layers.push(['add', { activation: 'relu' }, [main, shortcut]]);
    }
  });
  layers.push(['global-average-pool', null], ['gru', 64], ['dense', 4]);
  return layers;
}

export const residual = network({ window: 512, hop: 256, layers: residual34() });
