import { execFileSync } from 'node:child_process';
import * as path from 'node:path';
import { RandomStream } from '../../../src/common/random.ts';
import { Engine, type BatchRecord, type EngineOptions } from '../../../src/engine/engine.ts';
import type { InstructionSet } from '../../../src/engine/choice.ts';
import { nativeInstructionSets } from '../../../src/engine/load.ts';
import { parameterName, type Network, type Weights } from '../../../src/model/network.ts';
import type { LayerEntry } from '../../fixtures/network.ts';
import type { Weights64 } from './reference.ts';

const root = path.resolve(import.meta.dirname, '..', '..', '..');
// Takes no time where the kernels are up to date.
execFileSync(process.execPath, [
  path.join(root, 'scripts', 'build-kernels.mjs'),
  ...['engine-relaxed.wasm', 'engine-simd128.wasm', 'engine-linux-x64.node'],
]);

/** All kernels that this machine can run: the native ones depend on its processor. */
export const instructionSets: readonly InstructionSet[] = [
  ...(['relaxed-simd', 'simd128'] as const),
  ...nativeInstructionSets(),
];

/** Create an engine, use it, and close it whatever happens. */
export async function withEngine<T>(
  network: Network,
  options: Partial<EngineOptions>,
  use: (engine: Engine) => T | Promise<T>,
): Promise<T> {
  const engine = await Engine.create(network, { threads: 1, seed: 3, training: true, ...options });
  try {
    return await use(engine);
  } finally {
    await engine.close();
  }
}

export type FullRecord = BatchRecord & Required<Pick<BatchRecord, 'signal' | 'target' | 'label'>>;

/** Records of normal noise with soft targets: `lengths[i]` samples each. */
export function noiseRecords(lengths: readonly number[], classes = 4, seed = 5): FullRecord[] {
  return lengths.map((length, i) => {
    const random = new RandomStream(seed, 'test', i);
    const signal = Float32Array.from({ length }, () => random.normal());
    const raw = Array.from({ length: classes }, () => random.uniform());
    const sum = raw.reduce((a, b) => a + b, 0);
    return { signal, target: Float32Array.from(raw, (v) => v / sum), label: i % classes };
  });
}

/** Weights away from zero biases and symmetries, the same in every test of a network. */
export function shakenWeights(engine: Engine): Weights {
  const weights = engine.weights();
  for (const [name, values] of weights) {
    const random = new RandomStream(11, 'shake', name);
    for (let i = 0; i < values.length; i++) values[i] += 0.15 * random.normal();
    if (name.endsWith('/variance')) values.forEach((v, i) => (values[i] = 0.5 + Math.abs(v)));
  }
  return weights;
}

export function toFloat64(weights: Weights): Weights64 {
  return new Map([...weights].map(([name, values]) => [name, Float64Array.from(values)]));
}

/** |a - b| / |b| in the Euclidean norm. */
export function relativeError(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let difference = 0;
  let size = 0;
  for (let i = 0; i < b.length; i++) {
    difference += (a[i] - b[i]) ** 2;
    size += b[i] ** 2;
  }
  if (difference === 0) return 0;
  return Math.sqrt(difference / size);
}

/** Largest relativeError of any tensor, with its name. */
export function worstTensor(
  a: ReadonlyMap<string, ArrayLike<number>>,
  b: ReadonlyMap<string, ArrayLike<number>>,
): { name: string; error: number } {
  let worst = { name: '', error: -1 };
  for (const [name, values] of b) {
    const error = relativeError(a.get(name)!, values);
    if (!(error <= worst.error)) worst = { name, error };
  }
  return worst;
}

/** Whether a tensor of the weights is a running figure, not trained. */
export function isStatistic(network: Network, tensor: string): boolean {
  return network.layers.some((layer) =>
    layer.parameters.some((spec) => spec.statistic && parameterName(layer, spec) === tensor),
  );
}

/** Networks that have every layer kind, and between them odd channel counts, tails, paddings, stacks and readouts. */
export const everyKind: {
  name: string;
  layers: LayerEntry[];
  readout: Network['readout'];
  window: number;
}[] = [
  {
    name: 'conv1d same, average-pool with a tail, gru',
    window: 21,
    readout: 'last-state',
    layers: [
      ['conv1d', { filters: 3, kernel: 5, activation: 'relu' }],
      ['average-pool', 2],
      ['conv1d', { filters: 6, kernel: 4 }],
      ['global-average-pool', null],
      ['gru', 5],
      ['dense', 4],
    ],
  },
  {
    name: 'conv1d causal, max-pool with a tail, lstm, mean readout',
    window: 20,
    readout: 'mean',
    layers: [
      ['conv1d', { filters: 5, kernel: 3, padding: 'causal' }],
      ['max-pool', 3],
      ['conv1d', { filters: 7, kernel: 3, activation: 'relu' }],
      ['max-pool', 2],
      ['global-average-pool', null],
      ['lstm', 6],
      ['dense', 4],
    ],
  },
  {
    name: 'two recurrent layers with a dense ReLU layer between',
    window: 16,
    readout: 'last-state',
    layers: [
      ['conv1d', { filters: 9, kernel: 1 }],
      ['global-average-pool', null],
      ['lstm', 4],
      ['dense', { units: 7, activation: 'relu' }],
      ['gru', 3],
      ['dense', 4],
    ],
  },
  {
    name: 'kernel longer than the window, no recurrent layer',
    window: 8,
    readout: 'mean',
    layers: [
      ['conv1d', { filters: 4, kernel: 11, activation: 'relu' }],
      ['max-pool', 8],
      ['dense', { units: 5 }],
      ['dense', 4],
    ],
  },
  {
    name: 'conv1d valid, down to one position',
    window: 12,
    readout: 'last-state',
    layers: [
      ['conv1d', { filters: 5, kernel: 4, padding: 'valid', activation: 'relu' }],
      ['conv1d', { filters: 6, kernel: 9, padding: 'valid' }],
      ['gru', 4],
      ['dense', 4],
    ],
  },
  {
    name: 'pool right behind the input, wide layers',
    window: 16,
    readout: 'last-state',
    layers: [
      ['average-pool', 2],
      ['conv1d', { filters: 13, kernel: 3, activation: 'relu' }],
      ['conv1d', { filters: 10, kernel: 2, padding: 'causal', activation: 'relu' }],
      ['average-pool', 8],
      ['gru', 8],
      ['dense', 4],
    ],
  },
  {
    name: 'strides that divide the taps and not, groups, leaky ReLU',
    window: 37,
    readout: 'last-state',
    layers: [
      ['conv1d', { filters: 6, kernel: 7, stride: 3, activation: 'leaky-relu' }],
      ['conv1d', { filters: 8, kernel: 4, groups: 2, activation: 'relu' }],
      [
        'conv1d',
        {
          filters: 12,
          kernel: 4,
          stride: 2,
          groups: 4,
          padding: 'causal',
          activation: { 'leaky-relu': 0.3 },
        },
      ],
      ['conv1d', { filters: 5, kernel: 5, stride: 2, padding: 'valid' }],
      ['global-average-pool', null],
      ['gru', 4],
      ['dense', { units: 5, activation: 'leaky-relu' }],
      ['dense', 4],
    ],
  },
  {
    name: 'depthwise and pointwise convolutions',
    window: 22,
    readout: 'mean',
    layers: [
      ['conv1d', { filters: 5, kernel: 3 }],
      ['conv1d', { filters: 10, kernel: 5, groups: 5, activation: 'relu' }],
      ['conv1d', { filters: 7, kernel: 1, activation: 'relu' }],
      ['conv1d', { filters: 7, kernel: 4, stride: 3, groups: 7, padding: 'causal' }],
      ['global-average-pool', null],
      ['dense', 4],
    ],
  },
  {
    name: 'residual blocks with batch norm, shortcuts and a layer that three others read',
    window: 20,
    readout: 'last-state',
    layers: [
      ['batch-norm', null],
      ['conv1d', { filters: 6, kernel: 5 }],
      ['batch-norm', { activation: 'relu' }],
      ['conv1d', { filters: 6, kernel: 3 }],
      ['batch-norm', { momentum: 0.5, activation: 'leaky-relu' }],
      ['conv1d', { filters: 6, kernel: 3 }],
      ['add', { activation: 'relu' }, [5, 2]],
      ['conv1d', { filters: 8, kernel: 4, stride: 2 }],
      ['batch-norm', null],
      ['conv1d', { filters: 8, kernel: 1, stride: 2 }, [6]],
      ['batch-norm', null],
      ['add', { activation: 'leaky-relu' }, [8, 10]],
      ['average-pool', 2, [6]],
      ['conv1d', { filters: 8, kernel: 3, groups: 2 }],
      ['add', null, [13, 11]],
      ['add', null, [14, 14]],
      ['global-average-pool', null],
      ['gru', 5],
      ['add', null, [17, 17]],
      ['dense', 4],
    ],
  },
  {
    name: 'squeeze and excitation, gates of the input alone, and in the tail',
    window: 20,
    readout: 'last-state',
    layers: [
      ['conv1d', { filters: 6, kernel: 3, activation: 'relu' }],
      ['global-average-pool', null],
      ['dense', { units: 4, activation: 'leaky-relu' }],
      ['dense', 6],
      ['channel-scale', null, [0, 3]],
      ['global-average-pool', null, [-1]],
      ['dense', 6],
      ['channel-scale', null, [4, 6]],
      ['global-average-pool', null],
      ['gru', 5],
      ['channel-scale', null, [9, 9]],
      ['dense', 4],
    ],
  },
  {
    name: 'dropout everywhere, gru',
    window: 18,
    readout: 'last-state',
    layers: [
      ['dropout', 0.1],
      ['conv1d', { filters: 5, kernel: 3, activation: 'relu' }],
      ['dropout', 0.4],
      ['global-average-pool', null],
      ['gru', { units: 6, dropout: 0.3, 'recurrent-dropout': 0.5 }],
      ['dropout', 0.2],
      ['dense', 4],
    ],
  },
  {
    name: 'max-affine, recurrent dropout of one kind each, lstm',
    window: 12,
    readout: 'mean',
    layers: [
      ['conv1d', { filters: 3, kernel: 3 }],
      ['max-affine', { units: 7, pieces: 3 }],
      ['lstm', { units: 5, 'recurrent-dropout': 0.4 }],
      ['max-affine', { units: 6, pieces: 2 }],
      ['lstm', { units: 4, dropout: 0.5 }],
      ['dense', 4],
    ],
  },
];

/** Lengths from less than one window to many, in more than one group of 16. */
export const mixedLengths = Array.from({ length: 19 }, (_v, i) => 5 + ((i * 37) % 60));
