import * as path from 'node:path';
import { readFile } from '../common/files.ts';
import { productRoot } from '../common/product.ts';

/** What is used of the WebAssembly API; Node has it, but neither its types nor ES2023's declare it. */
interface WasmApi {
  compile(bytes: Uint8Array): Promise<object>;
  instantiate(module: object, imports: object): Promise<{ exports: unknown }>;
}

export interface WasmMemory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

/** Exports of `dist/kernels/runtime.wasm`; addresses are offsets into its memory. */
export interface RuntimeExports {
  memory: WasmMemory;
  __heap_base: { value: number };
  ecg_host_bind(network: number): number;
  ecg_host_reset(network: number, memory: number): void;
  ecg_host_run_window(network: number, memory: number, window: number): void;
  ecg_host_trace_window(network: number, memory: number, window: number, outputs: number): void;
  ecg_host_frontend_reset(frontEnd: number, state: number): void;
  ecg_host_frontend_push(
    frontEnd: number,
    state: number,
    samples: number,
    count: number,
    out: number,
  ): number;
  ecg_host_layout(): number;
  ecg_host_layout_count(): number;
}

const wasm = (globalThis as unknown as { WebAssembly: WasmApi }).WebAssembly;
let compiled: Promise<object> | undefined;

/** A new instance of the runtime as it was built with the product; compiled once a thread. */
export async function instantiateRuntime(): Promise<RuntimeExports> {
  compiled ??= wasm.compile(readFile(path.join(productRoot, 'dist', 'kernels', 'runtime.wasm')));
  const instance = await wasm.instantiate(await compiled, {});
  return instance.exports as RuntimeExports;
}

/** Memory above the runtime's own data, handed out once and never given back. */
export class WasmHeap {
  readonly #memory: WasmMemory;
  #top: number;

  constructor({ memory, __heap_base }: RuntimeExports) {
    this.#memory = memory;
    this.#top = __heap_base.value;
  }

  /** Zeroed, aligned to 8. May grow the memory: views of its buffer must be made anew. */
  take(bytes: number): number {
    const at = Math.ceil(this.#top / 8) * 8;
    this.#top = at + bytes;
    const missing = this.#top - this.#memory.buffer.byteLength;
    if (missing > 0) this.#memory.grow(Math.ceil(missing / 65536));
    return at;
  }

  put(array: Int8Array | Int16Array | Int32Array): number {
    const at = this.take(array.byteLength);
    const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
    new Uint8Array(this.#memory.buffer, at, array.byteLength).set(bytes);
    return at;
  }
}
