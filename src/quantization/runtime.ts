import { UserError } from '../common/errors.ts';
import { blockLayout, networkLayout, writeBlock, writeNetwork } from './descriptor.ts';
import {
  blockArrays,
  type IntegerBlock,
  type IntegerNetwork,
  type IntegerTensor,
} from './integer-network.ts';
import { instantiateRuntime, WasmHeap, type RuntimeExports } from './load-runtime.ts';

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
  #closed = false;

  private constructor(network: IntegerNetwork, exports: RuntimeExports) {
    this.network = network;
    this.#exports = exports;
    const heap = new WasmHeap(exports);
    this.#window = heap.take(network.input.channels * network.input.length);
    this.#memory = heap.take(network.memoryBytes);
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

  /**
   * Run one window of int8 samples. Gives copies of the logits (scaled by `logitScale`) and of the recurrent states after
   * the window, in the order of the state memory: GRU h; LSTM h, c.
   */
  runWindow(window: Int8Array): { logits: Int16Array; state: Int16Array } {
    if (this.#closed) throw new Error('the runtime was closed');
    const samples = this.network.input.channels * this.network.input.length;
    if (window.length !== samples) throw new Error(`a window has ${samples} samples, not ${window.length}`);
    new Int8Array(this.#exports.memory.buffer, this.#window, samples).set(window);
    this.#exports.ecg_host_run_window(this.#descriptor, this.#memory, this.#window);
    const { logits, stateBytes } = this.network;
    const { buffer } = this.#exports.memory;
    return {
      logits: new Int16Array(buffer, this.#memory + logits.offset, logits.channels).slice(),
      state: new Int16Array(buffer, this.#memory, stateBytes / 2).slice(),
    };
  }

  /** A copy of a tensor as the last window left it; a place that a later block used again holds that block's values. */
  read({ offset, channels, length, bits }: IntegerTensor): Int8Array | Int16Array {
    const { buffer } = this.#exports.memory;
    const values = bits === 8 ? Int8Array : Int16Array;
    return new values(buffer, this.#memory + offset, channels * length).slice();
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
