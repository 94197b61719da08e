import assert from 'node:assert/strict';
import * as path from 'node:path';
import { describe, it } from 'node:test';
import { silentContext } from '../../src/common/job.ts';
import { buildFirmware } from '../../src/firmware/build.ts';
import { generateFirmware } from '../../src/firmware/generate.ts';
import { packDirect, packFolded, packTwoPositions } from '../../src/firmware/packing/direct.ts';
import {
  packFourBitConvolutionRows,
  packFourBitDirect,
  packFourBitRows,
  packFourBitWinograd,
} from '../../src/firmware/packing/four-bit.ts';
import { packConvolutionRows, packFoldedRows, packRows } from '../../src/firmware/packing/rows.ts';
import { packWinograd, packWinogradDirect } from '../../src/firmware/packing/winograd.ts';
import type { IntegerNetwork } from '../../src/quantization/integer-network.ts';
import { IntegerRuntime } from '../../src/quantization/runtime.ts';
import { verifyFirmware } from '../../src/firmware/verify.ts';
import { temporaryFolder } from '../fixtures/workspace.ts';
import { extremeWindows } from '../unit/quantization/isolate.ts';
import {
  convolutionCase,
  denseCase,
  inFourBits,
  kernelNetwork,
  maxAffineCase,
  recurrentCase,
  type ConvolutionCase,
  type KernelCase,
} from './kernel-cases.ts';
import { edit, needsEmulator } from './projects.ts';

const folder = temporaryFolder();
const samples = 2048;

/** Every kernel of the Cortex-M4 in one image; each block's output is compared with the portable kernel's on the host. */
async function assertEqualsHost(name: string, cases: readonly KernelCase[]): Promise<void> {
  // The last one gives the logits, which tell that windows differ.
  const all = [...cases, denseCase(packRows, 256, 4, 16, 99)];
  const { network, kernels } = kernelNetwork(all, samples);
  const project = path.join(folder, name);
  generateFirmware(network, { kernels }, project);
  guardScratch(project);
  const build = await buildFirmware(project, silentContext());
  const windows = extremeWindows(samples, 5, 6);
  const result = await verifyFirmware(network, build, [windows], silentContext());
  assert.equal(result.mismatches, 0, JSON.stringify(result.firstMismatch));
  assert.ok(
    (await unsaturated(network, windows)) > 0.3,
    'most values are saturated: they would prove little',
  );
}

/** Share of state bytes that are neither at an end of int8 nor 0, of the last windows, which are random. */
async function unsaturated(network: IntegerNetwork, windows: readonly Int8Array[]): Promise<number> {
  const runtime = await IntegerRuntime.create(network);
  const bytes = windows.slice(-3).flatMap((window) => {
    const { state } = runtime.runWindow(window);
    return [...new Int8Array(state.buffer)];
  });
  runtime.close();
  return bytes.filter((value) => value > -128 && value < 127 && value !== 0).length / bytes.length;
}

/** The emulated device checks, block by block on the last window, that no byte after a block's scratch memory is written. */
function guardScratch(project: string): void {
  edit(
    project,
    'link/link.c',
    'void link_start(',
    `
/* The 16 bytes after the scratch memory of a block, where they are not the window's. */
static uint8_t *after_scratch(int32_t block) {
  const ecg_block *b = &ecg_model.blocks[block];
  const int32_t at = b->scratch_offset + b->scratch_bytes, input = ecg_model.input.offset;
  if (b->scratch_bytes == 0 || at + 16 > ecg_model.memory_bytes) return NULL;
  return at + 16 > input && at < input + ecg_model.input.length ? NULL : ecg_model_memory + at;
}
static void mark(int32_t block) {
  uint8_t *bytes = block < ecg_model.block_count ? after_scratch(block) : NULL;
  for (int i = 0; bytes && i < 16; i++) bytes[i] = 0xA5;
}
void link_start(`,
  );
  edit(
    project,
    'link/link.c',
    '  (void)context;\n  served.block',
    `  (void)context;
  const uint8_t *bytes = after_scratch(block);
  for (int i = 0; bytes && i < 16; i++) if (bytes[i] != 0xA5) __builtin_trap(); /* scratch memory was left */
  mark(block + 1);
  served.block`,
  );
  edit(
    project,
    'link/link.c',
    '    served.last_ticks = link_port_ticks();\n    ecg',
    '    mark(0);\n    served.last_ticks = link_port_ticks();\n    ecg',
  );
}

const pools: ConvolutionCase['pool'][] = [
  undefined,
  { kind: 'average', size: 2 },
  { kind: 'average', size: 4 },
  { kind: 'max', size: 2 },
  { kind: 'max', size: 4 },
];
const paddings = ['same', 'valid', 'causal'] as const;
const extremes = ['random', 'highest', 'lowest', 'turns'] as const;

/** The i-th of each list, in turn. */
function turn<T>(list: readonly T[], i: number): T {
  return list[i % list.length];
}

/** All pools with and without ReLU; channels, lengths, paddings and extremes in turn. */
function convolutions(
  pack: KernelCase['pack'],
  kernels: readonly number[],
  shapes: readonly (readonly [channels: number, length: number, filters: number])[],
  lowest: number,
): KernelCase[] {
  const cases: KernelCase[] = [];
  for (const kernel of kernels) {
    for (const pool of pools) {
      for (const activation of ['none', 'relu'] as const) {
        const i = cases.length;
        const [channels, length, filters] = turn(shapes, i);
        // A valid convolution needs room for its taps and the pool.
        const room = length >= kernel + (pool?.size ?? 1) - 1;
        const padding = room ? turn(paddings, Math.floor(i / 3)) : 'same';
        if (length < (pool?.size ?? 1)) continue;
        const extreme = turn(extremes, Math.floor(i / 7));
        const one = { channels, length, filters, kernel, padding, activation, pool, extreme, lowest };
        cases.push(convolutionCase(pack, { ...one, perChannel: i % 2 === 1 }, i));
      }
    }
  }
  return cases;
}

/** Pools over more than one pass of four positions, some over more than one chunk of passes. */
const longPools = (pack: KernelCase['pack']) =>
  [8, 16, 32, 64, 128].flatMap((size, i) =>
    (['average', 'max'] as const).flatMap((kind, j) =>
      (['none', 'relu'] as const).map((activation, k) =>
        convolutionCase(
          pack,
          {
            ...{ channels: turn([1, 2, 5], i + j), length: 130, filters: turn([1, 2, 3], i), kernel: 5 },
            ...{ activation, pool: { kind, size }, extreme: k ? 'random' : turn(extremes, i) },
          },
          i,
        ),
      ),
    ),
  );

/** Activations, pools and shifts that have no end for four positions at a time. */
const ends = (pack: KernelCase['pack'], stride = 1): KernelCase[] => {
  const activations = ['none', 'relu', 'leaky-relu', { 'leaky-relu': 1 / 128 }] as const;
  const sizes = [1, 2, 3, 4, 5, 7, 8, 31];
  return sizes.flatMap((size, i) =>
    activations.map((activation, k) => {
      const kind = (i + k) % 2 ? ('average' as const) : ('max' as const);
      const shape = {
        channels: turn([1, 2, 5], i + k),
        length: turn([63, 130], i),
        filters: turn([1, 3, 4], k),
      };
      const pool = size === 1 ? undefined : { kind, size };
      const one = { ...shape, kernel: turn([5, 3], k), stride, activation, pool };
      return convolutionCase(pack, { ...one, extreme: turn(extremes, i + 2 * k), perChannel: k === 1 }, i);
    }),
  );
};

/** Small sums with shifts of either sign. */
const smallShifts = (pack: KernelCase['pack'], stride = 1): KernelCase[] =>
  [-3, 0, 1].map((shift) => {
    const one = convolutionCase(pack, { channels: 1, length: 40, filters: 3, kernel: 1, stride }, 1);
    const content = { weights: Int8Array.of(1, -1, 2), bias: new Int16Array(3), biasShift: 0 };
    return { ...one, content: { ...one.content, ...content, shifts: Int8Array.of(shift) } };
  });

describe('Cortex-M4 kernels give what the portable ones give', needsEmulator, () => {
  const shapes = [
    [2, 13, 1],
    [3, 37, 2],
    [5, 8, 3],
    [8, 64, 4],
    [16, 5, 7],
    [64, 16, 5],
    [128, 4, 2],
    [2, 256, 3],
    [7, 6, 8],
    [33, 9, 2],
    [4, 4, 6],
  ] as const;

  it('direct convolution', async () => {
    await assertEqualsHost('direct', [
      ...longPools(packDirect),
      ...ends(packDirect),
      ...smallShifts(packDirect),
      ...convolutions(packDirect, [1, 2, 3, 4, 5, 6, 7, 8], shapes, -128),
      ...convolutions(
        packDirect,
        [1, 3, 5, 8, 15, 16],
        [1, 2, 3].map((f) => [1, 20 * f + 1, f] as const),
        -128,
      ),
      convolutionCase(packDirect, { channels: 4, length: 2, filters: 2, kernel: 9 }, 1),
      convolutionCase(packDirect, { channels: 4, length: 1, filters: 2, kernel: 5 }, 2),
      convolutionCase(packDirect, { channels: 8, length: 16, filters: 4, kernel: 5, moreShift: -9 }, 3),
      convolutionCase(packDirect, { channels: 2, length: 16, filters: 4, kernel: 3, moreShift: 18 }, 4),
    ]);
  });

  it('folded convolution', async () => {
    await assertEqualsHost('folded', [
      ...longPools(packFolded),
      ...ends(packFolded),
      ...smallShifts(packFolded),
      convolutionCase(
        packFolded,
        { channels: 3, length: 48, filters: 3, kernel: 3, pool: { kind: 'max', size: 12 } },
        5,
      ),
      // Sums of 60 channels with 8 taps at the extremes stay just below 2^23.
      ...convolutions(
        packFolded,
        [1, 2, 3, 4, 5, 6, 7, 8],
        shapes.map(([c, ...rest]) => [Math.min(c, 60), ...rest] as const),
        -127,
      ),
      ...convolutions(packFolded, [1, 5, 16], [[1, 31, 3]], -127),
      convolutionCase(packFolded, { channels: 8, length: 16, filters: 4, kernel: 5, moreShift: -9 }, 3),
      convolutionCase(packFolded, { channels: 60, length: 4, filters: 4, kernel: 8, extreme: 'highest' }, 4),
    ]);
  });

  it('convolution over two positions', async () => {
    const twos = [
      [2, 2, 1],
      [3, 2, 2],
      [64, 2, 5],
      [128, 2, 8],
      [5, 2, 3],
      [16, 2, 4],
    ] as const;
    const ofTwo = convolutions(packTwoPositions, [3, 5, 7, 9], twos, -127).filter(
      (c) => !c.name.includes('causal'),
    );
    await assertEqualsHost('two', ofTwo);
  });

  it('Winograd, from weights in either form', async () => {
    const tiles = [
      [2, 8, 4],
      [3, 37, 4],
      [8, 64, 8],
      [9, 12, 4],
      [16, 16, 4],
      [64, 4, 4],
      [64, 13, 4],
      [128, 8, 4],
      [40, 5, 12],
      [8, 128, 4],
      [33, 4, 8],
    ] as const;
    const fives = Array.from({ length: 5 }, () => 5);
    await assertEqualsHost('winograd', [
      ...convolutions(packWinograd, fives, tiles, -128),
      ...convolutions(packWinogradDirect, fives, tiles, -128),
      convolutionCase(packWinograd, { channels: 8, length: 16, filters: 4, kernel: 5, moreShift: -9 }, 3),
    ]);
  });

  const affine = (pack: KernelCase['pack']): KernelCase[] => [
    maxAffineCase(pack, { channels: 1, length: 256 }, 9, 4, 1),
    maxAffineCase(pack, { channels: 16, length: 9 }, 7, 3, 2),
    maxAffineCase(pack, { channels: 3, length: 1 }, 1, 6, 3),
    maxAffineCase(pack, { channels: 5, length: 3 }, 4, 1, 4),
    maxAffineCase(pack, { channels: 64, length: 1 }, 3, 8, 5),
    recurrentCase(pack, 'gru', 3, 6, 16, 6),
    maxAffineCase(pack, { channels: 6, length: 1 }, 5, 3, 7, true),
  ];

  it('max-affine; dense, GRU and LSTM, any even number of units', async () => {
    await assertEqualsHost('rows', [
      ...affine(packRows),
      recurrentCase(packRows, 'gru', 5, 2, 16, 31),
      recurrentCase(packRows, 'lstm', 9, 10, 16, 32),
      recurrentCase(packFoldedRows, 'gru', 6, 14, 8, 33),
      recurrentCase(packFoldedRows, 'lstm', 7, 6, 16, 34),
      denseCase(packRows, 1, 1, 8, 1),
      denseCase(packRows, 3, 5, 8, 2),
      denseCase(packRows, 64, 4, 16, 3),
      denseCase(packRows, 130, 7, 8, 4),
      denseCase(packRows, 257, 16, 16, 5),
      recurrentCase(packRows, 'gru', 3, 4, 16, 6),
      denseCase(packRows, 4, 6, 16, 7, true),
      recurrentCase(packRows, 'gru', 129, 20, 8, 8),
      recurrentCase(packFoldedRows, 'gru', 128, 64, 16, 9),
      denseCase(packRows, 64, 4, 16, 10, true),
      recurrentCase(packFoldedRows, 'gru', 5, 4, 8, 11),
      recurrentCase(packRows, 'lstm', 17, 12, 16, 12),
      recurrentCase(packRows, 'gru', 12, 8, 16, 13, true),
      recurrentCase(packFoldedRows, 'lstm', 64, 24, 16, 14),
      recurrentCase(packFoldedRows, 'lstm', 1, 4, 8, 15),
      recurrentCase(packRows, 'gru', 9, 8, 16, 16, false, 'linear'),
      recurrentCase(packFoldedRows, 'gru', 9, 8, 16, 17, false, 'hard'),
      recurrentCase(packRows, 'gru', 9, 8, 16, 18, false, 'hard-linear'),
      recurrentCase(packFoldedRows, 'lstm', 9, 8, 8, 19, false, 'linear'),
      recurrentCase(packRows, 'lstm', 9, 8, 16, 20, false, 'hard'),
      recurrentCase(packFoldedRows, 'lstm', 9, 8, 16, 21, false, 'hard-linear'),
    ]);
  });

  /** Every stride, number of channels and taps, with groups of several sizes. */
  const byRows = (pack: KernelCase['pack']): KernelCase[] => [
    ...ends(pack, 2),
    ...ends(pack, 3),
    ...smallShifts(pack, 2),
    ...[1, 2, 3, 4, 7].flatMap((stride, i) =>
      [1, 2, 3, 4, 5, 9, 16, 31].map((kernel, k) => {
        const [channels, length, filters] = turn(shapes, i + k);
        const room = length >= kernel;
        const padding = room ? turn(paddings, i + k) : 'same';
        const one = { channels: Math.min(channels, 33), length, filters, kernel, stride, padding };
        return convolutionCase(pack, { ...one, extreme: turn(extremes, k), lowest: -128 }, i + k);
      }),
    ),
    ...(
      [
        [6, 6, 6],
        [8, 4, 2],
        [6, 15, 3],
        [20, 10, 5],
        [4, 8, 4],
      ] as const
    ).map(([channels, filters, groups], i) =>
      convolutionCase(
        pack,
        { channels, length: 25 + i, filters, kernel: 3 + i, groups, stride: 1 + (i % 3) },
        i,
      ),
    ),
    convolutionCase(pack, { channels: 4, length: 2, filters: 5, kernel: 9, stride: 2 }, 1),
    convolutionCase(pack, { channels: 3, length: 1, filters: 2, kernel: 5 }, 2),
  ];

  it('convolution by rows: stride, groups, any number of taps', async () => {
    await assertEqualsHost('by-rows', byRows(packConvolutionRows));
  });

  it('convolution by rows of four-bit weights', async () => {
    await assertEqualsHost('by-rows-4', byRows(packFourBitConvolutionRows).map(inFourBits));
  });

  it('four-bit weights: direct and Winograd convolution, dense, max-affine, GRU and LSTM', async () => {
    const fours = [
      [2, 8, 4],
      [9, 12, 4],
      [64, 13, 4],
      [40, 5, 12],
      [33, 4, 8],
    ] as const;
    const fives = [5, 5, 5];
    const cases = [
      ...longPools(packFourBitDirect),
      ...convolutions(packFourBitDirect, [1, 2, 3, 4, 5, 6, 7, 8], shapes, -128),
      ...convolutions(packFourBitDirect, [1, 5, 8, 15, 16], [[1, 31, 3]], -128),
      ...convolutions(packFourBitWinograd, fives, fours, -128),
      ...ends(packFourBitDirect),
      ...affine(packFourBitRows),
      recurrentCase(packFourBitRows, 'gru', 9, 10, 16, 31),
      recurrentCase(packFourBitRows, 'lstm', 3, 6, 16, 32),
      denseCase(packFourBitRows, 1, 1, 8, 1),
      denseCase(packFourBitRows, 257, 16, 16, 5),
      denseCase(packFourBitRows, 130, 7, 8, 4),
      recurrentCase(packFourBitRows, 'gru', 3, 4, 16, 6),
      denseCase(packFourBitRows, 4, 6, 16, 7, true),
      recurrentCase(packFourBitRows, 'gru', 128, 64, 8, 9),
      recurrentCase(packFourBitRows, 'gru', 64, 20, 16, 10, true),
      recurrentCase(packFourBitRows, 'lstm', 17, 12, 16, 12),
      recurrentCase(packFourBitRows, 'lstm', 9, 8, 8, 19, false, 'linear'),
    ];
    await assertEqualsHost('four-bits', cases.map(inFourBits));
  });
});
