import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import * as v8 from 'node:v8';
import { UserError } from '../common/errors.ts';
import { productRoot } from '../common/product.ts';
import type { Kernels } from './kernels.ts';

export type InstructionSet = 'relaxed-simd' | 'simd128';

export interface KernelModule {
  module: WebAssembly.Module;
  instructionSet: InstructionSet;
  /** First 12 hexadecimal digits of the SHA-256 of the module's bytes. */
  build: string;
}

const wasmPage = 65536;
/** The first bytes of the memory are the module's own (its linker's stack and data); the engine's plan begins here. */
export const heapBase = 2 * wasmPage;
const largestPages = 65536;

/** A function that returns f32x4.relaxed_madd of three zeros: valid where relaxed SIMD is on. */
const relaxedProbe = Uint8Array.from([
  ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
  ...[1, 5, 1, 0x60, 0, 1, 0x7b],
  ...[3, 2, 1, 0],
  ...[10, 19, 1, 17, 0],
  ...[0x41, 0, 0xfd, 0x11, 0x41, 0, 0xfd, 0x11, 0x41, 0, 0xfd, 0x11, 0xfd, 0x85, 0x02, 0x0b],
]);

function relaxedSimd(): boolean {
  if (WebAssembly.validate(relaxedProbe)) return true;
  // Node 20 has it behind a flag; later versions have it on and do not know the flag's name.
  v8.setFlagsFromString('--experimental-wasm-relaxed-simd');
  return WebAssembly.validate(relaxedProbe);
}

/** Read and compile the kernels. `ECG_ENGINE=simd128` forces the build without relaxed SIMD. */
export async function loadKernels(): Promise<KernelModule> {
  const instructionSet = process.env.ECG_ENGINE !== 'simd128' && relaxedSimd() ? 'relaxed-simd' : 'simd128';
  const name = instructionSet === 'relaxed-simd' ? 'engine-relaxed.wasm' : 'engine-simd128.wasm';
  const file = path.join(productRoot, 'dist', 'kernels', name);
  let bytes: Buffer;
  try {
    bytes = fs.readFileSync(file);
  } catch {
    throw new UserError('the engine is not built', { file }, 'In a checkout run: npm run build:kernels');
  }
  const build = createHash('sha256').update(bytes).digest('hex').slice(0, 12);
  return { module: await WebAssembly.compile(new Uint8Array(bytes)), instructionSet, build };
}

/** Memory of the kernels, shared by all threads; it can grow to 4 GB, or to what the system lets a process reserve. */
export function createMemory(bytes: number): WebAssembly.Memory {
  const initial = Math.ceil(bytes / wasmPage);
  for (let maximum = largestPages; ; maximum >>>= 1) {
    try {
      return new WebAssembly.Memory({ initial, maximum, shared: true });
    } catch (error) {
      if (!(error instanceof RangeError) || maximum >>> 1 < initial) throw tooLarge(bytes);
    }
  }
}

/** Make the memory at least `bytes` long. */
export function growMemory(memory: WebAssembly.Memory, bytes: number): void {
  const missing = Math.ceil((bytes - memory.buffer.byteLength) / wasmPage);
  if (missing <= 0) return;
  try {
    memory.grow(missing);
  } catch {
    throw tooLarge(bytes);
  }
}

function tooLarge(bytes: number): UserError {
  return new UserError(
    `training needs ${(bytes / 1e9).toFixed(1)} GB of memory, more than the engine can have (4 GB at most)`,
    {},
    'Use a smaller batch, cut long records into pieces, or use a smaller network.',
  );
}

/** One thread's instance. `stackTop`: end of the stack that this thread uses alone. */
export async function instantiate(
  module: WebAssembly.Module,
  memory: WebAssembly.Memory,
  stackTop: number,
): Promise<Kernels> {
  const { exports } = await WebAssembly.instantiate(module, { env: { memory } });
  (exports.__stack_pointer as WebAssembly.Global).value = stackTop;
  if ((exports.__heap_base as WebAssembly.Global).value > heapBase) {
    throw new Error('the kernels have more data of their own than the plan leaves room for');
  }
  return exports as unknown as Kernels;
}
