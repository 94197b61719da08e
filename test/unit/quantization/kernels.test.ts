import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { activationNames } from '../../../src/layers/activation.ts';
import { blockActivation } from '../../../src/layers/fixed-arithmetic.ts';
import { averageDivisor } from '../../../src/layers/fixed-point.ts';
import type { TensorShape } from '../../../src/layers/definition.ts';
import { convolutionPadding, type Conv1dOptions } from '../../../src/layers/conv1d/shape.ts';
import { gateForms, plainContent, type GateForm } from '../../../src/layers/fixed-binding.ts';
import { packedContent } from '../../../src/layers/four-bit.ts';
import type { IntegerBlock, IntegerNetwork } from '../../../src/quantization/integer-network.ts';
import { assembled, extremeWindows, int16, int8, isolated, outputsOf, type BlockSpec } from './isolate.ts';
import { slimChannels } from './networks.ts';

/**
 * The runtime and the reference give the same on extreme and random windows; with weights of four bits too, and then the
 * same as with these weights in eight.
 */
async function assertEqualOutputs(spec: BlockSpec, random = 3): Promise<number[][]> {
  const windows = extremeWindows(spec.input.channels * spec.input.length, 7, random);
  const { runtime, reference } = await outputsOf(isolated(spec), windows);
  assert.deepEqual(runtime, reference);
  if (spec.weights) {
    const narrow = fourBits(spec);
    const wide = await outputsOf(isolated(narrow), windows);
    const packed = await outputsOf(isolated(packedSpec(narrow)), windows);
    assert.deepEqual(packed.runtime, wide.runtime);
    assert.deepEqual(packed.reference, wide.runtime);
  }
  return runtime;
}

/** Weights from -8 to 7, and shifts that leave the outputs where they were. */
function fourBits(spec: BlockSpec): BlockSpec {
  const narrow = (weights: Int8Array | undefined) => weights?.map((w) => w >> 4);
  const { weights, recurrent, leftShift = [0, 0], shifts } = spec;
  const finer = { leftShift: [leftShift[0] + 4, leftShift[1] + 4] as const };
  const coarser = { shifts: shifts?.map((shift) => shift - 4) };
  return {
    ...spec,
    weights: narrow(weights),
    recurrent: narrow(recurrent),
    ...(recurrent ? finer : coarser),
  };
}

function packedSpec(spec: BlockSpec): BlockSpec {
  const step = spec.kind === 'gru' ? 4 : spec.kind === 'lstm' ? 2 : 0;
  const plain = plainContent(spec.kind, { bits: 8, fraction: 0 }, 0);
  return {
    ...spec,
    ...packedContent({
      ...{ ...plain, ...spec, output: plain.output },
      ...{ weightBits: 4, scratchBytes: step * spec.output.channels },
    }),
    output: spec.output,
  };
}

/** Share of values strictly inside the int8 range. */
function unsaturated(outputs: number[][]): number {
  const values = outputs.flat();
  return values.filter((v) => v > -128 && v < 127).length / values.length;
}

interface ConvolutionCase {
  channels: number;
  length: number;
  options: Partial<Conv1dOptions> & { filters: number };
  pool?: { kind: 'average' | 'max'; size: number };
  change?: Partial<BlockSpec>;
}

function convolution({ channels, length, options, pool, change }: ConvolutionCase): BlockSpec {
  const full: Conv1dOptions = {
    kernel: 5,
    stride: 1,
    padding: 'same',
    groups: 1,
    activation: 'none',
    ...options,
  };
  const { before, after } = convolutionPadding(full, length);
  const positions = Math.floor((length + before + after - full.kernel) / full.stride) + 1;
  const size = pool?.size ?? 1;
  const divisor = pool?.kind === 'average' ? averageDivisor(size) : { multiplier: 0, shift: 0 };
  const inner = channels / full.groups;
  const activation = blockActivation(full.activation);
  return {
    kind: 'conv1d',
    input: { channels, length },
    output: { channels: full.filters, length: Math.floor(positions / size) },
    weights: int8(full.filters * inner * full.kernel, 1),
    bias: int16(full.filters, 2),
    biasBits: 16,
    shifts: Int8Array.of(
      9 + Math.round(Math.log2(inner * full.kernel) / 2) + divisor.shift + activation.bits,
    ),
    groups: full.groups,
    kernel: full.kernel,
    stride: full.stride,
    padding: before,
    ...activation.content,
    pool: pool?.kind ?? 'none',
    poolSize: size,
    poolStride: size,
    poolMultiplier: divisor.multiplier,
    ...change,
  };
}

describe('conv1d: the runtime equals the reference', () => {
  const inputs = [1, ...slimChannels.slice(0, -1)];
  slimChannels.forEach((filters, i) => {
    const length = 256 >> i;
    it(`at slim's layer ${i + 1}, ${inputs[i]} x ${length} to ${filters} x ${length / 2}`, async () => {
      const outputs = await assertEqualOutputs(
        convolution({
          channels: inputs[i],
          length,
          options: { filters, activation: 'relu' },
          pool: { kind: 'average', size: 2 },
        }),
      );
      assert.ok(unsaturated(outputs) > 0.3);
    });
  });

  const cases: Record<string, ConvolutionCase> = {
    'no pool, no activation': { channels: 8, length: 32, options: { filters: 8 } },
    'odd length': { channels: 3, length: 37, options: { filters: 5 }, pool: { kind: 'average', size: 2 } },
    'a pool that drops a tail of its input': {
      channels: 4,
      length: 35,
      options: { filters: 4 },
      pool: { kind: 'max', size: 4 },
    },
    'leaky ReLU': { channels: 8, length: 37, options: { filters: 5, activation: 'leaky-relu' } },
    'leaky ReLU, one group a channel, stride 2': {
      channels: 6,
      length: 31,
      options: { filters: 6, groups: 6, stride: 2, activation: 'leaky-relu' },
    },
    'leaky ReLU of slope 1/128 before an average over three': {
      channels: 8,
      length: 60,
      options: { filters: 7, activation: { 'leaky-relu': 1 / 128 } },
      pool: { kind: 'average', size: 3 },
    },
    'leaky ReLU of slope 1/2 before a max pool, saturated': {
      channels: 8,
      length: 64,
      options: { filters: 6, activation: { 'leaky-relu': 0.5 } },
      pool: { kind: 'max', size: 2 },
      change: { shifts: Int8Array.of(1) },
    },
    'max pool': {
      channels: 8,
      length: 64,
      options: { filters: 6, activation: 'relu' },
      pool: { kind: 'max', size: 2 },
    },
    'average over three': {
      channels: 8,
      length: 60,
      options: { filters: 7 },
      pool: { kind: 'average', size: 3 },
    },
    'average over all 61 positions': {
      channels: 2,
      length: 61,
      options: { filters: 4 },
      pool: { kind: 'average', size: 61 },
    },
    'kernel 3': { channels: 4, length: 33, options: { filters: 9, kernel: 3 } },
    'kernel 1': { channels: 16, length: 17, options: { filters: 8, kernel: 1 } },
    'even kernel': { channels: 4, length: 20, options: { filters: 4, kernel: 4 } },
    'kernel longer than the input': { channels: 4, length: 3, options: { filters: 4, kernel: 9 } },
    'kernel 16 and stride 3': { channels: 2, length: 100, options: { filters: 6, kernel: 16, stride: 3 } },
    'stride 2, same padding': { channels: 4, length: 31, options: { filters: 4, stride: 2 } },
    'stride wider than the kernel': {
      channels: 3,
      length: 50,
      options: { filters: 4, kernel: 3, stride: 7 },
    },
    'causal padding': { channels: 4, length: 40, options: { filters: 4, padding: 'causal' } },
    'valid padding': { channels: 4, length: 40, options: { filters: 4, padding: 'valid' } },
    'two groups': { channels: 8, length: 24, options: { filters: 10, groups: 2 } },
    'one group a channel': { channels: 6, length: 24, options: { filters: 6, groups: 6 } },
    'length 1': { channels: 5, length: 1, options: { filters: 3 } },
    'negative shift': {
      channels: 1,
      length: 16,
      options: { filters: 4, kernel: 1 },
      change: {
        shifts: Int8Array.of(-2),
        weights: Int8Array.of(1, -1, 0, 2),
        bias: Int8Array.of(0, 3, -5, 1),
        biasBits: 8,
      },
    },
    'a shift for each channel, some negative': {
      channels: 2,
      length: 24,
      options: { filters: 5, kernel: 3 },
      change: { shifts: Int8Array.of(6, 8, 0, -3, 11) },
    },
    'bias with a left shift of 8 bits': {
      channels: 4,
      length: 24,
      options: { filters: 4 },
      change: { bias: int8(4, 3), biasBits: 8, biasShift: 8 },
    },
    'all weights 127': {
      channels: 64,
      length: 16,
      options: { filters: 8 },
      change: { weights: int8(64 * 8 * 5, 0, 'highest'), shifts: Int8Array.of(15) },
    },
    'all weights -128': {
      channels: 64,
      length: 16,
      options: { filters: 8 },
      change: { weights: int8(64 * 8 * 5, 0, 'lowest'), shifts: Int8Array.of(15) },
    },
    'everything saturated': {
      channels: 8,
      length: 16,
      options: { filters: 8 },
      change: { shifts: Int8Array.of(0) },
    },
  };
  for (const [name, spec] of Object.entries(cases)) {
    it(name, async () => {
      await assertEqualOutputs(convolution(spec));
    });
  }

  it('on every tie, positive and negative: 1/2 goes up, -1/2 goes up to 0', async () => {
    const spec: BlockSpec = {
      kind: 'conv1d',
      input: { channels: 1, length: 256 },
      output: { channels: 1, length: 256 },
      weights: Int8Array.of(1),
      bias: Int8Array.of(0),
      shifts: Int8Array.of(1),
    };
    const window = Int8Array.from({ length: 256 }, (_, i) => i - 128);
    const { runtime, reference } = await outputsOf(isolated(spec), [window]);
    assert.deepEqual(runtime, reference);
    assert.deepEqual(
      runtime[0],
      Array.from(window, (x) => Math.floor(x / 2 + 0.5)),
    );
    assert.equal(runtime[0][127], 0); // -1 / 2
    assert.equal(runtime[0][129], 1); // 1 / 2
  });
});

it('max pools, fused and alone, tell values apart that differ by one, and ReLU cuts at zero', async () => {
  const shape = { input: { channels: 1, length: 64 }, output: { channels: 1, length: 16 } };
  const pool = { poolSize: 4, poolStride: 4 };
  const windows = [
    Int8Array.from({ length: 64 }, (_, i) => 32 - i),
    Int8Array.from({ length: 64 }, (_, i) => i - 32),
  ];
  const convolved = { kind: 'conv1d', weights: Int8Array.of(1), bias: Int8Array.of(0), pool: 'max' } as const;
  const highest = windows.map((x) =>
    Array.from({ length: 16 }, (_, i) => Math.max(...x.subarray(4 * i, 4 * i + 4))),
  );
  for (const [spec, wanted] of [
    [{ ...convolved, ...pool, ...shape }, highest],
    [{ kind: 'max-pool', ...pool, ...shape }, highest],
    [
      { ...convolved, ...pool, ...shape, activation: 'relu' },
      highest.map((row) => row.map((v) => Math.max(0, v))),
    ],
  ] as const) {
    const { runtime, reference } = await outputsOf(isolated(spec), windows);
    assert.deepEqual(runtime, wanted);
    assert.deepEqual(reference, wanted);
  }
});

describe('leaky ReLU multiplies negative accumulators by its slope, before the pool and the one rounding', () => {
  const window = Int8Array.from({ length: 256 }, (_, i) => i - 128);
  const shape = { channels: 1, length: 256 };
  const column = { channels: 256, length: 1 };
  const rounded = (x: number) => Math.min(127, Math.floor(x + 0.5));

  /** Blocks that give leaky(x) of every value of int8; the sum adds a side to itself and halves it. */
  function identity(kind: 'conv1d' | 'dense' | 'add', slopeShift: number): IntegerNetwork {
    const activated = { activation: 'leaky-relu' as const, slopeShift };
    if (kind === 'add') {
      const shifts = Int8Array.of(slopeShift + 1);
      const network = isolated({ ...activated, kind, shifts, input: shape, output: shape });
      const [block] = network.blocks;
      return { ...network, blocks: [{ ...block, inputs: [block.inputs[0], block.inputs[0]] }] };
    }
    const shifts = Int8Array.of(slopeShift);
    if (kind === 'conv1d') {
      const weights = { weights: Int8Array.of(1), bias: Int8Array.of(0) };
      return isolated({ ...activated, ...weights, kind, shifts, input: shape, output: shape });
    }
    const weights = Int8Array.from({ length: 256 * 256 }, (_, i) => (i % 257 === 0 ? 1 : 0));
    const matrix = { weights, bias: new Int8Array(256) };
    return isolated({ ...activated, ...matrix, kind, shifts, input: column, output: column });
  }

  for (const kind of ['conv1d', 'dense', 'add'] as const) {
    for (const slopeShift of [1, 3, 7]) {
      it(`${kind}, slope 1/${2 ** slopeShift}, on every value of int8`, async () => {
        const { runtime, reference } = await outputsOf(identity(kind, slopeShift), [window]);
        const wanted = Array.from(window, (x) => rounded(x < 0 ? x / 2 ** slopeShift : x) + 0);
        assert.deepEqual(runtime, [wanted]);
        assert.deepEqual(reference, [wanted]);
      });
    }
  }

  it('is rounded once, after the sum of a pool: ties go up', async () => {
    const spec: BlockSpec = {
      ...{ kind: 'conv1d', activation: 'leaky-relu', slopeShift: 2, weights: Int8Array.of(1) },
      ...{ bias: Int8Array.of(0), shifts: Int8Array.of(3), pool: 'average', poolSize: 2, poolStride: 2 },
      ...{ input: { channels: 1, length: 10 }, output: { channels: 1, length: 5 } },
    };
    const { runtime, reference } = await outputsOf(isolated(spec), [
      Int8Array.of(-1, -3, -1, -2, -128, 127, 5, -4, -128, -128),
    ]);
    // (-1 - 3) / 8 = -1/2, (-1 - 2) / 8, (-32 + 127) / 2, (5 - 1) / 2, -32
    assert.deepEqual(runtime, [[0, 0, 48, 2, -32]]);
    assert.deepEqual(reference, runtime);
  });
});

describe('max-affine: the runtime equals the reference', () => {
  for (const [channels, length, units, pieces] of [
    [1, 256, 128, 4],
    [16, 9, 7, 3],
    [64, 1, 32, 8],
    [5, 3, 4, 1],
    [3, 1, 1, 6],
  ]) {
    for (const extreme of ['random', 'highest', 'lowest'] as const) {
      it(`${channels} x ${length} to ${units}, ${pieces} pieces, weights ${extreme}`, async () => {
        const columns = channels * length;
        const outputs = await assertEqualOutputs({
          kind: 'max-affine',
          input: { channels, length },
          output: { channels: units, length: 1 },
          poolSize: pieces,
          poolStride: pieces,
          weights: int8(units * pieces * columns, 4, extreme),
          bias: int16(units * pieces, 5),
          biasBits: 16,
          shifts: Int8Array.of(8 + Math.ceil(Math.log2(columns) / 2)),
        });
        if (extreme === 'random') assert.ok(unsaturated(outputs) > 0.3);
      });
    }
  }

  it('takes the largest before it rounds, ties up, negative ones too, and saturates once', async () => {
    const spec: BlockSpec = {
      kind: 'max-affine',
      input: { channels: 1, length: 1 },
      output: { channels: 3, length: 1 },
      poolSize: 2,
      poolStride: 2,
      // max(x, -x), max(x - 40, -x - 40), max(7 x, 3 x + 50)
      weights: Int8Array.of(1, -1, 1, -1, 7, 3),
      bias: Int8Array.of(0, 0, -40, -40, 0, 50),
      shifts: Int8Array.of(1),
    };
    const { runtime, reference } = await outputsOf(
      isolated(spec),
      [1, -1, 7, -128, 127].map((x) => Int8Array.of(x)),
    );
    assert.deepEqual(runtime, [
      [1, -19, 27],
      [1, -19, 24],
      [4, -16, 36],
      [64, 44, -128],
      [64, 44, 127],
    ]);
    assert.deepEqual(reference, runtime);
  });

  it('has a shift for each output, some negative', async () => {
    await assertEqualOutputs({
      kind: 'max-affine',
      input: { channels: 2, length: 1 },
      output: { channels: 4, length: 1 },
      poolSize: 5,
      poolStride: 5,
      weights: Int8Array.from({ length: 40 }, (_, i) => (i % 3) - 1),
      bias: Int8Array.from({ length: 20 }, (_, i) => -i),
      shifts: Int8Array.of(2, 0, -1, -3),
    });
  });
});

describe('pools: the runtime equals the reference', () => {
  for (const kind of ['average-pool', 'max-pool'] as const) {
    for (const [size, stride, length] of [
      [2, 2, 256],
      [3, 3, 31],
      [5, 2, 64],
      [7, 1, 7],
      [1, 1, 9],
    ]) {
      it(`${kind} of ${size}, stride ${stride}, over ${length}`, async () => {
        const divisor = averageDivisor(size);
        await assertEqualOutputs({
          kind,
          input: { channels: 3, length },
          output: { channels: 3, length: Math.floor((length - size) / stride) + 1 },
          poolSize: size,
          poolStride: stride,
          poolMultiplier: kind === 'average-pool' ? divisor.multiplier : 0,
          shifts: Int8Array.of(kind === 'average-pool' ? divisor.shift : 0),
        });
      });
    }
  }

  for (const length of [2, 6, 16, 61]) {
    it(`global average over ${length}`, async () => {
      const divisor = averageDivisor(length);
      await assertEqualOutputs({
        kind: 'global-average-pool',
        input: { channels: 4, length },
        output: { channels: 4, length: 1 },
        poolSize: length,
        poolStride: length,
        poolMultiplier: divisor.multiplier,
        shifts: Int8Array.of(divisor.shift),
      });
    });
  }

  it('an average into a finer format, by a negative shift, with and without a multiplier', async () => {
    for (const size of [1, 3]) {
      const divisor = averageDivisor(size);
      await assertEqualOutputs({
        kind: 'average-pool',
        input: { channels: 1, length: 30 },
        output: { channels: 1, length: 30 / size },
        poolSize: size,
        poolStride: size,
        poolMultiplier: divisor.multiplier,
        shifts: Int8Array.of(divisor.shift - 18),
      });
    }
  });
});

describe('dense: the runtime equals the reference', () => {
  for (const [channels, units, outputBits] of [
    [64, 4, 16],
    [128, 7, 8],
    [3, 1, 16],
  ] as const) {
    it(`${channels} to ${units} in ${outputBits} bits`, async () => {
      for (const activation of activationNames) {
        await assertEqualOutputs({
          kind: 'dense',
          input: { channels, length: 1 },
          output: { channels: units, length: 1 },
          outputBits,
          ...blockActivation(activation).content,
          weights: int8(channels * units, 4),
          bias: int16(units, 5),
          biasBits: 16,
          shifts: Int8Array.of(outputBits === 16 ? 3 : 11),
        });
      }
    });
  }

  it('ReLU cuts at zero', async () => {
    const spec: BlockSpec = {
      kind: 'dense',
      input: { channels: 1, length: 1 },
      output: { channels: 2, length: 1 },
      activation: 'relu',
      weights: Int8Array.of(1, -1),
      bias: Int8Array.of(0, 0),
    };
    const { runtime, reference } = await outputsOf(isolated(spec), [Int8Array.of(1), Int8Array.of(-2)]);
    assert.deepEqual(runtime, [
      [1, 0],
      [0, 2],
    ]);
    assert.deepEqual(reference, runtime);
  });

  it('saturates int16 at both ends', async () => {
    const outputs = await assertEqualOutputs({
      kind: 'dense',
      input: { channels: 64, length: 1 },
      output: { channels: 4, length: 1 },
      outputBits: 16,
      weights: int8(256, 0, 'highest'),
      bias: new Int8Array(4),
      shifts: Int8Array.of(0),
    });
    assert.equal(outputs[0][0], 32767);
    assert.equal(outputs[1][0], -32768);
  });
});

const gateNames = Object.keys(gateForms) as GateForm[];

describe('sigmoid and tanh of the gates lie near the real ones, over all arguments', () => {
  const channels = 1024;
  const arguments_ = Int16Array.from({ length: channels }, (_, i) => 64 * i - 32768 + (i % 64));
  const fill = (value: number) => new Int16Array(channels).fill(value);

  /** With h = 0, weights of 0 and gates of these arguments, a GRU's state is (1 - sigmoid(z)) tanh(n). */
  async function states(z: Int16Array, n: Int16Array, gates: GateForm | undefined): Promise<number[]> {
    const outputs = await assertEqualOutputs(
      {
        ...{ kind: 'gru', input: { channels: 1, length: 1 }, output: { channels, length: 1 }, gates },
        ...{ weights: new Int8Array(3 * channels), recurrent: new Int8Array(3 * channels * channels) },
        ...{ bias: Int16Array.of(...z, ...fill(0), ...n), biasBits: 16 },
      },
      0,
    );
    return outputs[0].slice(0, channels).map((q) => q / 32768);
  }

  const largest = (found: number[], wanted: (x: number) => number) =>
    found.reduce((most, y, i) => Math.max(most, Math.abs(y - wanted(arguments_[i] / 4096))), 0);

  for (const [gates, ofSigmoid, ofTanh] of [
    [undefined, 0.0004, 0.0004],
    ['linear', 0.01895, 0.0379],
    ['hard', 0.0001, 0.0004],
    ['hard-linear', 0.0001, 0.0379],
  ] as const) {
    it(`${gates ?? 'tables'}: within ${ofSigmoid} and ${ofTanh}`, async () => {
      const hard = (x: number) => Math.min(1, Math.max(0, 0.2 * x + 0.5));
      const sigmoid = gates?.startsWith('hard') ? hard : (x: number) => 1 / (1 + Math.exp(-x));
      const fromZ = largest(await states(arguments_, fill(32767), gates), (x) => 1 - sigmoid(x));
      // The lowest gate is not 0 in the table.
      const open = gates === undefined ? 1 - sigmoid(-8) : 1;
      const fromN = largest(await states(fill(-32768), arguments_, gates), (x) => open * Math.tanh(x));
      assert.ok(fromZ < ofSigmoid && fromZ > 0.9 * ofSigmoid - 0.0003, `sigmoid: ${fromZ}`);
      assert.ok(fromN < ofTanh && fromN > 0.9 * ofTanh - 0.0003, `tanh: ${fromN}`);
    });
  }
});

describe('recurrent layers: the runtime equals the reference, states included', () => {
  for (const kind of ['gru', 'lstm'] as const) {
    const gates = kind === 'gru' ? 3 : 4;
    for (const [channels, units] of [
      [128, 64],
      [7, 5],
      [1, 1],
    ]) {
      for (const stateBits of [16, 8] as const) {
        it(`${kind} ${channels} to ${units}, ${stateBits}-bit state`, async () => {
          const spec: BlockSpec = {
            kind,
            input: { channels, length: 1 },
            output: { channels: units, length: 1 },
            weights: int8(gates * units * channels, 6),
            recurrent: int8(gates * units * units, 8),
            bias: int8(gates * units, 9),
            biasShift: 15,
            leftShift: [10, 0],
            shifts: Int8Array.of(13),
            stateBits,
          };
          for (const gates of gateNames) await assertEqualOutputs({ ...spec, gates }, 20);
          const outputs = await assertEqualOutputs(spec, 20);
          const states = outputs.map((values) => values.slice(0, units));
          if (units > 1) assert.ok(new Set(states.flat()).size > units, 'the state moves');
          if (stateBits === 8) assert.ok(states.flat().every((h) => h % 256 === 0));
        });
      }
    }

    it(`${kind} with all weights at one end, gates saturated`, async () => {
      for (const end of ['highest', 'lowest'] as const) {
        const spec: BlockSpec = {
          kind,
          input: { channels: 128, length: 1 },
          output: { channels: 16, length: 1 },
          weights: int8(gates * 16 * 128, 0, end),
          recurrent: int8(gates * 16 * 16, 0, end),
          bias: int16(gates * 16, 1),
          biasBits: 16,
          leftShift: [0, 3],
          shifts: Int8Array.of(2),
        };
        for (const gates of [undefined, ...gateNames]) await assertEqualOutputs({ ...spec, gates });
      }
    });
  }

  it('the LSTM cell saturates at both ends', async () => {
    const units = 2;
    const bias = Int16Array.from({ length: 4 * units }, (_, i) => (i % 2 && i >> 1 === 2 ? -32768 : 32767));
    const outputs = await assertEqualOutputs(
      {
        kind: 'lstm',
        input: { channels: 1, length: 1 },
        output: { channels: units, length: 1 },
        weights: new Int8Array(4 * units),
        recurrent: new Int8Array(4 * units * units),
        bias,
        biasBits: 16,
      },
      20,
    );
    assert.deepEqual(outputs.at(-1)?.slice(-2), [32767, -32768]);
  });
});

describe('add', () => {
  it('brings both sides to the wider format, and equals the reference', async () => {
    const shape = { channels: 3, length: 10 };
    const tensor = (offset: number) => ({ ...shape, bits: 8 as const, fraction: 5, offset });
    const base = isolated({ kind: 'max-pool', input: shape, output: shape }).blocks[0];
    const negated = isolated({
      kind: 'conv1d',
      input: shape,
      output: shape,
      groups: 3,
      weights: Int8Array.of(-1, -2, 3),
      bias: Int8Array.of(1, 2, 3),
    }).blocks[0];
    for (const [leftShift, shift] of [
      [[0, 0], 0],
      [[3, 0], 2],
      [[0, 5], 6],
      [[0, 0], -1],
    ] as const) {
      for (const activation of activationNames) {
        const sum: IntegerBlock = {
          ...base,
          name: 'sum',
          kind: 'add',
          ...blockActivation(activation).content,
          leftShift,
          shifts: Int8Array.of(shift),
          inputs: [tensor(100), tensor(200)],
          output: tensor(300),
        };
        const first: IntegerBlock = { ...base, name: 'first', inputs: [tensor(0)], output: tensor(100) };
        const second: IntegerBlock = { ...negated, name: 'second', inputs: [tensor(0)], output: tensor(200) };
        const network = assembled([first, second, sum], 400, 0);
        const { runtime, reference } = await outputsOf(network, extremeWindows(30, 3));
        assert.deepEqual(runtime, reference);
      }
    }
  });
});

describe('channel-scale', () => {
  const shape = { channels: 5, length: 24 };
  const column = { channels: 5, length: 1 };
  const byte = (of: TensorShape, offset: number, fraction = 5) => ({
    ...{ ...of, bits: 8 as const, fraction, offset },
  });
  const copied = isolated({ kind: 'max-pool', input: shape, output: shape }).blocks[0];
  const x: IntegerBlock = { ...copied, name: 'x', inputs: [byte(shape, 0)], output: byte(shape, 120) };

  for (const fraction of [5, 7, 0, -3, 12, 13, 15]) {
    for (const shift of [15, 13, 20, -1]) {
      it(`equals the reference, s with ${fraction} fraction bits, shift ${shift}`, async () => {
        const s: IntegerBlock = {
          ...{ ...copied, name: 's', poolSize: 24, poolStride: 24 },
          ...{ inputs: [byte(shape, 0)], output: byte(column, 240, fraction) },
        };
        const scaled: IntegerBlock = {
          ...{ ...copied, name: 'scaled', kind: 'channel-scale', shifts: Int8Array.of(shift) },
          ...{ inputs: [x.output, s.output], output: byte(shape, 248) },
        };
        for (const gates of [undefined, 'linear'] as const) {
          const network = assembled([x, s, { ...scaled, gates }], 372, 0);
          const { runtime, reference } = await outputsOf(network, extremeWindows(120, 3, 6));
          assert.deepEqual(runtime, reference);
        }
      });
    }
  }

  it('is x / 2 for s = 0, nearly x for large s and nearly 0 for small, ties up', async () => {
    const values = Int8Array.of(-128, -127, -3, -1, 0, 1, 3, 127);
    for (const [value, wanted] of [
      [0, [-64, -63, -1, 0, 0, 1, 2, 64]],
      [127, [-128, -127, -3, -1, 0, 1, 3, 127]],
      [-128, [0, 0, 0, 0, 0, 0, 0, 0]],
    ] as const) {
      const eight = { channels: 1, length: 8 };
      const both: IntegerBlock = { ...copied, inputs: [byte(eight, 0)], output: byte(eight, 16) };
      const s: IntegerBlock = {
        ...{ ...copied, name: 's', kind: 'conv1d', kernel: 8, weights: new Int8Array(8) },
        ...{
          bias: Int8Array.of(value),
          inputs: [byte(eight, 0)],
          output: byte({ ...eight, length: 1 }, 32, 3),
        },
      };
      const scaled: IntegerBlock = {
        ...{ ...copied, name: 'scaled', kind: 'channel-scale', shifts: Int8Array.of(15) },
        ...{ inputs: [both.output, s.output], output: byte(eight, 48) },
      };
      const { runtime, reference } = await outputsOf(assembled([both, s, scaled], 64, 0), [values]);
      assert.deepEqual(runtime, [[...wanted]]);
      assert.deepEqual(reference, runtime);
    }
  });
});

it('a state is rounded to eight bits: ties up, saturated at +1', async () => {
  const states = [-32768, -32767, -384, -383, -128, -127, 0, 127, 128, 383, 384, 32639, 32640, 32767];
  const channels = states.length;
  const column = { channels, length: 1 };
  // A dense layer with int16 outputs gives them: its biases.
  const dense = isolated({
    ...{ kind: 'dense', input: { channels: 1, length: 1 }, output: column, outputBits: 16 },
    ...{ weights: new Int8Array(channels), bias: Int16Array.from(states), biasBits: 16 },
  }).blocks[0];
  const at = (offset: number, bits: 8 | 16) => ({ ...column, bits, fraction: 0, offset });
  const given: IntegerBlock = { ...dense, output: at(64, 16) };
  const rounding: IntegerBlock = {
    ...{ ...dense, name: 'rounding', kind: 'max-pool', weights: undefined, bias: undefined },
    ...{ shifts: Int8Array.of(8), inputs: [at(64, 16)], output: at(128, 8) },
  };
  const { runtime, reference } = await outputsOf(assembled([given, rounding], 192, 0), [Int8Array.of(5)]);
  assert.deepEqual(runtime, [states.map((h) => Math.min(127, Math.floor(h / 256 + 0.5)) + 0)]);
  assert.deepEqual(reference, runtime);
});
