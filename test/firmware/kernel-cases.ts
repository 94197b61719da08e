import { blockActivation } from '../../src/layers/fixed-arithmetic.ts';
import { packedContent } from '../../src/layers/four-bit.ts';
import { averageDivisor } from '../../src/layers/fixed-point.ts';
import { convolutionPadding, type Conv1dOptions } from '../../src/layers/conv1d/shape.ts';
import type { BlockContent, GateForm } from '../../src/layers/fixed-binding.ts';
import { plainContent } from '../../src/layers/fixed-binding.ts';
import type { BlockKernel } from '../../src/firmware/device-network.ts';
import { isPacked, type Packed } from '../../src/firmware/packing/packed-block.ts';
import {
  networkHash,
  type IntegerBlock,
  type IntegerNetwork,
  type IntegerTensor,
} from '../../src/quantization/integer-network.ts';
import { RandomStream } from '../../src/common/random.ts';

/** Blocks of many shapes in one network: each reads the same window and writes to a part of the state of its own. */

export interface KernelCase {
  name: string;
  pack: (block: IntegerBlock) => Packed;
  input: { channels: number; length: number };
  /** Reads the output of the case before, instead of the window. */
  chained?: boolean;
  output: { channels: number; length: number; bits: 8 | 16 };
  content: Partial<BlockContent> & { kind: BlockContent['kind'] };
}

const aligned = (bytes: number) => Math.ceil(bytes / 4) * 4;
const fraction = 5;

export interface KernelNetwork {
  network: IntegerNetwork;
  kernels: BlockKernel[];
}

/** Throws where a packing does not take its case: each case is one that its kernel must be able to compute. */
export function kernelNetwork(cases: readonly KernelCase[], samples: number): KernelNetwork {
  let at = 0;
  const places = cases.map(({ output, content }) => {
    const offset = at;
    at += aligned(output.channels * output.length * (output.bits / 8));
    const cellOffset = content.kind === 'lstm' ? at : 0;
    if (content.kind === 'lstm') at += aligned(2 * output.channels);
    return { offset, cellOffset };
  });
  const stateBytes = at;
  const input: IntegerTensor = { channels: 1, length: samples, bits: 8, fraction, offset: stateBytes };
  const scratchOffset = stateBytes + aligned(samples);
  let scratchBytes = 0;
  const outputs: IntegerTensor[] = [];
  const blocks = cases.map((one, i): IntegerBlock => {
    const { bits } = one.output;
    const output = { ...one.output, fraction, offset: places[i].offset };
    outputs.push(output);
    const from = one.chained ? outputs[i - 1] : { ...input, ...one.input };
    const { kind } = one.content;
    const units = one.output.channels;
    const own = kind === 'gru' ? 4 * units : kind === 'lstm' ? 2 * units : 0;
    const format = { bits, fraction };
    const content = packedContent({ ...plainContent(kind, format, 0), ...one.content, scratchBytes: own });
    scratchBytes = Math.max(scratchBytes, content.scratchBytes);
    return {
      ...content,
      name: `case${i}`,
      layers: [`case${i}`],
      inputs: [from],
      output,
      cellOffset: places[i].cellOffset,
      scratchOffset,
    };
  });
  const kernels = blocks.map((block, i) => {
    const packed = cases[i].pack(block);
    if (!isPacked(packed)) throw new Error(`${cases[i].name}: ${packed.why}`);
    return packed;
  });
  const logits = outputs[outputs.length - 1];
  const plain = {
    name: 'kernels',
    classes: Array.from({ length: logits.channels }, (_, i) => `C${i}`),
    readout: 'last-state' as const,
    resetEvery: undefined,
    window: samples,
    hop: samples,
    rate: 122,
    blocks,
    input,
    logits,
    logitScale: 1,
    memoryBytes: scratchOffset + scratchBytes,
    stateBytes,
    macs: 0,
  };
  const network = { ...plain, hash: networkHash(plain) };
  return { network, kernels };
}

/** A case of a kernel for four-bit weights, its weights in 4 bits, and shifts that leave the outputs where they were. */
export function inFourBits(one: KernelCase): KernelCase {
  const { content } = one;
  const { weights, recurrent, leftShift = [0, 0], shifts } = content;
  const narrow = (values: Int8Array | undefined) => values?.map((w) => w >> 4);
  return {
    ...one,
    name: `${one.name}, four bits`,
    content: {
      ...content,
      weightBits: 4,
      weights: narrow(weights),
      recurrent: narrow(recurrent),
      ...(recurrent
        ? { leftShift: [leftShift[0] + 4, leftShift[1] + 4] }
        : { shifts: shifts?.map((shift) => Math.max(Math.min(2, shift), shift - 4)) }),
    },
  };
}

export type Extreme = 'random' | 'highest' | 'lowest' | 'turns';

/** Weights within ±`most`, at random or all at the ends. */
export function weightsOf(count: number, seed: number, extreme: Extreme, lowest = -127): Int8Array {
  const stream = new RandomStream(seed, 'weights');
  return Int8Array.from({ length: count }, (_, i) => {
    if (extreme === 'highest') return 127;
    if (extreme === 'lowest') return lowest;
    if (extreme === 'turns') return i % 2 ? 127 : lowest;
    return lowest + stream.integer(128 - lowest);
  });
}

function int16(count: number, seed: number): Int16Array {
  const stream = new RandomStream(seed, 'bias');
  return Int16Array.from({ length: count }, () => stream.integer(65536) - 32768);
}

export interface ConvolutionCase {
  channels: number;
  length: number;
  filters: number;
  kernel: number;
  padding?: Conv1dOptions['padding'];
  activation?: Conv1dOptions['activation'];
  stride?: number;
  groups?: number;
  pool?: { kind: 'average' | 'max'; size: number };
  extreme?: Extreme;
  lowest?: number;
  /** Each channel has a shift of its own. */
  perChannel?: boolean;
  /** Added to a shift that leaves few values saturated. */
  moreShift?: number;
  /** 2, where not said. */
  leastShift?: number;
}

export function convolutionCase(
  pack: KernelCase['pack'],
  { channels, length, filters, kernel, ...rest }: ConvolutionCase,
  seed: number,
): KernelCase {
  const { padding = 'same', activation = 'none', pool, extreme = 'random', lowest = -127 } = rest;
  const { stride = 1, groups = 1, leastShift = 2 } = rest;
  const options: Conv1dOptions = { filters, kernel, stride, padding, groups, activation };
  const { before, after } = convolutionPadding(options, length);
  const size = pool?.size ?? 1;
  const convolved = Math.floor((length + before + after - kernel) / stride) + 1;
  const positions = Math.floor(convolved / size);
  const divisor = pool?.kind === 'average' ? averageDivisor(size) : { multiplier: 0, shift: 0 };
  const activated = blockActivation(activation);
  const row = (channels / groups) * kernel;
  const typical = 9 + Math.round(Math.log2(row) / 2) + divisor.shift + activated.bits;
  const shift = Math.max(leastShift, typical + (extreme === 'random' ? 0 : 3) + (rest.moreShift ?? 0));
  const name = [
    `${pack.name} ${channels} x ${length} to ${filters}, ${kernel} taps, ${padding}`,
    ...[JSON.stringify(activation), pool ? `${pool.kind} ${size}` : 'no pool', extreme],
    `stride ${stride}, ${groups} groups`,
  ].join(', ');
  return {
    name,
    pack,
    input: { channels, length },
    output: { channels: filters, length: positions, bits: 8 },
    content: {
      kind: 'conv1d',
      weights: weightsOf(filters * row, seed, extreme, lowest),
      bias: int16(filters, seed),
      biasBits: 16,
      biasShift: 2,
      shifts: rest.perChannel
        ? Int8Array.from({ length: filters }, (_, i) => shift - 1 + (i % 3))
        : Int8Array.of(shift),
      kernel,
      stride,
      groups,
      padding: before,
      ...activated.content,
      pool: pool?.kind ?? 'none',
      poolSize: size,
      poolStride: size,
      poolMultiplier: divisor.multiplier,
    },
  };
}

export function maxAffineCase(
  pack: KernelCase['pack'],
  input: { channels: number; length: number },
  units: number,
  pieces: number,
  seed: number,
  chained = false,
): KernelCase {
  const columns = input.channels * input.length;
  return {
    name: `${pack.name} max-affine ${columns} to ${units}, ${pieces} pieces`,
    pack,
    chained,
    input,
    output: { channels: units, length: 1, bits: 8 },
    content: {
      kind: 'max-affine',
      poolSize: pieces,
      poolStride: pieces,
      weights: weightsOf(units * pieces * columns, seed, 'random', -128),
      bias: int16(units * pieces, seed),
      biasBits: 16,
      shifts: Int8Array.of(8 + Math.ceil(Math.log2(columns) / 2) + (chained ? 8 : 0)),
    },
  };
}

export function denseCase(
  pack: KernelCase['pack'],
  input: number,
  units: number,
  bits: 8 | 16,
  seed: number,
  chained = false,
): KernelCase {
  const shift = 6 + Math.round(Math.log2(input) / 2) + (chained ? 8 : 0) - (bits === 16 ? 6 : 0);
  return {
    name: `${pack.name} dense ${input} to ${units} of ${bits} bits`,
    pack,
    chained,
    input: { channels: input, length: 1 },
    output: { channels: units, length: 1, bits },
    content: {
      kind: 'dense',
      weights: weightsOf(units * input, seed, 'random', -128),
      bias: int16(units, seed),
      biasBits: 16,
      shifts: Int8Array.of(shift),
      ...blockActivation((['none', 'relu', 'leaky-relu'] as const)[units % 3]).content,
    },
  };
}

export function recurrentCase(
  pack: KernelCase['pack'],
  kind: 'gru' | 'lstm',
  channels: number,
  units: number,
  stateBits: 8 | 16,
  seed: number,
  chained = false,
  gates?: GateForm,
): KernelCase {
  const rows = (kind === 'gru' ? 3 : 4) * units;
  return {
    name: `${pack.name} ${kind} ${channels} to ${units}, state of ${stateBits} bits, gates ${gates ?? 'by table'}`,
    pack,
    chained,
    input: { channels, length: 1 },
    output: { channels: units, length: 1, bits: 16 },
    content: {
      kind,
      stateBits,
      gates,
      weights: weightsOf(rows * channels, seed, 'random'),
      recurrent: weightsOf(rows * units, seed + 1, 'random', -128),
      bias: int16(rows, seed),
      biasBits: 16,
      biasShift: 6,
      leftShift: chained ? [0, 0] : [10, 0],
      shifts: Int8Array.of(12),
    },
  };
}
