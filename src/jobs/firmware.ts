import * as path from 'node:path';
import { argMax } from '../common/arg-max.ts';
import { UserError } from '../common/errors.ts';
import { readFile, sha256 } from '../common/files.ts';
import type { JobContext } from '../common/job.ts';
import { openDatasetSpec } from '../dataset/dataset.ts';
import { largestLayers, sizeReport } from '../firmware/size-report.ts';
import type { Board } from '../firmware/board.ts';
import { requireBoardFits } from '../firmware/board-check.ts';
import { boardOf } from '../firmware/board-file.ts';
import { exportLibrary } from '../firmware/export-library.ts';
import { buildFirmware, measuredImage, type BuildResult } from '../firmware/build.ts';
import { emulate, type EmulationResult } from '../firmware/emulate.ts';
import { buildReport, type BuildReport } from '../firmware/build-report.ts';
import { keepBuildReport, readBuildReport } from '../firmware/kept-report.ts';
import { generateFirmware } from '../firmware/generate.ts';
import type { KernelTarget } from '../firmware/kernel-target.ts';
import { requireWithinBudget } from '../model/budget.ts';
import type { Network } from '../model/network.ts';
import { deviceFrontEnd, DeviceInput } from '../quantization/device-input.ts';
import type { FrontEndCoefficients } from '../quantization/front-end-design.ts';
import type { IntegerNetwork } from '../quantization/integer-network.ts';
import { recordProbabilities } from '../quantization/predict.ts';
import { runFiles } from '../training/run-folder.ts';
import { openTrained, type TrainedModel } from '../training/weights-file.ts';
import { evaluationDataset, integerNetworkOf } from './evaluate.ts';
import { requireRun } from './quantize.ts';

export type Configuration = 'release' | 'debug';

export interface FirmwareInputs {
  /** Run folder of a trained network. */
  run: string;
  configuration?: Configuration;
  /** Board file; undefined: Nordic's development kit. */
  board?: string;
  /** What the kernels are chosen for; default: balanced. */
  kernels?: KernelTarget;
}

export interface WindowsInputs extends FirmwareInputs {
  /** How many records; they are taken from the test split, or from all records where that has too few. */
  records: number;
  /** Dataset, zip or folder instead of the run's own. */
  data?: string;
  /** This record alone, instead of the first `records`. */
  record?: string;
}

/** Records as the device sees them. */
export interface DeviceRecord {
  id: string;
  label: string;
  /** What the ADC gives. */
  adc: Int16Array;
  /** What the network reads. */
  windows: Int8Array[];
}

/** A run's network, ready to become firmware. */
export interface PreparedFirmware {
  trained: TrainedModel;
  network: Network;
  integer: IntegerNetwork;
  frontEnd: FrontEndCoefficients;
  board: Board;
  folder: string;
}

/** Throws a UserError where the network has no integer form, or the board's ADC does not fit the model's input. */
export function prepareFirmware({ run, board: boardFile }: FirmwareInputs): PreparedFirmware {
  const trained = openTrained(run);
  requireRun(trained, run);
  const board = boardOf(boardFile);
  requireBoardFits(board, trained.network, trained.origin.scale);
  return {
    trained,
    network: trained.network,
    integer: integerNetworkOf(trained),
    frontEnd: deviceFrontEnd(trained.network, trained.origin.scale, board.adc),
    board,
    folder: path.join(run, runFiles.firmware),
  };
}

/** Write the C project into the run's `firmware/`. */
export function generateJob(inputs: FirmwareInputs, context: JobContext): { folder: string; hash: string } {
  const { network, integer, frontEnd, board, folder } = prepareFirmware(inputs);
  context.cancellation.throwIfRequested();
  generateFirmware(
    integer,
    { frontEnd, board, kernels: inputs.kernels, flashBudget: network.target.flash },
    folder,
  );
  return { folder, hash: integer.hash };
}

/** Write the run's network as a C library into a new folder. */
export function exportJob(
  inputs: FirmwareInputs & { output: string },
  context: JobContext,
): { folder: string; files: string[] } {
  const { network, integer, frontEnd, board } = prepareFirmware(inputs);
  context.cancellation.throwIfRequested();
  return {
    folder: inputs.output,
    files: exportLibrary(
      integer,
      { frontEnd, board, kernels: inputs.kernels, flashBudget: network.target.flash },
      inputs.output,
    ),
  };
}

export interface FirmwareBuild extends BuildResult, BuildReport {}

/** Build the run's firmware, generating it first, and hold its sizes against the model's budgets. */
export async function buildJob(inputs: FirmwareInputs, context: JobContext): Promise<FirmwareBuild> {
  return buildPrepared(prepareFirmware(inputs), inputs, context);
}

export async function buildPrepared(
  { network, integer, frontEnd, board, folder }: PreparedFirmware,
  { configuration = 'release', kernels = 'balanced' }: Pick<FirmwareInputs, 'configuration' | 'kernels'>,
  context: JobContext,
): Promise<FirmwareBuild> {
  const options = { frontEnd, board, kernels, flashBudget: network.target.flash };
  const { device, choices } = generateFirmware(integer, options, folder);
  const result = await buildFirmware(folder, context, configuration);
  const output = path.dirname(result.elf);
  const image = measuredImage(result);
  const report = buildReport(
    network,
    { board, kernels, configuration, hash: integer.hash, imageSha256: sha256(readFile(image)) },
    result,
    sizeReport(image, device),
    choices,
    readBuildReport(output),
  );
  // Kept before the budgets are looked at: over budget one wants to read it most.
  keepBuildReport(output, report);
  requireWithinBudget(
    network,
    result.flashBytes,
    result.ramBytes,
    (what) => largestLayers(report.sizes, what),
    kernels !== 'flash',
  );
  return { ...result, ...report };
}

export interface EmulatedRecord {
  id: string;
  label: string;
  windows: number;
  predicted: string;
}

/** Run records on the emulated device and tell what it says of each. */
export async function emulateJob(
  inputs: WindowsInputs,
  context: JobContext,
): Promise<{ records: EmulatedRecord[]; emulation: EmulationResult }> {
  const prepared = prepareFirmware(inputs);
  const { network, integer } = prepared;
  const { elf } = await buildPrepared(prepared, inputs, context);
  const records = await recordWindows(prepared, inputs, context);
  const windows = stretches(network, records).map((s) => s.windows);
  const emulation = await emulate(elf, windows, context);
  let at = 0;
  const told = records.map(({ id, label, windows: { length } }): EmulatedRecord => {
    const logits = emulation.windows.slice(at, (at += length)).map((w) => w.logits);
    const predicted = network.classes[argMax(recordProbabilities(integer, logits))];
    return { id, label, windows: length, predicted };
  });
  return { records: told, emulation };
}

/** Windows of a record between two resets of the state: all of them, or as many as the model file says. */
export interface Stretch {
  id: string;
  /** Number of its first window in the record. */
  first: number;
  windows: Int8Array[];
}

export function stretches({ target }: Network, records: readonly DeviceRecord[]): Stretch[] {
  return records.flatMap(({ id, windows }) => {
    const every = target.resetEvery ?? windows.length;
    const count = Math.ceil(windows.length / every);
    return Array.from({ length: count }, (_, i): Stretch => {
      const first = i * every;
      return { id, first, windows: windows.slice(first, first + every) };
    });
  });
}

/** The records that a job runs on the device. Throws a UserError where there are none. */
export async function recordWindows(
  { trained, network, board }: PreparedFirmware,
  inputs: WindowsInputs,
  context: JobContext,
): Promise<DeviceRecord[]> {
  const dataset = await openDatasetSpec(await evaluationDataset(trained, { data: inputs.data }), context);
  try {
    const test = dataset.of('test');
    const chosen =
      inputs.record === undefined ? undefined : dataset.records.filter((r) => r.id === inputs.record);
    const pool = chosen ?? (test.length >= inputs.records ? test : dataset.records);
    if (chosen?.length === 0) {
      throw new UserError('the dataset has no such record', {
        file: dataset.location,
        record: inputs.record,
      });
    }
    if (pool.length === 0 || inputs.records < 1) {
      throw new UserError('there are no records to run', { file: dataset.location });
    }
    const device = await DeviceInput.create(network, trained.origin.scale, board.adc);
    return pool.slice(0, inputs.records).map((record): DeviceRecord => {
      const { samples, rate } = dataset.read(record);
      const adc = device.adc(samples, rate);
      return { id: record.id, label: record.label, adc, windows: device.windows(samples, rate) };
    });
  } finally {
    dataset.close();
  }
}
