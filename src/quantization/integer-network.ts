import { sha256 } from '../common/files.ts';
import type { BlockContent, ValueFormat } from '../layers/fixed-binding.ts';
import type { TensorShape } from '../layers/definition.ts';

/** A tensor with its place in the network's memory. */
export interface IntegerTensor extends TensorShape, ValueFormat {
  /** Bytes from the start of the memory. */
  offset: number;
}

export function tensorBytes({ channels, length, bits }: IntegerTensor): number {
  return (channels * length * bits) / 8;
}

/** Stored values, [channel][position]: a copy of little-endian bytes. */
export function tensorValues({ bits }: IntegerTensor, bytes: Uint8Array): Int8Array | Int16Array {
  // Not `slice`, which in a Buffer copies nothing.
  const copy = new Uint8Array(bytes).buffer;
  return bits === 8 ? new Int8Array(copy) : new Int16Array(copy);
}

/** One descriptor: a layer, or a convolution with its pool. */
export interface IntegerBlock extends Omit<BlockContent, 'output' | 'cellBytes'> {
  /** Name of the block's first layer. */
  name: string;
  /** Names of all layers that it stands for. */
  layers: readonly string[];
  inputs: readonly IntegerTensor[];
  output: IntegerTensor;
  cellOffset: number;
  scratchOffset: number;
}

/**
 * The quantised network as plain data: everything that the runtime, the generator of firmware and the reference need.
 * Tensors are places in one memory, whose first `stateBytes` are kept from window to window.
 */
export interface IntegerNetwork {
  name: string;
  classes: readonly string[];
  readout: 'last-state' | 'mean';
  /** Windows after which the device clears its state; undefined: never. */
  resetEvery: number | undefined;
  /** Samples of a window and from one window's start to the next; Hz. */
  window: number;
  hop: number;
  rate: number;
  blocks: readonly IntegerBlock[];
  input: IntegerTensor;
  logits: IntegerTensor;
  /** A stored logit q means q * logitScale. */
  logitScale: number;
  memoryBytes: number;
  stateBytes: number;
  /** Multiplications with additions, per window. */
  macs: number;
  /** SHA-256 of all of the above. */
  hash: string;
}

export type BlockArray = 'weights' | 'recurrent' | 'bias' | 'shifts';
export const blockArrays: readonly BlockArray[] = ['weights', 'recurrent', 'bias', 'shifts'];

/** Bytes of every constant that the network needs, in canonical packing: weights, biases, shifts. */
export function weightBytes(network: IntegerNetwork): number {
  let bytes = 0;
  for (const block of network.blocks) for (const name of blockArrays) bytes += block[name]?.byteLength ?? 0;
  return bytes;
}

/** The network without its arrays and its hash, for JSON. */
export function networkStructure(network: Omit<IntegerNetwork, 'hash'>): object {
  return {
    name: network.name,
    classes: network.classes,
    readout: network.readout,
    resetEvery: network.resetEvery,
    window: network.window,
    hop: network.hop,
    rate: network.rate,
    macs: network.macs,
    memoryBytes: network.memoryBytes,
    stateBytes: network.stateBytes,
    input: network.input,
    logits: network.logits,
    logitScale: network.logitScale,
    blocks: network.blocks.map((block) => ({
      ...block,
      ...Object.fromEntries(blockArrays.map((name) => [name, undefined])),
    })),
  };
}

/** SHA-256 of the structure's JSON and of each array's bytes (little-endian). */
export function networkHash(network: Omit<IntegerNetwork, 'hash'>): string {
  const parts: (string | Uint8Array)[] = [JSON.stringify(networkStructure(network))];
  for (const block of network.blocks) {
    for (const name of blockArrays) {
      const array = block[name];
      if (array) parts.push(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
    }
  }
  return sha256(...parts);
}

/** Softmax of one window's logits. */
export function probabilities(network: IntegerNetwork, logits: Int16Array): Float32Array {
  const largest = Math.max(...logits);
  const terms = Float32Array.from(logits, (q) => Math.exp((q - largest) * network.logitScale));
  const sum = terms.reduce((a, b) => a + b, 0);
  return terms.map((term) => term / sum);
}
