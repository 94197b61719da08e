import type { BlockContent } from '../../../src/layers/fixed-binding.ts';
import { plainContent } from '../../../src/layers/fixed-binding.ts';
import {
  networkHash,
  type IntegerBlock,
  type IntegerNetwork,
} from '../../../src/quantization/integer-network.ts';
import { referenceReset, referenceRunWindow } from '../../../src/quantization/reference.ts';
import { IntegerRuntime } from '../../../src/quantization/runtime.ts';
import { RandomStream } from '../../../src/common/random.ts';
import type { TensorShape } from '../../../src/layers/definition.ts';

/** One block with everything that is not said at its neutral value, between an int8 input and an output of its own. */
export interface BlockSpec extends Partial<Omit<BlockContent, 'output'>> {
  kind: BlockContent['kind'];
  input: TensorShape;
  output: TensorShape;
  outputBits?: 8 | 16;
}

const fraction = 5;

/** A network of one block; places do not overlap. Its logits are the block's output. */
export function isolated(spec: BlockSpec): IntegerNetwork {
  const { input, output, outputBits = 8, ...content } = spec;
  const recurrent = spec.kind === 'gru' || spec.kind === 'lstm';
  const bits = recurrent ? 16 : outputBits;
  const outputBytes = output.channels * output.length * (bits / 8);
  const aligned = (n: number) => Math.ceil(n / 4) * 4;
  const cellOffset = aligned(outputBytes);
  const stateBytes = recurrent ? cellOffset + (spec.kind === 'lstm' ? aligned(outputBytes) : 0) : 0;
  const inputOffset = recurrent ? stateBytes : cellOffset;
  const scratchOffset = inputOffset + aligned(input.channels * input.length);
  const block: IntegerBlock = {
    ...plainContent(spec.kind, { bits, fraction }, 0),
    ...content,
    name: 'block',
    layers: ['block'],
    inputs: [{ ...input, bits: 8, fraction, offset: inputOffset }],
    output: { ...output, bits, fraction, offset: 0 },
    cellOffset,
    scratchOffset,
  };
  return assembled([block], scratchOffset + Math.max(block.scratchBytes, 4 * output.channels), stateBytes);
}

export function assembled(blocks: IntegerBlock[], memoryBytes: number, stateBytes: number): IntegerNetwork {
  const network = {
    name: 'isolated',
    classes: [],
    readout: 'last-state' as const,
    resetEvery: undefined,
    window: 0,
    hop: 0,
    rate: 0,
    blocks,
    input: blocks[0].inputs[0],
    logits: blocks[blocks.length - 1].output,
    logitScale: 1,
    memoryBytes: memoryBytes + 64,
    stateBytes,
    macs: 0,
  };
  return { ...network, hash: networkHash(network) };
}

export interface Outputs {
  runtime: number[][];
  reference: number[][];
}

/** The last block's output and the states after each window, of the runtime and of the reference. */
export async function outputsOf(network: IntegerNetwork, windows: readonly Int8Array[]): Promise<Outputs> {
  const runtime = await IntegerRuntime.create(network);
  const state = referenceReset();
  const outputs: Outputs = { runtime: [], reference: [] };
  for (const window of windows) {
    const ran = runtime.runWindow(window);
    outputs.runtime.push([...runtime.read(network.logits), ...ran.state]);
    const wanted = referenceRunWindow(network, state, window);
    outputs.reference.push([...wanted.logits, ...wanted.state]);
  }
  runtime.close();
  return outputs;
}

/** All 127, all -128, both in turn, zero, one sample alone, and random values over the whole range. */
export function extremeWindows(samples: number, seed: number, random = 3): Int8Array[] {
  const stream = new RandomStream(seed, 'extreme');
  const fill = (f: (i: number) => number) => Int8Array.from({ length: samples }, (_, i) => f(i));
  return [
    fill(() => 127),
    fill(() => -128),
    fill((i) => (i % 2 ? 127 : -128)),
    fill(() => 0),
    fill((i) => (i === samples >> 1 ? -128 : 0)),
    ...Array.from({ length: random }, () => fill(() => stream.integer(256) - 128)),
  ];
}

/** Weights: random over the whole range, or all at one end of it. */
export function int8(
  length: number,
  seed: number,
  kind: 'random' | 'highest' | 'lowest' = 'random',
): Int8Array {
  const stream = new RandomStream(seed, 'int8');
  return Int8Array.from({ length }, () =>
    kind === 'highest' ? 127 : kind === 'lowest' ? -128 : stream.integer(256) - 128,
  );
}

export function int16(length: number, seed: number): Int16Array {
  const stream = new RandomStream(seed, 'int16');
  return Int16Array.from({ length }, () => stream.integer(65536) - 32768);
}
