import * as path from 'node:path';
import { argMax } from '../common/arg-max.ts';
import type { JobContext } from '../common/job.ts';
import type { BuildResult } from '../firmware/build.ts';
import { EmulatedDevice } from '../firmware/emulate.ts';
import { buildFolder } from '../firmware/kept-report.ts';
import type { LinkShape } from '../firmware/link.ts';
import { SerialDevice } from '../firmware/serial-device.ts';
import { listSerialPorts, type SerialPortInfo } from '../firmware/serial-port.ts';
import { verifyFrontEnd, type FrontEndVerifyResult } from '../firmware/verify-front-end.ts';
import {
  verifyDevice,
  verifyFirmware,
  type DeviceComparison,
  type Mismatch,
  type VerifyResult,
} from '../firmware/verify.ts';
import type { IntegerNetwork } from '../quantization/integer-network.ts';
import { recordProbabilities } from '../quantization/predict.ts';
import {
  buildPrepared,
  prepareFirmware,
  recordWindows,
  stretches,
  type DeviceRecord,
  type PreparedFirmware,
  type Stretch,
  type WindowsInputs,
} from './firmware.ts';
import { keepVerification } from './kept-verification.ts';

/** Which records a device was compared with the host on, and what it says of them. */
interface ComparedRecords {
  records: number;
  /** `record` by its name, `window` counted in it. */
  firstMismatch?: Omit<Mismatch, 'record'> & { record: string };
  /** What the device says of the records: a row a label, a column a class, in the order of `classes`. */
  classes: readonly string[];
  confusion: number[][];
}

/** `record` of the first mismatch by its name. */
export type ComparedFrontEnd = Omit<FrontEndVerifyResult, 'firstMismatch'> & {
  firstMismatch?: Omit<NonNullable<FrontEndVerifyResult['firstMismatch']>, 'record'> & { record: string };
};

export interface Verification extends ComparedRecords, Omit<VerifyResult, 'firstMismatch' | 'logits'> {
  /** ADC samples → the network's samples, by the firmware's filter and decimation. */
  frontEnd: Omit<ComparedFrontEnd, 'costPerSample'> & { instructionsPerSample: number };
  build: BuildResult;
}

/**
 * Generate, build, run real recordings on the emulated device, and compare every sample of the front end, every layer's
 * output and every value of the recurrent state with the host.
 */
export async function verifyJob(inputs: WindowsInputs, context: JobContext): Promise<Verification> {
  const { verification } = await verifyPrepared(prepareFirmware(inputs), inputs, context);
  const { elf, elfSha256 } = verification.build;
  keepVerification(path.dirname(elf), elfSha256, inputs.run, verification);
  return verification;
}

/** `verifyJob` of a network that is prepared already; gives the records too. */
export async function verifyPrepared(
  prepared: PreparedFirmware,
  inputs: WindowsInputs,
  context: JobContext,
): Promise<{ verification: Verification; records: DeviceRecord[] }> {
  const built = await buildPrepared(prepared, inputs, context);
  const records = await recordWindows(prepared, inputs, context);
  const adc = records.map((r) => r.adc);
  const device = new EmulatedDevice(built.elf);
  const { costPerSample, ...frontEnd } = namedFrontEnd(
    await verifyFrontEnd(device, prepared.frontEnd, adc, context),
    records,
  );
  const parts = stretches(prepared.network, records);
  const windows = parts.map((s) => s.windows);
  const { firstMismatch, logits, ...result } = await verifyFirmware(
    prepared.integer,
    built,
    windows,
    context,
  );
  const verification: Verification = {
    ...result,
    ...compared(prepared, records, parts, { firstMismatch, logits }),
    frontEnd: { ...frontEnd, instructionsPerSample: costPerSample },
    build: built,
  };
  return { verification, records };
}

export interface BoardVerification
  extends ComparedRecords, Omit<DeviceComparison, 'firstMismatch' | 'logits' | 'costPerWindow'> {
  frontEnd: ComparedFrontEnd;
  /** Measured on the device by its cycle counter. */
  cyclesPerWindow: { mean: number; max: number };
  millisecondsPerWindow: { mean: number; max: number };
}

/**
 * Run real recordings on a board that was flashed with the application, through its serial port, and compare as
 * `verifyJob` does. Nothing is built or flashed. Throws a UserError where the port or the board does not answer, or the
 * board holds another network.
 */
export async function verifyBoardJob(
  { port, ...inputs }: WindowsInputs & { port: string },
  context: JobContext,
): Promise<BoardVerification> {
  const prepared = prepareFirmware(inputs);
  const records = await recordWindows(prepared, inputs, context);
  const { integer, network, board } = prepared;
  const device = await SerialDevice.open(port, board.uart.baud, linkShape(integer), context);
  try {
    const adc = records.map((r) => r.adc);
    const frontEnd = await verifyFrontEnd(device, prepared.frontEnd, adc, context);
    const parts = stretches(network, records);
    const windows = parts.map((s) => s.windows);
    const { firstMismatch, logits, costPerWindow, ...result } = await verifyDevice(
      integer,
      device,
      windows,
      context,
    );
    const { mean, max } = costPerWindow;
    const milliseconds = (cycles: number): number => (1000 * cycles) / device.ticksPerSecond;
    const verification: BoardVerification = {
      ...result,
      ...compared(prepared, records, parts, { firstMismatch, logits }),
      frontEnd: namedFrontEnd(frontEnd, records),
      cyclesPerWindow: { mean, max },
      millisecondsPerWindow: { mean: milliseconds(mean), max: milliseconds(max) },
    };
    keepVerification(buildFolder(prepared.folder, 'release'), integer.hash, inputs.run, verification);
    return verification;
  } finally {
    await device.close();
  }
}

/** Ports that a board may be behind. */
export function serialPortsJob(): Promise<SerialPortInfo[]> {
  return listSerialPorts();
}

function linkShape({ blocks, classes, stateBytes }: IntegerNetwork): LinkShape {
  return { blocks: blocks.length, logits: classes.length, states: stateBytes / 2 };
}

function compared(
  { network, integer }: PreparedFirmware,
  records: readonly DeviceRecord[],
  parts: readonly Stretch[],
  { firstMismatch, logits }: Pick<DeviceComparison, 'firstMismatch' | 'logits'>,
): ComparedRecords {
  const { classes } = network;
  const confusion = classes.map(() => classes.map(() => 0));
  for (const { id, label } of records) {
    const said = logits.filter((_, i) => parts[i].id === id).flat();
    const row = classes.indexOf(label);
    if (row >= 0 && said.length > 0) confusion[row][argMax(recordProbabilities(integer, said))]++;
  }
  return {
    records: records.length,
    ...(firstMismatch && { firstMismatch: named(firstMismatch, parts) }),
    classes,
    confusion,
  };
}

function named(mismatch: Mismatch, parts: readonly Stretch[]): ComparedRecords['firstMismatch'] {
  const { id, first } = parts[mismatch.record];
  return { ...mismatch, record: id, window: first + mismatch.window };
}

function namedFrontEnd(
  { firstMismatch, ...result }: FrontEndVerifyResult,
  records: readonly DeviceRecord[],
): ComparedFrontEnd {
  if (!firstMismatch) return result;
  return { ...result, firstMismatch: { ...firstMismatch, record: records[firstMismatch.record].id } };
}
