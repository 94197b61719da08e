import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import { createRequire } from 'node:module';
import * as path from 'node:path';
import * as v8 from 'node:v8';
import { UserError } from '../common/errors.ts';
import { productRoot } from '../common/product.ts';
import { engineChoice, type InstructionSet, type KernelChoice } from './choice.ts';
import type { Kernels } from './kernels.ts';

/** Kernels that every thread of an engine instantiates for itself; can be sent to a thread. */
export interface KernelModule {
  code: { module: WebAssembly.Module } | { addon: string };
  instructionSet: InstructionSet;
  /** First 12 hexadecimal digits of the SHA-256 of the file's bytes. */
  build: string;
  /** Why native kernels are not used, where they were looked for. */
  fallback?: string;
}

/** What the native add-on exports, see native/addon.c. */
interface Addon {
  instructionSets(): InstructionSet[];
  create(memory: Uint8Array, instructionSet: InstructionSet): Kernels;
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
  // Node 20 has it behind a flag; later versions have it on and do not know the flag's name.
  const flagged = Number.parseInt(process.versions.node) < 22;
  if (flagged) v8.setFlagsFromString('--experimental-wasm-relaxed-simd');
  return WebAssembly.validate(relaxedProbe);
}

const kernelFolder = path.join(productRoot, 'dist', 'kernels');
const platform = `${process.platform}-${process.arch}`;
const addonName = `engine-${platform}.node`;

/** The add-on was run and tested here; other builds of it are used where they are asked for by name. */
const testedPlatform = 'linux-x64';

/**
 * Read and compile the kernels. Where the choice is left to it: native where its add-on was tested and loads, else
 * WebAssembly, and `fallback` says why. Throws a UserError where the chosen ones cannot be had.
 * @param folder where the built kernels are
 */
export async function loadKernels(
  choice: KernelChoice = kernelChoice(),
  folder: string = kernelFolder,
): Promise<KernelModule> {
  if (choice === 'wasm' || choice === 'relaxed-simd' || choice === 'simd128') return loadWasm(choice, folder);
  if (choice === 'auto' && platform !== testedPlatform) {
    return { ...(await loadWasm('wasm', folder)), fallback: `native kernels were not tested on ${platform}` };
  }
  try {
    return loadNative(choice, path.join(folder, addonName));
  } catch (error) {
    if (choice !== 'auto') throw error;
    return { ...(await loadWasm('wasm', folder)), fallback: (error as Error).message };
  }
}

/** What `ECG_ENGINE` says of them. */
function kernelChoice(): KernelChoice {
  const choice = engineChoice();
  return choice === 'tensorflow' ? 'auto' : choice;
}

function loadNative(choice: KernelChoice, file: string): KernelModule {
  const advice = 'Leave the choice of the engine to ECG Studio (`auto`): it trains with WebAssembly then.';
  if (!fs.existsSync(file))
    throw new UserError(`there is no native engine for ${platform}`, { file }, advice);
  let sets: InstructionSet[];
  try {
    sets = loadAddon(file).instructionSets();
  } catch (error) {
    throw new UserError(
      `the native engine does not load: ${(error as Error).message.split('\n')[0]}`,
      { file },
      advice,
    );
  }
  const wanted = choice === 'auto' || choice === 'native' ? sets[0] : sets.find((set) => set === choice);
  if (wanted === undefined) {
    const missing = sets.length > 0 ? choice : 'AVX2';
    throw new UserError(`this processor has no ${missing}, which the native engine needs`, { file }, advice);
  }
  return { code: { addon: file }, instructionSet: wanted, build: buildOf(fs.readFileSync(file)) };
}

/** Of the native kernels that can be used here, the best first; none where there is no add-on. */
export function nativeInstructionSets(): InstructionSet[] {
  try {
    return loadAddon(path.join(kernelFolder, addonName)).instructionSets();
  } catch {
    return [];
  }
}

function loadAddon(file: string): Addon {
  return createRequire(file)(file) as Addon;
}

async function loadWasm(choice: 'wasm' | 'relaxed-simd' | 'simd128', folder: string): Promise<KernelModule> {
  const relaxed = choice !== 'simd128' && relaxedSimd();
  if (choice === 'relaxed-simd' && !relaxed) {
    throw new UserError(
      `this version of Node (${process.version}) has no relaxed SIMD in WebAssembly`,
      {},
      'Choose the engine `wasm`: it takes simd128 then.',
    );
  }
  const instructionSet = relaxed ? 'relaxed-simd' : 'simd128';
  const file = path.join(folder, relaxed ? 'engine-relaxed.wasm' : 'engine-simd128.wasm');
  let bytes: Buffer;
  try {
    bytes = fs.readFileSync(file);
  } catch {
    throw new UserError('the engine is not built', { file }, 'In a checkout run: npm run build:kernels');
  }
  const module = await WebAssembly.compile(new Uint8Array(bytes));
  return { code: { module }, instructionSet, build: buildOf(bytes) };
}

function buildOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex').slice(0, 12);
}

/** Memory of the kernels, shared by all threads; it can grow to 4 GB, or to what the system lets a process reserve. */
export function createMemory(bytes: number): WebAssembly.Memory {
  const initial = Math.ceil(bytes / wasmPage);
  for (let maximum = largestPages; ; maximum >>>= 1) {
    try {
      return new WebAssembly.Memory({ initial, maximum, shared: true });
    } catch (error) {
      if (!(error instanceof RangeError) || maximum >>> 1 < initial) throw noMemory(bytes);
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
    throw noMemory(bytes);
  }
}

function noMemory(bytes: number): UserError {
  const why =
    bytes > largestPages * wasmPage
      ? 'more than the engine can have (4 GB at most)'
      : 'which the system does not give it';
  return new UserError(
    `the engine needs ${(bytes / 1e9).toFixed(3)} GB of memory that its threads share, ${why}`,
    {},
    'Close other programs, use a smaller batch, cut long records into pieces, or use a smaller network.',
  );
}

/** One thread's instance. `stackTop`: end of the stack that this thread uses alone; native code has its own. */
export async function instantiate(
  { code, instructionSet }: KernelModule,
  memory: WebAssembly.Memory,
  stackTop: number,
): Promise<Kernels> {
  if ('addon' in code) return loadAddon(code.addon).create(new Uint8Array(memory.buffer), instructionSet);
  const { exports } = await WebAssembly.instantiate(code.module, { env: { memory } });
  (exports.__stack_pointer as WebAssembly.Global).value = stackTop;
  if ((exports.__heap_base as WebAssembly.Global).value > heapBase) {
    throw new Error('the kernels have more data of their own than the plan leaves room for');
  }
  return exports as unknown as Kernels;
}
