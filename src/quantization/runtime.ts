import { UserError } from '../common/errors.ts';
import { blockLayout, networkLayout, writeBlock, writeNetwork } from './descriptor.ts';
import {
  blockArrays,
  tensorBytes,
  tensorValues,
  type IntegerBlock,
  type IntegerNetwork,
  type IntegerTensor,
} from './integer-network.ts';
import { instantiateRuntime, WasmHeap, type RuntimeExports } from './load-runtime.ts';

export interface WindowResults {
  /** Scaled by `logitScale`. */
  logits: Int16Array;
  /** After the window, in the order of the state memory: GRU h; LSTM h, c. */
  state: Int16Array;
}

/**
 * Host inference: the C runtime of the firmware, compiled to wasm, interpreting the network's descriptors. Each instance
 * has memory of its own, so several can run in several threads or with several states.
 */
export class IntegerRuntime {
  readonly network: IntegerNetwork;
  readonly #exports: RuntimeExports;
  readonly #descriptor: number;
  readonly #memory: number;
  readonly #window: number;
  readonly #outputs: number;
  #closed = false;

  private constructor(network: IntegerNetwork, exports: RuntimeExports) {
    this.network = network;
    this.#exports = exports;
    const heap = new WasmHeap(exports);
    this.#window = heap.take(network.input.channels * network.input.length);
    this.#memory = heap.take(network.memoryBytes);
    this.#outputs = heap.take(network.blocks.reduce((sum, { output }) => sum + tensorBytes(output), 0));
    const blocks = heap.take(network.blocks.length * blockLayout.size);
    network.blocks.forEach((block, i) => {
      const addresses = placeArrays(heap, block);
      writeBlock(new DataView(exports.memory.buffer), blocks + i * blockLayout.size, block, addresses);
    });
    this.#descriptor = heap.take(networkLayout.size);
    writeNetwork(new DataView(exports.memory.buffer), this.#descriptor, network, blocks);
    const unknown = exports.ecg_host_bind(this.#descriptor);
    if (unknown > 0) throw new UserError(`the runtime has no kernel for ${unknown} blocks of this network`);
    this.reset();
  }

  static async create(network: IntegerNetwork): Promise<IntegerRuntime> {
    return new IntegerRuntime(network, await instantiateRuntime());
  }

  /** Set the recurrent states to zero: at the start of a record. */
  reset(): void {
    this.#exports.ecg_host_reset(this.#descriptor, this.#memory);
  }

  /** Run one window of int8 samples. Gives copies. */
  runWindow(window: Int8Array): WindowResults {
    this.#take(window);
    this.#exports.ecg_host_run_window(this.#descriptor, this.#memory, this.#window);
    return this.#results();
  }

  /** `runWindow` with a copy of each block's output, [channel][position]. */
  traceWindow(window: Int8Array): WindowResults & { outputs: (Int8Array | Int16Array)[] } {
    this.#take(window);
    this.#exports.ecg_host_trace_window(this.#descriptor, this.#memory, this.#window, this.#outputs);
    const { buffer } = this.#exports.memory;
    let at = this.#outputs;
    const outputs = this.network.blocks.map(({ output }) => {
      const bytes = new Uint8Array(buffer, at, tensorBytes(output));
      at += bytes.length;
      return tensorValues(output, bytes);
    });
    return { ...this.#results(), outputs };
  }

  #take(window: Int8Array): void {
    if (this.#closed) throw new Error('the runtime was closed');
    const samples = this.network.input.channels * this.network.input.length;
    if (window.length !== samples) throw new Error(`a window has ${samples} samples, not ${window.length}`);
    new Int8Array(this.#exports.memory.buffer, this.#window, samples).set(window);
  }

  #results(): WindowResults {
    const { logits, stateBytes } = this.network;
    const { buffer } = this.#exports.memory;
    return {
      logits: new Int16Array(buffer, this.#memory + logits.offset, logits.channels).slice(),
      state: new Int16Array(buffer, this.#memory, stateBytes / 2).slice(),
    };
  }

  /** A copy of a tensor as the last window left it; a place that a later block used again holds that block's values. */
  read(tensor: IntegerTensor): Int8Array | Int16Array {
    const { buffer } = this.#exports.memory;
    return tensorValues(tensor, new Uint8Array(buffer, this.#memory + tensor.offset, tensorBytes(tensor)));
  }

  close(): void {
    this.#closed = true;
  }
}

function placeArrays(heap: WasmHeap, block: IntegerBlock): Record<(typeof blockArrays)[number], number> {
  const [weights, recurrent, bias, shifts] = blockArrays.map((name) => {
    const array = block[name];
    return array ? heap.put(array) : 0;
  });
  return { weights, recurrent, bias, shifts };
}
