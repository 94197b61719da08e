import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { generateFirmware } from '../../../src/firmware/generate.ts';
import type { FrontEndCoefficients } from '../../../src/quantization/front-end-design.ts';
import type { IntegerNetwork } from '../../../src/quantization/integer-network.ts';
import { NrfModel } from './nrf-model.ts';
// @ts-expect-error: a build script without types
import * as kernels from '../../../scripts/build-kernels.mjs';

const { findClang } = kernels as { findClang: () => string };

interface Exports {
  memory: { buffer: ArrayBuffer };
  board_start(): void;
  board_poll(): void;
  board_pending(): number;
  sampling_interrupt(): void;
  serial_interrupt(): void;
}

interface Wasm {
  compile(bytes: Uint8Array): Promise<object>;
  instantiate(module: object, imports: object): Promise<{ exports: unknown }>;
}
const wasm = (globalThis as unknown as { WebAssembly: Wasm }).WebAssembly;

const exported = ['board_start', 'board_poll', 'board_pending', 'sampling_interrupt', 'serial_interrupt'];

/** Generate a project and compile its application, without start-up and `main`, to wasm. */
export function compileBoard(
  network: IntegerNetwork,
  frontEnd: FrontEndCoefficients,
  folder: string,
): string {
  // Portable kernels: those of the Cortex-M4 are no code for wasm.
  generateFirmware(network, { frontEnd, kernels: 'portable' }, folder);
  const sources = ['runtime', 'network', 'stream', 'link', 'application'].flatMap((part) =>
    fs
      .readdirSync(path.join(folder, part))
      .filter((name) => name.endsWith('.c') && !['main.c', 'startup.c'].includes(name))
      .map((name) => path.join(part, name)),
  );
  execFileSync(
    findClang(),
    [
      ...[
        '--target=wasm32',
        '-O1',
        '-std=gnu99',
        '-ffreestanding',
        '-nostdlib',
        '-mbulk-memory',
        '-Wall',
        '-Wextra',
        '-Werror',
      ],
      ...[
        '-DECG_REGISTER_MODEL',
        '-Iruntime',
        '-Inetwork',
        '-Istream',
        '-Ilink',
        '-Iapplication',
        '-Wl,--no-entry',
        '-Wl,--export-memory',
      ],
      ...exported.map((name) => `-Wl,--export=${name}`),
      ...[...sources, '-o', 'board.wasm'],
    ],
    { cwd: folder, stdio: ['ignore', 'inherit', 'inherit'] },
  );
  return path.join(folder, 'board.wasm');
}

/** The application on the model of the chip. */
export class ModelledBoard {
  readonly chip = new NrfModel();
  readonly #exports: Exports;

  private constructor(exports: Exports, chip: NrfModel) {
    this.#exports = exports;
    this.chip = chip;
    chip.core = {
      memory: () => new DataView(exports.memory.buffer),
      saadcInterrupt: () => exports.sampling_interrupt(),
      uarteInterrupt: () => exports.serial_interrupt(),
    };
  }

  static async create(file: string): Promise<ModelledBoard> {
    const chip = new NrfModel();
    const imports = {
      nrf: {
        read: (address: number) => chip.read(address),
        write: (address: number, value: number) => chip.write(address, value),
        sleep: () => chip.transmit(),
      },
    };
    const { exports } = await wasm.instantiate(await wasm.compile(fs.readFileSync(file)), imports);
    return new ModelledBoard(exports as Exports, chip);
  }

  start(): void {
    this.#exports.board_start();
    this.chip.serve();
  }

  /** One round of the main loop, and what it has sent goes out. */
  poll(): void {
    this.#exports.board_poll();
    this.chip.transmit();
  }

  get pending(): boolean {
    return this.#exports.board_pending() !== 0;
  }

  get memory(): Buffer {
    return Buffer.from(this.#exports.memory.buffer);
  }
}
