import type {
  BlockArray,
  IntegerBlock,
  IntegerNetwork,
  IntegerTensor,
} from '../quantization/integer-network.ts';
import { planMemory, type PlannedTensor } from '../quantization/planner.ts';
import type { PackedBlock, PackingName } from './packing/packed-block.ts';

/** The network as the device has it: the same blocks, each with its kernel, in a memory plan of its own. */

export interface DeviceBlock extends Omit<IntegerBlock, 'packing' | BlockArray> {
  /** The C function that computes it. */
  run: string;
  packing: PackingName;
  weights: Int8Array | Int16Array | undefined;
  recurrent: Int8Array | undefined;
  bias: Int8Array | Int16Array | undefined;
  shifts: Int8Array;
  finish?: string;
}

export interface DeviceNetwork extends Omit<IntegerNetwork, 'blocks'> {
  blocks: readonly DeviceBlock[];
}

/** What computes a block: the portable kernel of its kind, or a Cortex-M4 kernel with its packing. */
export type BlockKernel = { portable: string } | PackedBlock;

/**
 * Bring blocks and kernels together. The state keeps its layout, which the host compares; inputs, outputs and scratch
 * are placed anew, since kernels need scratch memory of their own.
 */
export function deviceNetwork(network: IntegerNetwork, kernels: readonly BlockKernel[]): DeviceNetwork {
  const { stateBytes } = network;
  const blocks = network.blocks.map((block, i) => deviceBlock(block, kernels[i]));
  const arena: PlannedTensor[] = [];
  /** Who wrote a place of the host's arena last: index into `arena`. */
  const writers = new Map<number, number>();
  const size = ({ channels, length, bits }: IntegerTensor) => channels * length * (bits / 8);
  const write = (tensor: IntegerTensor, step: number) => {
    if (tensor.offset < stateBytes) return -1;
    const index = arena.push({ bytes: size(tensor), from: step, to: step }) - 1;
    writers.set(tensor.offset, index);
    return index;
  };
  const input = write(network.input, 0);
  const read = (tensor: IntegerTensor, step: number) => {
    if (tensor.offset < stateBytes) return -1;
    const index = writers.get(tensor.offset);
    if (index === undefined) throw new Error(`block ${step} reads what no block wrote`);
    arena[index].to = step;
    arena[index].bytes = Math.max(arena[index].bytes, size(tensor));
    return index;
  };
  const places = blocks.map((block, step) => ({
    inputs: block.inputs.map((tensor) => read(tensor, step)),
    output: write(block.output, step),
    scratch:
      block.scratchBytes > 0 ? arena.push({ bytes: block.scratchBytes, from: step, to: step }) - 1 : -1,
  }));

  const plan = planMemory(arena);
  const offset = (index: number) => stateBytes + plan.offsets[index];
  const placed = (tensor: IntegerTensor, index: number) =>
    index < 0 ? tensor : { ...tensor, offset: offset(index) };
  const moved = blocks.map((block, i): DeviceBlock => {
    const { inputs, output, scratch } = places[i];
    return {
      ...block,
      inputs: block.inputs.map((tensor, k) => placed(tensor, inputs[k])),
      output: placed(block.output, output),
      scratchOffset: scratch < 0 ? 0 : offset(scratch),
    };
  });
  return {
    ...network,
    blocks: moved,
    input: placed(network.input, input),
    logits: moved[moved.length - 1].output,
    memoryBytes: stateBytes + plan.bytes,
  };
}

function deviceBlock(block: IntegerBlock, kernel: BlockKernel): DeviceBlock {
  if ('portable' in kernel) return { ...block, run: kernel.portable, packing: 'canonical' };
  const {
    kernel: run,
    packing,
    weightBits,
    taps,
    padding,
    weights,
    recurrent,
    scratchBytes,
    finish,
  } = kernel;
  return {
    ...block,
    ...{ run, packing, kernel: taps, padding, weights, recurrent, scratchBytes, finish },
    weightBits: weightBits ?? 8,
  };
}

/** Whether a block has a kernel of `runtime/arm/`. */
export function isPackedBlock({ packing }: DeviceBlock): boolean {
  return packing !== 'canonical';
}

/** Bytes of the constants of a block as they stand in flash: weights in their packing, biases, shifts. */
export function constantBytes({ weights, recurrent, bias, shifts }: DeviceBlock): number {
  return [weights, recurrent, bias, shifts].reduce((bytes, array) => bytes + (array?.byteLength ?? 0), 0);
}
