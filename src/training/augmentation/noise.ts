import * as fs from 'node:fs';
import * as path from 'node:path';
import { UserError } from '../../common/errors.ts';
import type { InputSpec } from '../../model/network.ts';
import { openArchive } from '../../recording/file-source.ts';
import { readWfdbRecord, type ImportedRecording } from '../../recording/wfdb.ts';
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
      const folder = header.slice(0, header.lastIndexOf('/') + 1);
      const name = header.slice(folder.length, -'.hea'.length);
      return leads(readWfdbRecord(archive, folder, name), input, location);
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

function leads({ name, rate, leads }: ImportedRecording, input: InputSpec, file: string): Float32Array[] {
  return leads.map(({ name: lead, samples }) => {
    const place = { file, record: name };
    const missing = samples.findIndex((v) => !Number.isFinite(v));
    if (missing >= 0) throw new UserError(`sample ${missing} of the noise in ${lead} is not a number`, place);
    if (samples.length === 0) throw new UserError('the noise has no samples', place);
    const mean = samples.reduce((sum, v) => sum + v, 0) / samples.length;
    return preprocess(
      samples.map((v) => v - mean),
      rate,
      input,
    );
  });
}
