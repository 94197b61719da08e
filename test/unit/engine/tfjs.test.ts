import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import type { Activation } from '../../../src/layers/activation.ts';
import type { Conv1dOptions } from '../../../src/layers/conv1d/shape.ts';
import type { DenseOptions } from '../../../src/layers/dense/shape.ts';
import type { PoolOptions } from '../../../src/layers/pool.ts';
import type { RecurrentOptions } from '../../../src/layers/recurrent.ts';
import { parameterName, type Network, type NetworkLayer, type Weights } from '../../../src/model/network.ts';
import {
  noiseRecords,
  relativeError,
  shakenWeights,
  withEngine,
  worstTensor,
  type FullRecord,
} from './helpers.ts';
import type { LayerEntry } from '../../fixtures/network.ts';
import { network } from './networks.ts';

// Both sides compute in float32.
const tolerance = 5e-5;

/** A parameter as a variable in the engine's canonical layout; the graph transposes it to what TensorFlow.js wants. */
type Variables = Map<string, tf.Variable>;

/** [windows][positions][channels] → the same of the layer's output, for one record. */
function apply(layer: NetworkLayer, variables: Variables, x: tf.Tensor3D): tf.Tensor3D {
  const parameter = (name: string) => variables.get(`${layer.name}/${name}`)!;
  const relu = <T extends tf.Tensor>(y: T, activation: Activation): T =>
    activation === 'relu' ? tf.relu(y) : y;
  const size = (layer.options as PoolOptions).size;
  const pooled = (type: 'avg' | 'max') => {
    const y = tf.pool(tf.expandDims<tf.Tensor4D>(x, 2), [size, 1], type, 'valid', 1, [size, 1]);
    return tf.squeeze<tf.Tensor3D>(y, [2]);
  };
  switch (layer.kind) {
    case 'conv1d': {
      const { kernel, padding, activation } = layer.options as Conv1dOptions;
      const filter = tf.transpose(parameter('kernel') as unknown as tf.Tensor3D, [2, 1, 0]);
      const y =
        padding === 'causal'
          ? tf.conv1d(
              tf.pad(x, [
                [0, 0],
                [kernel - 1, 0],
                [0, 0],
              ]),
              filter,
              1,
              'valid',
            )
          : tf.conv1d(x, filter, 1, padding);
      return relu(tf.add(y, parameter('bias')), activation);
    }
    case 'average-pool':
      return pooled('avg');
    case 'max-pool':
      return pooled('max');
    case 'global-average-pool':
      return tf.mean(x, 1, true);
    case 'dense': {
      const w = tf.transpose(parameter('kernel') as unknown as tf.Tensor2D);
      const y = tf.add(tf.matMul(tf.squeeze<tf.Tensor2D>(x, [1]), w), parameter('bias'));
      return tf.expandDims(relu(y, (layer.options as DenseOptions).activation), 1);
    }
    default:
      throw new Error(layer.kind);
  }
}

/** -mean over records of sum(target * log(p)). */
function meanCrossEntropy(
  network: Network,
  records: readonly FullRecord[],
  logits: tf.Tensor2D[],
): tf.Scalar {
  const losses = records.map(({ target }, r) => {
    const last = logits[r].shape[0] - 1;
    const p =
      network.readout === 'last-state'
        ? tf.softmax(tf.slice(logits[r], [last, 0], [1, -1]))
        : tf.mean(tf.softmax(logits[r]), 0, true);
    return tf.neg(tf.sum(tf.mul(tf.tensor(target), tf.log(p))));
  });
  return tf.div(tf.addN(losses), records.length);
}

/** The record's windows, [windows][positions][1]. */
function windowsOf(network: Network, { signal }: FullRecord): tf.Tensor3D {
  const { window, hop } = network.input;
  const count = Math.floor((signal.length - window) / hop) + 1;
  const rows = Array.from({ length: count }, (_v, n) => [...signal.subarray(n * hop, n * hop + window)]);
  return tf.expandDims(tf.tensor2d(rows), 2);
}

function variablesOf(net: Network, weights: Weights): Variables {
  return new Map(
    net.layers.flatMap((layer) =>
      layer.parameters.map((spec): [string, tf.Variable] => {
        const name = parameterName(layer, spec);
        return [name, tf.variable(tf.tensor(weights.get(name)!, [...spec.shape]), true)];
      }),
    ),
  );
}

const windowLayers: { name: string; window: number; layers: LayerEntry[]; readout: Network['readout'] }[] = [
  {
    name: "conv1d, 'same', odd and even kernels, with and without ReLU",
    window: 14,
    readout: 'last-state',
    layers: [
      ['conv1d', { filters: 5, kernel: 5, activation: 'relu' }],
      ['conv1d', { filters: 6, kernel: 4 }],
      ['global-average-pool', null],
      ['dense', 4],
    ],
  },
  {
    name: "conv1d, 'causal'",
    window: 11,
    readout: 'mean',
    layers: [
      ['conv1d', { filters: 4, kernel: 3, padding: 'causal', activation: 'relu' }],
      ['conv1d', { filters: 3, kernel: 2, padding: 'causal' }],
      ['global-average-pool', null],
      ['dense', 4],
    ],
  },
  {
    name: "conv1d, 'valid'",
    window: 11,
    readout: 'last-state',
    layers: [
      ['conv1d', { filters: 4, kernel: 4, padding: 'valid', activation: 'relu' }],
      ['conv1d', { filters: 6, kernel: 5, padding: 'valid' }],
      ['global-average-pool', null],
      ['dense', 4],
    ],
  },
  {
    name: 'average-pool, sizes 2 and 3, with tails',
    window: 17,
    readout: 'last-state',
    layers: [
      ['conv1d', { filters: 4, kernel: 3 }],
      ['average-pool', 2],
      ['conv1d', { filters: 4, kernel: 3, activation: 'relu' }],
      ['average-pool', 3],
      ['global-average-pool', null],
      ['dense', 4],
    ],
  },
  {
    name: 'max-pool, sizes 2 and 3, with tails',
    window: 17,
    readout: 'mean',
    layers: [
      ['conv1d', { filters: 4, kernel: 3 }],
      ['max-pool', 2],
      ['conv1d', { filters: 4, kernel: 3, activation: 'relu' }],
      ['max-pool', 3],
      ['global-average-pool', null],
      ['dense', 4],
    ],
  },
  {
    name: 'dense, with and without ReLU; soft labels; both readouts elsewhere',
    window: 9,
    readout: 'last-state',
    layers: [
      ['conv1d', { filters: 4, kernel: 3 }],
      ['global-average-pool', null],
      ['dense', { units: 9, activation: 'relu' }],
      ['dense', { units: 5 }],
      ['dense', 4],
    ],
  },
];

// The orthogonal initialiser needs TensorFlow.js's chained operations; the weights are set anyway.
const rnnOptions = {
  recurrentActivation: 'sigmoid',
  recurrentInitializer: 'zeros',
  returnSequences: true,
} as const;

describe("engine: against TensorFlow.js's CPU backend", () => {
  before(async () => {
    await tf.setBackend('cpu');
  });

  for (const { name, window, layers, readout } of windowLayers) {
    test(`gradients of ${name}`, async () => {
      const net = network({ window, hop: 4, layers, readout });
      const records = noiseRecords([window, window + 4, window + 30]);
      await withEngine(net, {}, (engine) => {
        const weights = shakenWeights(engine);
        engine.setWeights(weights);
        const variables = variablesOf(net, weights);
        const { grads, value } = tf.variableGrads(() => {
          const logits = records.map((record) =>
            tf.squeeze<tf.Tensor2D>(
              net.layers.reduce((x, layer) => apply(layer, variables, x), windowsOf(net, record)),
              [1],
            ),
          );
          return meanCrossEntropy(net, records, logits);
        }, [...variables.values()]);
        const names = new Map([...variables].map(([key, variable]) => [variable.name, key]));
        const theirs = new Map(Object.entries(grads).map(([key, g]) => [names.get(key)!, g.dataSync()]));
        assert.equal(theirs.size, variables.size);
        const worst = worstTensor(engine.gradients(records), theirs);
        assert.ok(worst.error < tolerance, `${worst.name}: ${worst.error}`);
        const { loss } = engine.trainBatch(records, { learningRate: 0 });
        assert.ok(Math.abs(loss / records.length - value.dataSync()[0]) < 1e-5);
      });
    });
  }

  for (const kind of ['gru', 'lstm'] as const) {
    test(`gradients of ${kind}, through time, and of what is below it`, async () => {
      const units = 5;
      const net = network({
        window: 1,
        hop: 1,
        layers: [
          ['dense', 3],
          [kind, units],
          ['dense', 4],
        ],
      });
      assert.equal((net.layers[1].options as RecurrentOptions).units, units);
      // TensorFlow.js cannot differentiate a sequence of one.
      const records = noiseRecords([2, 3, 9, 17]);
      await withEngine(net, {}, (engine) => {
        const weights = shakenWeights(engine);
        engine.setWeights(weights);
        const variables = variablesOf(net, weights);
        const common = { units, ...rnnOptions } as const;
        // Rows of gates: ours z, r, n and i, f, g, o; tfjs has columns z, r, h and i, f, c, o.
        const layer = kind === 'gru' ? tfl.layers.gru(common) : tfl.layers.lstm(common);
        layer.apply(tf.zeros([1, 1, 3]));
        const transposed = (parameter: string, axes: [number, number]) =>
          tf.transpose(tf.tensor2d(weights.get(`${kind}-1/${parameter}`)!, axes));
        const gates = (kind === 'gru' ? 3 : 4) * units;
        layer.setWeights([
          transposed('kernel', [gates, 3]),
          transposed('recurrent', [gates, units]),
          tf.tensor1d(weights.get(`${kind}-1/bias`)!),
        ]);
        const { grads } = tf.variableGrads(() => {
          const logits = records.map((record) => {
            const below = apply(net.layers[0], variables, windowsOf(net, record));
            const sequence = tf.transpose(below, [1, 0, 2]);
            const states = layer.apply(sequence) as tf.Tensor3D;
            const above = apply(net.layers[2], variables, tf.transpose(states, [1, 0, 2]));
            return tf.squeeze<tf.Tensor2D>(above, [1]);
          });
          return meanCrossEntropy(net, records, logits);
        });
        const ours = engine.gradients(records);
        const [dKernel, dRecurrent, dBias] = layer.trainableWeights.map(({ name }) => grads[name]);
        const close = (name: string, theirs: ArrayLike<number>) => {
          const error = relativeError(ours.get(name)!, theirs);
          assert.ok(error < tolerance, `${name}: ${error}`);
        };
        close(`${kind}-1/kernel`, tf.transpose(dKernel).dataSync());
        close(`${kind}-1/recurrent`, tf.transpose(dRecurrent).dataSync());
        close(`${kind}-1/bias`, dBias.dataSync());
        for (const [name, variable] of variables) {
          if (!name.startsWith(kind)) close(name, grads[variable.name].dataSync());
        }
      });
    });
  }
});
