import { activations, blockKinds, gateForms, pools } from '../layers/fixed-binding.ts';
import type { IntegerBlock, IntegerNetwork, IntegerTensor } from './integer-network.ts';

/**
 * The bytes of the descriptors of `runtime/ecg_runtime.h` in wasm memory. The offsets are compared with the compiler's
 * in a test (`ecg_host_layout`), in the order in which they stand here.
 */
export const tensorLayout = { size: 12, offset: 0, channels: 4, length: 6, bits: 8, fraction: 9 };

export const blockLayout = {
  size: 100,
  kind: 4,
  activation: 5,
  pool: 6,
  packing: 7,
  weightBits: 8,
  biasBits: 9,
  stateBits: 10,
  slopeShift: 11,
  groups: 12,
  kernel: 14,
  stride: 16,
  padding: 18,
  poolSize: 20,
  poolStride: 22,
  poolMultiplier: 24,
  biasShift: 26,
  shiftStep: 27,
  leftShift: 28,
  gates: 30,
  input: 32,
  output: 56,
  weights: 68,
  recurrent: 72,
  bias: 76,
  shifts: 80,
  cellOffset: 84,
  scratchOffset: 88,
  scratchBytes: 92,
  /** Only of kernels on the device. */
  finish: 96,
};

export const networkLayout = {
  size: 72,
  blocks: 0,
  blockCount: 4,
  memoryBytes: 8,
  stateBytes: 12,
  input: 16,
  logits: 28,
  hash: 40,
};

/** What a debugger reads of a block. */
export interface ReadBlock {
  /** Address of its kernel, with the bit that says Thumb. */
  run: number;
  inputs: IntegerTensor[];
  output: IntegerTensor;
}

/** What a debugger reads of a network. */
export interface ReadNetwork {
  /** Address of the descriptors of its blocks. */
  blocks: number;
  blockCount: number;
  memoryBytes: number;
  stateBytes: number;
  input: IntegerTensor;
  logits: IntegerTensor;
  /** Hexadecimal. */
  hash: string;
}

/** The descriptor of a network in the memory of a device. */
export function readNetwork(view: DataView, at: number): ReadNetwork {
  const from = networkLayout;
  const hash = new Uint8Array(view.buffer, view.byteOffset + at + from.hash, 32);
  return {
    blocks: view.getUint32(at + from.blocks, true),
    blockCount: view.getInt32(at + from.blockCount, true),
    memoryBytes: view.getInt32(at + from.memoryBytes, true),
    stateBytes: view.getInt32(at + from.stateBytes, true),
    input: readTensor(view, at + from.input),
    logits: readTensor(view, at + from.logits),
    hash: Buffer.from(hash).toString('hex'),
  };
}

/** The descriptor of a block in the memory of a device. */
export function readBlock(view: DataView, at: number): ReadBlock {
  const from = blockLayout;
  const inputs = [0, 1].map((i) => readTensor(view, at + from.input + i * tensorLayout.size));
  return {
    run: view.getUint32(at, true),
    // All zeros where a block has one input.
    inputs: inputs.filter(({ channels }) => channels > 0),
    output: readTensor(view, at + from.output),
  };
}

function readTensor(view: DataView, at: number): IntegerTensor {
  return {
    offset: view.getInt32(at + tensorLayout.offset, true),
    channels: view.getUint16(at + tensorLayout.channels, true),
    length: view.getUint16(at + tensorLayout.length, true),
    bits: view.getUint8(at + tensorLayout.bits) === 8 ? 8 : 16,
    fraction: view.getInt8(at + tensorLayout.fraction),
  };
}

/** Addresses of a block's arrays; 0 where it has none. */
export interface BlockAddresses {
  weights: number;
  recurrent: number;
  bias: number;
  shifts: number;
}

function writeTensor(view: DataView, at: number, tensor: IntegerTensor): void {
  view.setInt32(at + tensorLayout.offset, tensor.offset, true);
  view.setUint16(at + tensorLayout.channels, tensor.channels, true);
  view.setUint16(at + tensorLayout.length, tensor.length, true);
  view.setUint8(at + tensorLayout.bits, tensor.bits);
  view.setInt8(at + tensorLayout.fraction, tensor.fraction);
}

export function writeBlock(view: DataView, at: number, block: IntegerBlock, addresses: BlockAddresses): void {
  const to = blockLayout;
  view.setUint8(at + to.kind, blockKinds[block.kind]);
  view.setUint8(at + to.activation, activations[block.activation]);
  view.setUint8(at + to.pool, pools[block.pool]);
  view.setUint8(at + to.packing, block.packing);
  view.setUint8(at + to.weightBits, block.weightBits);
  view.setUint8(at + to.biasBits, block.biasBits);
  view.setUint8(at + to.stateBits, block.stateBits);
  view.setUint8(at + to.slopeShift, block.slopeShift ?? 0);
  view.setUint16(at + to.groups, block.groups, true);
  view.setUint16(at + to.kernel, block.kernel, true);
  view.setUint16(at + to.stride, block.stride, true);
  view.setUint16(at + to.padding, block.padding, true);
  view.setUint16(at + to.poolSize, block.poolSize, true);
  view.setUint16(at + to.poolStride, block.poolStride, true);
  view.setUint16(at + to.poolMultiplier, block.poolMultiplier, true);
  view.setInt8(at + to.biasShift, block.biasShift);
  view.setInt8(at + to.shiftStep, block.shifts.length > 1 ? 1 : 0);
  view.setInt8(at + to.leftShift, block.leftShift[0]);
  view.setInt8(at + to.leftShift + 1, block.leftShift[1]);
  view.setUint8(at + to.gates, block.gates ? gateForms[block.gates] : 0);
  block.inputs.forEach((input, i) => writeTensor(view, at + to.input + i * tensorLayout.size, input));
  writeTensor(view, at + to.output, block.output);
  view.setUint32(at + to.weights, addresses.weights, true);
  view.setUint32(at + to.recurrent, addresses.recurrent, true);
  view.setUint32(at + to.bias, addresses.bias, true);
  view.setUint32(at + to.shifts, addresses.shifts, true);
  view.setInt32(at + to.cellOffset, block.cellOffset, true);
  view.setInt32(at + to.scratchOffset, block.scratchOffset, true);
  view.setInt32(at + to.scratchBytes, block.scratchBytes, true);
}

export function writeNetwork(view: DataView, at: number, network: IntegerNetwork, blocks: number): void {
  const to = networkLayout;
  view.setUint32(at + to.blocks, blocks, true);
  view.setInt32(at + to.blockCount, network.blocks.length, true);
  view.setInt32(at + to.memoryBytes, network.memoryBytes, true);
  view.setInt32(at + to.stateBytes, network.stateBytes, true);
  writeTensor(view, at + to.input, network.input);
  writeTensor(view, at + to.logits, network.logits);
  Buffer.from(network.hash, 'hex').forEach((byte, i) => view.setUint8(at + to.hash + i, byte));
}
