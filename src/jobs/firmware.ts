import * as path from 'node:path';
import { UserError } from '../common/errors.ts';
import type { JobContext } from '../common/job.ts';
import { openDatasetSpec } from '../dataset/dataset.ts';
import { buildFirmware, type BuildResult } from '../firmware/build.ts';
import { emulate, type EmulationResult } from '../firmware/emulate.ts';
import { generateFirmware } from '../firmware/generate.ts';
import { verifyFrontEnd, type FrontEndVerifyResult } from '../firmware/verify-front-end.ts';
import { verifyFirmware, type VerifyResult } from '../firmware/verify.ts';
import { requireCapability, requireWithinBudget } from '../model/budget.ts';
import { deviceFrontEnd, DeviceInput } from '../quantization/device-input.ts';
import type { FrontEndCoefficients } from '../quantization/front-end-design.ts';
import type { IntegerNetwork } from '../quantization/integer-network.ts';
import { runFiles } from '../training/run-folder.ts';
import { openTrained, type TrainedModel } from '../training/weights-file.ts';
import { evaluationDataset, integerNetworkOf } from './evaluate.ts';
import { requireRun } from './quantize.ts';

export type Configuration = 'release' | 'debug';

export interface FirmwareInputs {
  /** Run folder of a trained network. */
  run: string;
  configuration?: Configuration;
}

export interface WindowsInputs extends FirmwareInputs {
  /** How many records; they are taken from the test split, or from all records where that has too few. */
  records: number;
  /** Dataset, zip or folder instead of the run's own. */
  data?: string;
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

interface Prepared {
  trained: TrainedModel;
  integer: IntegerNetwork;
  frontEnd: FrontEndCoefficients;
  folder: string;
}

function prepare(run: string): Prepared {
  const trained = openTrained(run);
  requireRun(trained, run);
  requireCapability(trained.network, trained.modelFile, 'deployment');
  return {
    trained,
    integer: integerNetworkOf(trained),
    frontEnd: deviceFrontEnd(trained.network, trained.origin.scale),
    folder: path.join(run, runFiles.firmware),
  };
}

/** Write the C project into the run's `firmware/`. */
export function generateJob(inputs: FirmwareInputs, context: JobContext): { folder: string; hash: string } {
  const { integer, frontEnd, folder } = prepare(inputs.run);
  context.cancellation.throwIfRequested();
  generateFirmware(integer, { frontEnd }, folder);
  return { folder, hash: integer.hash };
}

/** Build the run's firmware, generating it first, and hold its sizes against the model's budgets. */
export async function buildJob(inputs: FirmwareInputs, context: JobContext): Promise<BuildResult> {
  const { trained, integer, frontEnd, folder } = prepare(inputs.run);
  generateFirmware(integer, { frontEnd }, folder);
  const build = await buildFirmware(folder, context, inputs.configuration ?? 'release');
  requireWithinBudget(trained.network, build.flashBytes, build.ramBytes);
  return build;
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
  const { trained } = prepare(inputs.run);
  const build = await buildJob(inputs, context);
  const records = await deviceRecords(trained, inputs, context);
  const emulation = await emulate(
    build.elf,
    records.map((r) => r.windows),
    context,
  );
  let at = 0;
  const told = records.map(({ id, label, windows }): EmulatedRecord => {
    at += windows.length;
    const logits = emulation.windows[at - 1].logits;
    const predicted = trained.network.classes[logits.indexOf(Math.max(...logits))];
    return { id, label, windows: windows.length, predicted };
  });
  return { records: told, emulation };
}

export interface Verification extends VerifyResult {
  records: number;
  /** ADC samples → the network's samples, by the firmware's filter and decimation. */
  frontEnd: FrontEndVerifyResult;
  build: BuildResult;
}

/**
 * Generate, build, run real recordings on the emulated device, and compare every sample of the front end, every logit and
 * every value of the recurrent state with the host.
 */
export async function verifyJob(inputs: WindowsInputs, context: JobContext): Promise<Verification> {
  const { trained, integer, frontEnd } = prepare(inputs.run);
  const build = await buildJob(inputs, context);
  const records = await deviceRecords(trained, inputs, context);
  const adc = records.map((r) => r.adc);
  const frontEndResult = await verifyFrontEnd(build.elf, frontEnd, adc, context);
  const windows = records.flatMap((r) => stretches(r.windows, trained.network.target.resetEvery));
  const result = await verifyFirmware(integer, build, windows, context);
  return { ...result, records: records.length, frontEnd: frontEndResult, build };
}

/** The windows between two resets of the state: all of a record, or `every` of them. */
function stretches(windows: readonly Int8Array[], every = windows.length): Int8Array[][] {
  const parts: Int8Array[][] = [];
  for (let at = 0; at < windows.length; at += every) parts.push(windows.slice(at, at + every));
  return parts;
}

async function deviceRecords(
  trained: TrainedModel,
  inputs: WindowsInputs,
  context: JobContext,
): Promise<DeviceRecord[]> {
  const dataset = await openDatasetSpec(evaluationDataset(trained, { data: inputs.data }), context);
  try {
    const test = dataset.of('test');
    const pool = test.length >= inputs.records ? test : dataset.records;
    if (pool.length === 0 || inputs.records < 1) {
      throw new UserError('there are no records to run', { file: dataset.spec.location });
    }
    const device = await DeviceInput.create(trained.network, trained.origin.scale);
    return pool.slice(0, inputs.records).map((record): DeviceRecord => {
      const { samples, rate } = dataset.read(record);
      const adc = device.adc(samples, rate);
      return { id: record.id, label: record.label, adc, windows: device.windows(samples, rate) };
    });
  } finally {
    dataset.close();
  }
}
