import * as fs from 'node:fs';
import * as path from 'node:path';
import { readFile, writeFileAtomic } from '../common/files.ts';
import { productRoot } from '../common/product.ts';
import type { IntegerNetwork } from '../quantization/integer-network.ts';
import type { FrontEndCoefficients } from '../quantization/front-end-design.ts';
import { defaultBoard, flashMemory, ramMemory, type Board } from './board.ts';
import { emitBoardConfig } from './emit-board.ts';
import { emitFrontEnd } from './emit-front-end.ts';
import { deviceNetwork, isPackedBlock, type BlockKernel, type DeviceNetwork } from './device-network.ts';
import { emitNetwork } from './emit-network.ts';
import { chooseKernels, type KernelChoice } from './kernel-choice.ts';
import { type KernelTarget } from './kernel-target.ts';
import { projectReadme } from './readme.ts';

export interface GenerateOptions {
  /** Default: Nordic's development kit. */
  board?: Board;
  /** Tables of the front end; without them the firmware starts at quantised windows. */
  frontEnd?: FrontEndCoefficients;
  /** What the kernels are chosen for, or the kernel of each block; default: balanced. */
  kernels?: KernelTarget | readonly BlockKernel[];
  /** Bytes for the network with its runtime, for the target `budget`. */
  flashBudget?: number;
}

/** What of the templates a project gets, by folder; '' is the top. */
const armFolder = 'runtime/arm';
const templateFolders = ['', 'runtime', armFolder, 'link', 'memory', 'emulator'];

/**
 * Write the C project of a network: runtime, tables, emulator, application, CMakeLists.txt, README.md. It is self-contained and
 * deterministic: the same network gives the same bytes. Files of a former generation that are no longer part of it are
 * removed; `build/` stays.
 */
export function generateFirmware(
  network: IntegerNetwork,
  options: GenerateOptions,
  folder: string,
): FirmwareProject {
  const project = firmwareProject(network, options);
  const { files } = project;
  for (const part of [...templateFolders.slice(1), 'network', 'stream', 'application']) {
    if (!fs.existsSync(path.join(folder, part))) continue;
    for (const name of fs.readdirSync(path.join(folder, part))) {
      const kept = files.has(`${part}/${name}`) || templateFolders.includes(`${part}/${name}`);
      if (!kept) fs.rmSync(path.join(folder, part, name), { recursive: true });
    }
  }
  for (const [name, content] of files) {
    // A file that is the same keeps its date, so that it is not compiled again.
    const file = path.join(folder, name);
    const same = fs.existsSync(file) && fs.readFileSync(file).equals(content);
    if (!same) writeFileAtomic(file, content);
  }
  return project;
}

/** A network with its kernels and, where they were chosen here, why. */
export interface NetworkOnDevice {
  device: DeviceNetwork;
  choices: KernelChoice[];
}

export interface FirmwareProject extends NetworkOnDevice {
  /** By their path in the project's folder. */
  files: Map<string, Uint8Array>;
}

/** The project that `generateFirmware` writes. */
export function firmwareProject(
  network: IntegerNetwork,
  { board = defaultBoard, frontEnd, kernels, flashBudget }: GenerateOptions,
): FirmwareProject {
  const files = new Map<string, Uint8Array>();
  const { device, choices } = deviceOf(network, kernels, flashBudget);
  const templates = path.join(productRoot, 'firmware-templates', 'nrf52832');
  for (const folder of [...templateFolders, ...(frontEnd ? ['stream', 'application'] : [])]) {
    // Portable firmware compiles for any processor.
    if (folder === armFolder && !device.blocks.some(isPackedBlock)) continue;
    const entries = fs.readdirSync(path.join(templates, folder), { withFileTypes: true });
    for (const name of entries
      .filter((entry) => entry.isFile())
      .map((entry) => entry.name)
      .sort()) {
      files.set(path.posix.join(folder, name), readFile(path.join(templates, folder, name)));
    }
  }
  for (const [name, content] of Object.entries({ ...emitNetwork(device), ...emitFrontEnd(frontEnd) })) {
    files.set(`network/${name}`, Buffer.from(content));
  }
  files.set('network/options.cmake', Buffer.from(`set(ecg_network_options ${optimisation(kernels)})\n`));
  // The application reads the ADC, so it is there only with a front end.
  if (frontEnd) {
    files.set('application/board_config.h', Buffer.from(emitBoardConfig(frontEnd, board)));
    const script = Buffer.from(files.get('nrf52832.ld') ?? '').toString();
    files.set('application/application.ld', Buffer.from(applicationScript(script, board)));
  }
  files.set('README.md', Buffer.from(projectReadme(device, choices)));
  return { files, device, choices };
}

/** What the C of the network is compiled with: kernels for the least flash get the least code. */
function optimisation(kernels: GenerateOptions['kernels']): '-O3' | '-Os' {
  return kernels === 'flash' ? '-Os' : '-O3';
}

export function deviceOf(
  network: IntegerNetwork,
  kernels: GenerateOptions['kernels'] = 'balanced',
  flashBudget?: number,
): NetworkOnDevice {
  if (typeof kernels !== 'string') return { device: deviceNetwork(network, kernels), choices: [] };
  const choices = chooseKernels(network, kernels, flashBudget);
  const chosen = choices.map(({ kernel }) => kernel);
  return { device: deviceNetwork(network, chosen), choices };
}

/** The linker script with the application's place behind a SoftDevice or bootloader. */
function applicationScript(script: string, { flashStart, ramStart }: Board): string {
  const hex = (value: number): string => `0x${value.toString(16).padStart(8, '0')}`;
  const region = (from: number, { start, bytes }: { start: number; bytes: number }): string =>
    `ORIGIN = ${hex(from)}, LENGTH = ${hex(start + bytes - from)}`;
  return script
    .replace('ORIGIN = 0x00000000, LENGTH = 512K', region(flashStart, flashMemory))
    .replace('ORIGIN = 0x20000000, LENGTH = 64K', region(ramStart, ramMemory));
}
