import { UserError } from '../common/errors.ts';
import type { JobContext } from '../common/job.ts';
import type { FrontEndCoefficients } from '../quantization/front-end-design.ts';
import { FrontEnd } from '../quantization/front-end.ts';
import type { Device } from './device.ts';

export interface FrontEndVerifyResult {
  records: number;
  samplesCompared: number;
  mismatches: number;
  firstMismatch?: { record: number; sample: number; host: number; device: number };
  /** The most that one sample of the network took, in the device's unit. */
  costPerSample: number;
}

/**
 * Run ADC samples through the front end on the host and on a device and compare every sample that the network would read,
 * bit for bit. Throws a UserError where there is nothing to compare.
 */
export async function verifyFrontEnd(
  device: Device,
  coefficients: FrontEndCoefficients,
  records: readonly Int16Array[],
  context: JobContext,
): Promise<FrontEndVerifyResult> {
  if (records.every((record) => record.length === 0)) {
    throw new UserError('there are no samples to compare', {}, 'Give at least one record to verify on.');
  }
  const { outputs, costPerOutput } = await device.filter(records, context);
  const result: FrontEndVerifyResult = {
    records: records.length,
    samplesCompared: 0,
    mismatches: 0,
    costPerSample: costPerOutput,
  };
  const frontEnd = await FrontEnd.create(coefficients);
  records.forEach((record, r) => {
    frontEnd.reset();
    const wanted = frontEnd.push(record);
    const got = outputs[r] ?? new Int8Array();
    if (got.length !== wanted.length) {
      throw new UserError(
        `${device.name} gave ${got.length} samples for ${wanted.length}`,
        {},
        'Generate, build and, on a board, flash the firmware again.',
      );
    }
    wanted.forEach((host, sample) => {
      result.samplesCompared++;
      if (got[sample] === host) return;
      result.mismatches++;
      result.firstMismatch ??= { record: r, sample, host, device: got[sample] };
    });
  });
  return result;
}
