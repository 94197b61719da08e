import * as fs from 'node:fs';
import * as path from 'node:path';
import { UserError } from '../common/errors.ts';
import { writeFileAtomic } from '../common/files.ts';
import type { JobContext } from '../common/job.ts';
import { applicationOf } from '../firmware/build.ts';
import { emulatedWindows, emulatorFiles } from '../firmware/emulate.ts';
import { portableKernel } from '../firmware/kernel-choice.ts';
import { toolCommand } from '../firmware/run-tool.ts';
import type { IntegerNetwork } from '../quantization/integer-network.ts';
import { prepareFirmware, type FirmwareInputs } from './firmware.ts';
import { verifyPrepared } from './verify.ts';

export interface DebugInputs extends Pick<FirmwareInputs, 'run' | 'board'> {
  target: 'emulator' | 'board';
  /** `main`, `first-layer`, or the name of a layer. */
  stopAt: string;
  /** Record that the emulated device reads; undefined: the first of the test split. */
  record?: string;
}

/** What a debugger needs to run the firmware, and what was proved of the image before. */
export interface DebugPreparation {
  /** Image in the debug configuration. */
  elf: string;
  /** Folder of the project: the sources in the image's debug information are relative to it. */
  sources: string;
  /** The emulator's working folder, which has the record's windows. */
  workingFolder: string;
  record: string;
  /** Values of the debug image that were compared with the host, bit for bit, before debugging. */
  valuesCompared: number;
  /** gdb's commands that stop where `stopAt` says. */
  stopCommands: string[];
  /** The layers of each block, in the order in which the blocks run. */
  blocks: string[];
  tools: { gdb: string; qemu: string; openocd: string };
}

/**
 * Build the firmware for debugging (-Og -g3), prove on a record that it computes what release and host compute, and put
 * the record's windows where the emulated device reads them.
 */
export async function prepareDebugJob(inputs: DebugInputs, context: JobContext): Promise<DebugPreparation> {
  const prepared = prepareFirmware(inputs);
  const { integer, folder } = prepared;
  const stopCommands = stopAt(integer, inputs.stopAt);
  const gdb = toolCommand('gdb');
  const { verification, records } = await verifyPrepared(
    prepared,
    // Portable kernels: in a convolution one steps through C, which the fast ones are not.
    { run: inputs.run, configuration: 'debug', kernels: 'portable', records: 1, record: inputs.record },
    context,
  );
  const { build: built } = verification;
  if (verification.mismatches > 0) {
    throw new UserError(
      `the debug image differs from the host in ${verification.mismatches} of ${verification.valuesCompared} values`,
      { file: built.elf },
      'Generate and build the firmware anew; if it stays, report it with the run folder.',
    );
  }
  const [record] = records;
  const workingFolder = path.join(folder, 'build', 'debug-session');
  fs.mkdirSync(workingFolder, { recursive: true });
  const requests = emulatedWindows([record.windows], false);
  writeFileAtomic(path.join(workingFolder, emulatorFiles.requests), requests);
  return {
    elf: inputs.target === 'board' ? applicationOf(built).elf : built.elf,
    sources: path.resolve(folder),
    workingFolder: path.resolve(workingFolder),
    record: record.id,
    valuesCompared: verification.valuesCompared,
    stopCommands,
    blocks: integer.blocks.map((block) => block.layers.join(', ')),
    tools: { gdb, qemu: toolCommand('qemu-system-arm'), openocd: toolCommand('openocd') },
  };
}

/**
 * gdb's commands that stop at `main`, in the `first-layer` or in the layer of that name: a block stops in its kernel, where
 * block and memory are arguments, the first time that it runs. Throws a UserError that names the places there are.
 */
export function stopAt(network: IntegerNetwork, place: string): string[] {
  if (place === 'main') return ['tbreak main'];
  const index =
    place === 'first-layer' ? 0 : network.blocks.findIndex((block) => block.layers.includes(place));
  if (index < 0) {
    throw new UserError(
      `there is no layer \`${place}\` to stop at`,
      { layer: place },
      `Places of this network: main, first-layer, ${network.blocks.flatMap((block) => block.layers).join(', ')}.`,
    );
  }
  return [`tbreak ${portableKernel(network.blocks[index])} if block == &ecg_model.blocks[${index}]`];
}
