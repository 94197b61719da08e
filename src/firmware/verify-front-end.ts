import { UserError } from '../common/errors.ts';
import type { JobContext } from '../common/job.ts';
import type { FrontEndCoefficients } from '../quantization/front-end-design.ts';
import { FrontEnd } from '../quantization/front-end.ts';
import { runOnDevice } from './emulate.ts';
import { imageNetwork } from './image.ts';
import { decodeFrontEnd, encodeAdcSamples } from './link.ts';

export interface FrontEndVerifyResult {
  records: number;
  samplesCompared: number;
  mismatches: number;
  firstMismatch?: { record: number; sample: number; host: number; device: number };
  /** Emulated; the most that one sample of the network took. */
  instructionsPerSample: number;
}

/**
 * Run ADC samples through the front end on the host and on the emulated device and compare every sample that the network
 * would read, bit for bit. Throws a UserError where there is nothing to compare.
 */
export async function verifyFrontEnd(
  elf: string,
  coefficients: FrontEndCoefficients,
  records: readonly Int16Array[],
  context: JobContext,
): Promise<FrontEndVerifyResult> {
  const samples = records.reduce((sum, record) => sum + record.length, 0);
  if (samples === 0) {
    throw new UserError('there are no samples to compare', {}, 'Give at least one record to verify on.');
  }
  const network = imageNetwork(elf);
  const device = await runOnDevice(
    elf,
    {
      input: encodeAdcSamples(network, records),
      unit: 'samples',
      total: Math.ceil(samples / coefficients.decimation),
      unitBytes: 1,
      decode: (bytes) => decodeFrontEnd(network, bytes, records.length),
    },
    context,
  );
  const result: FrontEndVerifyResult = {
    records: records.length,
    samplesCompared: 0,
    mismatches: 0,
    instructionsPerSample: device.instructionsPerOutput,
  };
  const frontEnd = await FrontEnd.create(coefficients);
  records.forEach((record, r) => {
    frontEnd.reset();
    const wanted = frontEnd.push(record);
    const got = device.outputs[r];
    if (got.length !== wanted.length) {
      throw new UserError(
        `the device gave ${got.length} samples for ${wanted.length}`,
        { file: elf },
        'Generate and build the firmware again.',
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
