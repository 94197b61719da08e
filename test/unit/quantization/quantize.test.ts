import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { UserError } from '../../../src/common/errors.ts';
import type { Weights } from '../../../src/model/network.ts';
import { quantizeNetwork } from '../../../src/quantization/quantize.ts';
import { weightBytes } from '../../../src/quantization/integer-network.ts';
import { assertSame, runBoth } from './compare.ts';
import { globalQ25, type LayerEntry } from '../../fixtures/network.ts';
import {
  makeNetwork,
  randomWeights,
  randomWindows,
  slimChannels,
  slimLayers,
  withArray,
} from './networks.ts';

const small: LayerEntry[] = [
  ['conv1d', { filters: 4, kernel: 5, activation: 'relu' }],
  ['average-pool', 4],
  ['conv1d', { filters: 6, kernel: 3, padding: 'causal', activation: 'relu' }],
  ['global-average-pool'],
  ['gru', 5],
  ['dense', 3],
];

function refusal(run: () => unknown): UserError {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof UserError, String(error));
    return error;
  }
  throw new Error('it was not refused');
}

describe('whole networks: the runtime equals the reference', () => {
  const distinct = (outputs: number[][]) => new Set(outputs.map((values) => values.slice(0, 4).join())).size;

  for (const [name, recurrent] of [
    ['slim, GRU', ['gru', 64]],
    ['slim with an LSTM', ['lstm', 64]],
  ] as const) {
    for (const [formats, quantization] of [
      ['Q2.5', globalQ25],
      ['Q2.5, 8-bit state', { ...globalQ25, state: 8 as const }],
      ['per-layer formats', { ...globalQ25, weights: 'per-layer' as const }],
      [
        'per-layer formats, activations Q3.4',
        { ...globalQ25, weights: 'per-layer' as const, activations: { integer: 3, fraction: 4 } },
      ],
      [
        'weights Q1.4, activations Q1.6',
        { ...globalQ25, weights: { integer: 1, fraction: 4 }, activations: { integer: 1, fraction: 6 } },
      ],
    ] as const) {
      it(`${name}, ${formats}`, async () => {
        const network = makeNetwork(slimLayers(recurrent), 256, quantization);
        const windows = randomWindows(network, 6, 1);
        const outputs = await assertSame(quantizeNetwork(network, randomWeights(network, 2)), windows);
        assert.equal(distinct(outputs), windows.length, 'every window gives other logits');
      });
    }
  }

  it('stacked recurrent layers, a hidden dense layer, overlapping and odd pools', async () => {
    const network = makeNetwork(
      [
        ['conv1d', { filters: 6, kernel: 7, stride: 2, activation: 'relu' }],
        ['max-pool', { size: 3, stride: 2 }],
        ['conv1d', { filters: 6, kernel: 3, groups: 3, padding: 'valid' }],
        ['average-pool', 5],
        ['global-average-pool'],
        ['lstm', 7],
        ['gru', 5],
        ['dense', { units: 6, activation: 'relu' }],
        ['dense', 4],
      ],
      125,
      { ...globalQ25, weights: 'per-layer' },
    );
    const windows = randomWindows(network, 30, 1);
    await assertSame(quantizeNetwork(network, randomWeights(network, 3)), windows);
  });

  it('max-affine of samples, of a convolution and behind recurrent layers, leaky ReLU everywhere', async () => {
    const activation = 'leaky-relu';
    for (const weights of ['per-layer', globalQ25.weights] as const) {
      const network = makeNetwork(
        [
          ['conv1d', { filters: 6, kernel: 5, activation }],
          ['average-pool', 3],
          ['conv1d', { filters: 6, kernel: 3 }],
          ['batch-norm', { activation }],
          ['add', { activation }, [3, 1]],
          ['max-affine', { units: 9, pieces: 5 }],
          ['gru', 7],
          ['max-affine', { units: 8, pieces: 3 }],
          ['dense', { units: 6, activation }],
          ['dense', 4],
        ],
        61,
        { ...globalQ25, weights },
      );
      const integer = quantizeNetwork(network, randomWeights(network, 3));
      assert.deepEqual(
        integer.blocks.map((block) => [block.kind, block.activation, block.inputs[0].bits]),
        [
          ['conv1d', activation, 8],
          ['conv1d', activation, 8],
          ['add', activation, 8],
          ['max-affine', 'none', 8],
          ['gru', 'none', 8],
          ['max-affine', 'none', 16],
          ['dense', activation, 8],
          ['dense', 'none', 8],
        ],
      );
      const outputs = await assertSame(integer, randomWindows(network, 30, 1));
      assert.ok(distinct(outputs) > 20);
    }
    const samples = makeNetwork(
      [
        ['max-affine', { units: 128, pieces: 4 }],
        ['dense', 4],
      ],
      256,
    );
    const outputs = await assertSame(
      quantizeNetwork(samples, randomWeights(samples, 2)),
      randomWindows(samples, 10, 1),
    );
    assert.equal(distinct(outputs), 10);
  });

  it('per-layer formats reach negative shifts', async () => {
    const network = makeNetwork(
      [['conv1d', { filters: 4, kernel: 1 }], ['global-average-pool'], ['dense', 4]],
      1,
      {
        ...globalQ25,
        weights: 'per-layer',
      },
    );
    const weights = randomWeights(network, 1);
    weights.set('conv1d-1/kernel', Float32Array.of(300, -500, 1000, 700));
    const integer = quantizeNetwork(network, weights);
    assert.ok(integer.blocks[0].shifts[0] < 0);
    await assertSame(integer, [Int8Array.of(1), Int8Array.of(-1), Int8Array.of(127), Int8Array.of(-128)]);
  });

  it('a flipped weight on either side makes the comparison fail', async () => {
    const network = makeNetwork(slimLayers(), 256);
    const integer = quantizeNetwork(network, randomWeights(network, 2));
    const windows = randomWindows(network, 3, 1);
    for (const [block, name] of [
      [0, 'weights'],
      [7, 'weights'],
      [8, 'recurrent'],
      [9, 'bias'],
    ] as const) {
      const array = integer.blocks[block][name] as Int8Array;
      const flipped = withArray(
        integer,
        block,
        name,
        array.map((q) => ~q),
      );
      for (const [runtime, reference] of [
        [flipped, integer],
        [integer, flipped],
      ]) {
        const outputs = await runBoth(runtime, windows, reference);
        assert.notDeepEqual(outputs.runtime, outputs.reference);
      }
      assert.notEqual(flipped.hash, integer.hash);
    }
  });
});

describe('quantisation', () => {
  it('slim: 138,244 weights and biases of a byte each, ten blocks, the planned memory exactly', () => {
    const network = makeNetwork(slimLayers(), 256);
    const integer = quantizeNetwork(network, randomWeights(network, 2));
    assert.equal(network.parameterCount, 138_244);
    assert.equal(integer.blocks.length, slimChannels.length + 2);
    assert.equal(weightBytes(integer), 138_244 + integer.blocks.length);
    // conv1's and conv2's outputs, 8 x 128 and 16 x 64, live together; the GRU's state before them.
    assert.equal(integer.stateBytes, 128);
    assert.equal(integer.memoryBytes, 128 + 1024 + 1024);
    assert.equal(integer.logitScale, 2 ** -10);
  });

  it('weights in one format are rounded, ties up, and clipped to it', () => {
    const network = makeNetwork(
      [['conv1d', { filters: 6, kernel: 1 }], ['global-average-pool'], ['dense', 4]],
      1,
    );
    const weights = randomWeights(network, 1);
    weights.set('conv1d-1/kernel', Float32Array.of(5, -5, 1 / 64, -1 / 64, 3 / 64, 0.1));
    weights.set('conv1d-1/bias', Float32Array.of(9, -9, 0.5, -0.5, 0, 1 / 64));
    const [block] = quantizeNetwork(network, weights).blocks;
    assert.deepEqual([...block.weights!], [127, -128, 1, 0, 2, 3]);
    assert.deepEqual([...block.bias!], [127, -128, 16, -16, 0, 1]);
    assert.equal(block.biasShift, 5);
  });

  it('logits cannot saturate, however large the dense weights are', () => {
    const network = makeNetwork(small, 64, { ...globalQ25, weights: 'per-layer' });
    for (const gain of [0.1, 1, 20]) {
      const weights = randomWeights(network, 1, gain);
      const { blocks, logits } = quantizeNetwork(network, weights);
      const dense = blocks[blocks.length - 1];
      const shift = 2 ** dense.shifts[0];
      for (let unit = 0; unit < 3; unit++) {
        let largest = Math.abs(dense.bias![unit]) * 2 ** dense.biasShift;
        for (let i = 0; i < 5; i++) largest += Math.abs(dense.weights![unit * 5 + i]) * 32768;
        assert.ok(largest / shift < 32767, `fraction ${logits.fraction}`);
      }
    }
  });

  it('is deterministic: the same weights give the same hash', () => {
    const network = makeNetwork(small, 64);
    const hash = () => quantizeNetwork(network, randomWeights(network, 1)).hash;
    assert.equal(hash(), hash());
    assert.notEqual(quantizeNetwork(network, randomWeights(network, 2)).hash, hash());
  });
});

describe('what cannot be quantised is refused with the layer named', () => {
  const network = makeNetwork(small, 64);
  const changed = (name: string, change: (values: Float32Array) => Float32Array | undefined): Weights => {
    const weights = randomWeights(network, 1);
    const values = change(weights.get(name)!);
    if (values) weights.set(name, values);
    else weights.delete(name);
    return weights;
  };

  it('an accumulator that can overflow', () => {
    const wide = makeNetwork(
      [
        ['conv1d', { filters: 4, kernel: 1024 }],
        ['average-pool', 256],
        ['global-average-pool'],
        ['dense', 4],
      ],
      2048,
    );
    const weights = randomWeights(wide, 1);
    weights.set('conv1d-1/kernel', new Float32Array(4 * 1024).fill(100));
    const error = refusal(() => quantizeNetwork(wide, weights));
    assert.equal(error.place.layer, 'conv1d-1');
    assert.match(error.message, /accumulator of output channel 0 can overflow/);
  });

  it('an accumulator of one of the affine functions that can overflow, by its output', () => {
    const wide = makeNetwork(
      [['global-average-pool'], ['gru', 700], ['max-affine', { units: 3, pieces: 2 }], ['dense', 4]],
      16,
    );
    const weights = randomWeights(wide, 1, 0.1);
    weights.get('max-affine-1/kernel')!.fill(100, 3 * 700, 4 * 700);
    const error = refusal(() => quantizeNetwork(wide, weights));
    assert.equal(error.place.layer, 'max-affine-1');
    assert.match(error.message, /accumulator of output channel 1 can overflow/);
  });

  it('a max-affine layer as the last one', () => {
    const last = makeNetwork([['max-affine', { units: 4, pieces: 2 }]], 16);
    assert.match(
      refusal(() => quantizeNetwork(last, randomWeights(last, 1))).message,
      /last layer must be a dense layer, but it is a max-affine/,
    );
  });

  it('an accumulator of a recurrent product that can overflow', () => {
    const wide = makeNetwork([['global-average-pool'], ['gru', 600], ['dense', 4]], 16);
    const weights = randomWeights(wide, 1);
    weights.set('gru-1/recurrent', new Float32Array(3 * 600 * 600).fill(-100));
    assert.equal(refusal(() => quantizeNetwork(wide, weights)).place.layer, 'gru-1');
  });

  it('missing, wrongly sized and non-finite weights', () => {
    assert.match(
      refusal(() =>
        quantizeNetwork(
          network,
          changed('gru-1/bias', () => undefined),
        ),
      ).message,
      /no tensor gru-1\/bias/,
    );
    assert.match(
      refusal(() =>
        quantizeNetwork(
          network,
          changed('gru-1/bias', (v) => v.slice(1)),
        ),
      ).message,
      /14 values for gru-1\/bias, the model has 15/,
    );
    const nan = refusal(() =>
      quantizeNetwork(
        network,
        changed('conv1d-2/kernel', (v) => v.fill(NaN)),
      ),
    );
    assert.equal(nan.place.layer, 'conv1d-2');
  });

  it('layers that cannot be deployed', () => {
    const unfolded = makeNetwork([['batch-norm'], ['global-average-pool'], ['dense', 4]], 16);
    assert.equal(
      refusal(() => quantizeNetwork(unfolded, randomWeights(unfolded, 1))).place.layer,
      'batch-norm-1',
    );
    const hard = makeNetwork(
      [['global-average-pool'], ['gru', { units: 4, 'recurrent-activation': 'hard-sigmoid' }], ['dense', 4]],
      16,
    );
    assert.equal(refusal(() => quantizeNetwork(hard, randomWeights(hard, 1))).place.layer, 'gru-1');
    const noDense = makeNetwork([['global-average-pool'], ['gru', 4]], 16);
    assert.match(
      refusal(() => quantizeNetwork(noDense, randomWeights(noDense, 1))).message,
      /must be a dense layer/,
    );
    const after = makeNetwork(
      [['global-average-pool'], ['gru', 4], ['conv1d', { filters: 4, kernel: 1 }], ['dense', 4]],
      16,
    );
    assert.equal(refusal(() => quantizeNetwork(after, randomWeights(after, 1))).place.layer, 'conv1d-1');
  });

  it('formats that do not fit 8 bits', () => {
    const weights = randomWeights(network, 1);
    const wideWeights = { ...network, quantization: { ...globalQ25, weights: { integer: 3, fraction: 12 } } };
    assert.match(refusal(() => quantizeNetwork(wideWeights, weights)).message, /Q3\.12 have 16 bits/);
    const narrow = { ...network, quantization: { ...globalQ25, activations: { integer: 1, fraction: 3 } } };
    assert.match(refusal(() => quantizeNetwork(narrow, weights)).message, /Q1\.3 have 5 bits/);
  });
});
