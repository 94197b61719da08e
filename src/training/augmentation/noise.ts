import * as fs from 'node:fs';
import * as path from 'node:path';
import { UserError } from '../../common/errors.ts';
import type { InputSpec } from '../../model/network.ts';
import { openArchive } from '../../recording/file-source.ts';
import { readMillivolts } from '../../recording/millivolts.ts';
import type { Recording } from '../../recording/recording.ts';
import { openWfdb } from '../../recording/wfdb/record.ts';
import { preprocess } from '../../signal/front-end.ts';

/**
 * Leads of a WFDB record (`…/em`, with or without `.hea`), or of all records of a folder or zip, each without its mean,
 * then resampled and filtered as the network's input, in mV. Errors name file and record.
 */
export async function loadNoise(location: string, input: InputSpec): Promise<Float32Array[]> {
  const stem = location.replace(/\.hea$/, '');
  const isRecord = fs.existsSync(`${stem}.hea`);
  const archive = await openArchive(isRecord ? path.dirname(stem) : location);
  try {
    const headers = isRecord
      ? [`${path.basename(stem)}.hea`]
      : archive.names().filter((name) => name.endsWith('.hea'));
    const sources = headers.flatMap((header) => {
      const recording = openWfdb(archive, header.slice(0, -'.hea'.length));
      try {
        return leads(recording, input, location);
      } finally {
        recording.close();
      }
    });
    if (sources.length === 0) {
      throw new UserError(
        'there is no WFDB record of noise',
        { file: location },
        'Name a record, or a folder or zip with headers (`.hea`), in `training.augmentation.noise.records`.',
      );
    }
    return sources;
  } finally {
    archive.close();
  }
}

function leads(recording: Recording, input: InputSpec, file: string): Float32Array[] {
  return recording.leads.map(({ name, samplesPerFrame }, lead) => {
    const place = { file, record: recording.name };
    if (recording.checksum(lead) === 'mismatch')
      throw new UserError(`the checksum of ${name} is wrong`, place);
    const samples = readMillivolts(recording, lead);
    const missing = samples.findIndex((v) => !Number.isFinite(v));
    if (missing >= 0) throw new UserError(`sample ${missing} of the noise in ${name} is not a number`, place);
    if (samples.length === 0) throw new UserError('the noise has no samples', place);
    const mean = samples.reduce((sum, v) => sum + v, 0) / samples.length;
    return preprocess(
      samples.map((v) => v - mean),
      recording.rate * samplesPerFrame,
      input,
    );
  });
}
