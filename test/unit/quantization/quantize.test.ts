import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { UserError } from '../../../src/common/errors.ts';
import type { Weights } from '../../../src/model/network.ts';
import { quantizeNetwork } from '../../../src/quantization/quantize.ts';
import { IntegerRuntime } from '../../../src/quantization/runtime.ts';
import { parameterBytes } from '../../../src/model/budget.ts';
import { quantize, weightFraction } from '../../../src/layers/fixed-point.ts';
import { unpackFourBits } from '../../../src/layers/four-bit.ts';
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
      ['Q2.5, piecewise linear gates', { ...globalQ25, gates: 'piecewise-linear' as const }],
      ['per-layer formats', { ...globalQ25, weights: 'per-layer' as const }],
      ['per-channel formats', { ...globalQ25, weights: 'per-channel' as const }],
      [
        'per-layer formats, activations Q3.4',
        { ...globalQ25, weights: 'per-layer' as const, activations: { integer: 3, fraction: 4 } },
      ],
      ['weights of four bits', { ...globalQ25, weights: 4 as const }],
      ['weights Q0.3', { ...globalQ25, weights: { integer: 0, fraction: 3 } }],
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
    for (const weights of ['per-layer', 'per-channel', 4] as const) {
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
        { ...globalQ25, weights },
      );
      const windows = randomWindows(network, 30, 1);
      await assertSame(quantizeNetwork(network, randomWeights(network, 3)), windows);
    }
  });

  it('max-affine of samples, of a convolution and behind recurrent layers, leaky ReLU everywhere', async () => {
    const activation = 'leaky-relu';
    for (const weights of ['per-layer', 'per-channel', 4, globalQ25.weights] as const) {
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

  it('squeeze and excitation, of a state too', async () => {
    for (const weights of ['per-layer', 'per-channel', 4, globalQ25.weights] as const) {
      const network = makeNetwork(
        [
          ['conv1d', { filters: 16, kernel: 5, activation: 'relu' }],
          ['global-average-pool'],
          ['dense', { units: 4, activation: 'relu' }],
          ['dense', 16],
          ['channel-scale', null, [0, 3]],
          ['global-average-pool'],
          ['gru', 6],
          ['dense', 6],
          ['channel-scale', null, [6, 7]],
          ['dense', 4],
        ],
        61,
        { ...globalQ25, weights },
      );
      const integer = quantizeNetwork(network, randomWeights(network, 5));
      assert.deepEqual(
        integer.blocks.slice(-5).map(({ name, kind }) => [name, kind]),
        [
          ['gru-1', 'gru'],
          ['dense-3', 'dense'],
          ['gru-1:rounded', 'max-pool'],
          ['channel-scale-2', 'channel-scale'],
          ['dense-4', 'dense'],
        ],
      );
      assert.ok(distinct(await assertSame(integer, randomWindows(network, 20, 1))) > 15);
    }
  });

  it('batch norms that no layer can take up: of samples, behind an activation and a pool, of a layer that others read', async () => {
    const network = makeNetwork(
      [
        ['batch-norm'],
        ['conv1d', { filters: 8, kernel: 5, activation: 'relu' }],
        ['batch-norm', { activation: 'leaky-relu' }],
        ['max-pool', 2],
        ['batch-norm'],
        ['conv1d', { filters: 8, kernel: 1 }],
        ['batch-norm', { activation: 'relu' }],
        ['add', null, [5, 6]],
        ['global-average-pool'],
        ['dense', 4],
      ],
      40,
      { ...globalQ25, weights: 'per-layer' },
    );
    const integer = quantizeNetwork(network, randomWeights(network, 5));
    const alone = integer.blocks.filter(({ name }) => name.startsWith('batch-norm'));
    assert.deepEqual(
      alone.map(({ kind, groups, kernel, layers }) => [kind, groups, kernel, layers]),
      [
        ['conv1d', 1, 1, ['batch-norm-1']],
        ['conv1d', 8, 1, ['batch-norm-2', 'max-pool-1']],
        ['conv1d', 8, 1, ['batch-norm-3']],
        ['conv1d', 8, 1, ['batch-norm-4']],
      ],
    );
    assert.equal(integer.macs, network.macs + 40 + 8 * 40 + 2 * 8 * 20);
    assert.ok(distinct(await assertSame(integer, randomWindows(network, 20, 1))) > 15);
  });

  it('hard-sigmoid gates', async () => {
    for (const gates of ['table', 'piecewise-linear'] as const) {
      const network = makeNetwork(
        [
          ['global-average-pool'],
          ['gru', { units: 6, 'recurrent-activation': 'hard-sigmoid' }],
          ['lstm', { units: 5, 'recurrent-activation': 'hard-sigmoid' }],
          ['dense', 4],
        ],
        16,
        { ...globalQ25, gates },
      );
      const integer = quantizeNetwork(network, randomWeights(network, 5));
      const form = gates === 'table' ? 'hard' : 'hard-linear';
      assert.deepEqual(
        integer.blocks.map((block) => block.gates),
        [undefined, form, form, undefined],
      );
      assert.ok(distinct(await assertSame(integer, randomWindows(network, 20, 1))) > 15);
    }
  });

  it('layers of any kind behind a recurrent one, which read its state in eight bits', async () => {
    const network = makeNetwork(
      [
        ['global-average-pool'],
        ['lstm', 6],
        ['conv1d', { filters: 6, kernel: 3 }],
        ['add', null, [2, 1]],
        ['gru', 6],
        ['max-pool', 1],
        ['add', null, [4, 5]],
        ['max-affine', { units: 5, pieces: 2 }],
        ['dense', 4],
      ],
      16,
      { ...globalQ25, weights: 'per-layer' },
    );
    const integer = quantizeNetwork(network, randomWeights(network, 5));
    const rounded = integer.blocks.filter(({ name }) => name.endsWith(':rounded'));
    assert.deepEqual(
      rounded.map(({ name, output }) => [name, output.bits, output.fraction]),
      [
        ['lstm-1:rounded', 8, 7],
        ['gru-1:rounded', 8, 7],
      ],
    );
    assert.ok(distinct(await assertSame(integer, randomWindows(network, 20, 1))) > 15);
  });

  it('networks that do not end with a dense layer: their values are the logits', async () => {
    const ends: LayerEntry[][] = [
      [['conv1d', { filters: 4, kernel: 5 }], ['global-average-pool']],
      [['global-average-pool'], ['gru', 4]],
      [['max-affine', { units: 4, pieces: 3 }]],
    ];
    for (const layers of ends) {
      const network = makeNetwork(layers, 32);
      const integer = quantizeNetwork(network, randomWeights(network, 5));
      const runtime = await IntegerRuntime.create(integer);
      const windows = randomWindows(network, 10, 1);
      const before = integer.blocks[integer.blocks.length - 2].output;
      for (const window of windows) {
        const { logits } = runtime.runWindow(window);
        const values = [...runtime.read(before)].map((q) => q * 2 ** -before.fraction);
        logits.forEach((q, i) => assert.ok(Math.abs(q * integer.logitScale - values[i]) <= 2 ** -11));
      }
      runtime.close();
      assert.ok(distinct(await assertSame(integer, windows)) > 5);
    }
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

  it('what a model is said to need is what its weights and biases take, in any format', () => {
    const motley: LayerEntry[] = [
      ['batch-norm'],
      ['conv1d', { filters: 6, kernel: 7 }],
      ['batch-norm', { activation: 'relu' }],
      ['conv1d', { filters: 6, kernel: 3, groups: 6 }],
      ['conv1d', { filters: 9, kernel: 4, groups: 3 }],
      ['batch-norm', { activation: 'relu' }],
      ['max-pool', 3],
      ['max-affine', { units: 7, pieces: 3 }],
      ['lstm', 7],
      ['gru', 5],
    ];
    for (const layers of [slimLayers(), motley]) {
      for (const weights of [
        4,
        'per-layer',
        'per-channel',
        { integer: 0, fraction: 3 },
        globalQ25.weights,
      ] as const) {
        const network = makeNetwork(layers, 256, { ...globalQ25, weights });
        const { blocks } = quantizeNetwork(network, randomWeights(network, 2));
        const stored = blocks.reduce((bytes, { weights: w, recurrent, bias }) => {
          return bytes + [w, recurrent, bias].reduce((sum, array) => sum + (array?.byteLength ?? 0), 0);
        }, 0);
        assert.equal(parameterBytes(network), stored);
      }
    }
  });

  it('weights of four bits: slim has 69,888 bytes of them, two a byte, on the grid of least squared error', () => {
    const network = makeNetwork(slimLayers(), 256, { ...globalQ25, weights: 4 });
    const real = randomWeights(network, 2);
    const { blocks } = quantizeNetwork(network, real);
    for (const { weightBits, weights, name, inputs, kernel, output } of blocks.slice(0, 8)) {
      assert.equal(weightBits, 4);
      const values = real.get(`${name}/kernel`)!;
      const size = inputs[0].channels * kernel;
      const fractions = Array.from({ length: output.channels }, (_, c) =>
        weightFraction(values.subarray(c * size, (c + 1) * size), 4),
      );
      const finest = Math.min(...fractions) + 4;
      assert.deepEqual(
        unpackFourBits(weights!, output.channels, size),
        Int8Array.from(values, (w, i) => quantize(w, Math.min(finest, fractions[Math.floor(i / size)]), 4)),
      );
    }
    const bytes = blocks.reduce((sum, b) => sum + b.weights!.length + (b.recurrent?.length ?? 0), 0);
    // 8 rows of five weights have three bytes each.
    assert.equal(bytes, 3 * 8 + (138_244 - 5 * 8 - (8 + 16 + 32 + 32 + 64 + 64 + 64 + 128 + 3 * 64 + 4)) / 2);
  });

  it('a format for each channel is the finest that clips none of its weights, within four bits of the layer’s', () => {
    const network = makeNetwork(
      [['conv1d', { filters: 4, kernel: 2 }], ['average-pool', 2], ['global-average-pool'], ['dense', 4]],
      16,
      { ...globalQ25, weights: 'per-channel' },
    );
    const weights = randomWeights(network, 1);
    weights.set('conv1d-1/kernel', Float32Array.of(1.5, -0.25, 0.4, 0.1, 0.001, 0, 0, 0));
    weights.set('conv1d-1/bias', Float32Array.of(0.3, -4, 0.25, 1));
    const [block] = quantizeNetwork(network, weights).blocks;
    // Fractions 6, 8, 10 and 10: of 0.001 the finest were 16.
    assert.deepEqual([...block.weights!], [96, -16, 102, 26, 1, 0, 0, 0]);
    // The sum of two is divided by the shift too.
    assert.deepEqual([...block.shifts], [7, 9, 11, 11]);
    // -4 in 16 bits has 12 fraction bits, its sum 13: all biases are shifted by the 1.
    assert.equal(block.biasShift, 1);
    assert.deepEqual(
      [...block.bias!],
      [0.3 * 2 ** 10, -4 * 2 ** 12, 0.25 * 2 ** 14, 2 ** 14].map(Math.round),
    );
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
    for (const [gain, format] of [
      [0.1, 'per-layer'],
      [1, 'per-layer'],
      [20, 'per-layer'],
      [20, 'per-channel'],
    ] as const) {
      const network = makeNetwork(small, 64, { ...globalQ25, weights: format });
      const weights = randomWeights(network, 1, gain);
      // Of a unit with small weights the format is finer than of the others.
      weights.get('dense-1/kernel')!.fill(0.01, 0, 5);
      const { blocks, logits } = quantizeNetwork(network, weights);
      const dense = blocks[blocks.length - 1];
      for (let unit = 0; unit < 3; unit++) {
        const shift = 2 ** dense.shifts[format === 'per-channel' ? unit : 0];
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

  it('an accumulator that a leaky ReLU makes too large', () => {
    for (const [slope, overflows] of [
      [1 / 64, false],
      [1 / 128, true],
    ] as const) {
      // 700 * 127 * 128 * 64 * 2 < 2^31 / 1.4
      const wide = makeNetwork(
        [
          ['conv1d', { filters: 2, kernel: 700, activation: { 'leaky-relu': slope } }],
          ['average-pool', 2],
          ['global-average-pool'],
          ['dense', 4],
        ],
        1400,
      );
      const weights = randomWeights(wide, 1);
      weights.get('conv1d-1/kernel')!.fill(100);
      if (!overflows) {
        quantizeNetwork(wide, weights);
        continue;
      }
      const error = refusal(() => quantizeNetwork(wide, weights));
      assert.equal(error.place.layer, 'conv1d-1');
      assert.match(error.advice, /a leaky ReLU with a steeper slope/);
    }
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

  it('formats that do not fit 8 bits', () => {
    const weights = randomWeights(network, 1);
    const wideWeights = { ...network, quantization: { ...globalQ25, weights: { integer: 3, fraction: 12 } } };
    assert.match(refusal(() => quantizeNetwork(wideWeights, weights)).message, /Q3\.12 have 16 bits/);
    const narrow = { ...network, quantization: { ...globalQ25, activations: { integer: 1, fraction: 3 } } };
    assert.match(refusal(() => quantizeNetwork(narrow, weights)).message, /Q1\.3 have 5 bits/);
  });
});
