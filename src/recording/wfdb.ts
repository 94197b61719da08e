import { UserError } from '../common/errors.ts';
import { readMatlab4 } from './matlab.ts';
import { sampleFormats } from './sample-formats.ts';
import { parseWfdbHeader, type WfdbHeader, type WfdbSignal } from './wfdb-header.ts';

/** A recording after import: all leads at one rate, in millivolts; a missing sample is NaN. */
export interface ImportedRecording {
  name: string;
  /** Hz. */
  rate: number;
  leads: readonly { name: string; samples: Float32Array }[];
}

/** Where a record's files come from: a folder or a zip. Throws a UserError that names a file that is not there. */
export interface FileSource {
  /** For messages: the path of the folder or zip. */
  readonly location: string;
  read(name: string): Uint8Array;
}

/**
 * Read a WFDB record in format 16 or 212, or of 16-bit integers in a MATLAB v4 file, into millivolts.
 * `folder` is the prefix of the record's files in the source, '' or ending in '/'.
 */
export function readWfdbRecord(source: FileSource, folder: string, name: string): ImportedRecording {
  const headerFile = `${folder}${name}.hea`;
  const header = parseWfdbHeader(
    Buffer.from(source.read(headerFile)).toString('latin1'),
    `${source.location}/${headerFile}`,
  );
  if (header.signals.length === 0) {
    throw new UserError('the record has no signals', {
      file: `${source.location}/${headerFile}`,
      record: name,
    });
  }
  const digital = new Map<string, Int16Array>();
  const leads = header.signals.map((signal, i) => {
    const fileName = checkedFileName(signal.file, name, `${source.location}/${headerFile}`);
    const where = `${source.location}/${folder}${fileName}`;
    let values = digital.get(fileName);
    if (!values) {
      values = digitalSamples(source.read(folder + fileName), signal, where, name);
      digital.set(fileName, values);
    }
    const sharing = header.signals.filter((s) => s.file === signal.file);
    const samples = toMillivolts(values, signal, sharing.indexOf(signal), sharing.length, header, where);
    return { name: signal.description || `lead ${i + 1}`, samples };
  });
  return { name, rate: header.rate, leads };
}

/** A header may name any file: only a plain name in the record's own folder is followed. */
function checkedFileName(file: string, record: string, header: string): string {
  if (/[/\\]/.test(file) || file === '..' || file === '-') {
    throw new UserError(`the header names the signal file \`${file}\`, outside of the record's folder`, {
      file: header,
      record,
    });
  }
  return file;
}

/** Interleaved samples of a signal file. */
function digitalSamples(bytes: Uint8Array, signal: WfdbSignal, file: string, record: string): Int16Array {
  const format = sampleFormats.get(signal.format);
  if (!format) {
    throw new UserError(
      `storage format ${signal.format} cannot be read yet`,
      { file, record },
      `Formats ${[...sampleFormats.keys()].join(' and ')} can.`,
    );
  }
  if (file.toLowerCase().endsWith('.mat')) {
    const matrix = readMatlab4(bytes, file, record);
    if (!(matrix.data instanceof Int16Array)) {
      throw new UserError('the matrix is not of 16-bit integers', { file, record });
    }
    return matrix.data;
  }
  return format.decode(bytes.subarray(signal.byteOffset));
}

function toMillivolts(
  values: Int16Array,
  signal: WfdbSignal,
  position: number,
  stride: number,
  header: WfdbHeader,
  file: string,
): Float32Array {
  const available = Math.floor(values.length / stride);
  const count = header.sampleCount ?? available;
  if (count > available) {
    throw new UserError(
      `the header announces ${count} samples, the file holds ${available}`,
      { file, record: header.name },
      'The signal file is cut off; get it again.',
    );
  }
  const unit = { mv: 1, uv: 1e-3, µv: 1e-3, v: 1000 }[signal.units.toLowerCase()];
  if (unit === undefined) {
    throw new UserError(`the unit \`${signal.units}\` is no voltage`, { file, record: header.name });
  }
  const scale = unit / signal.gain;
  const invalid = sampleFormats.get(signal.format)?.invalid;
  const samples = new Float32Array(count);
  let sum = 0;
  for (let i = 0; i < count; i++) {
    const value = values[i * stride + position];
    sum += value;
    samples[i] = value === invalid ? NaN : (value - signal.baseline) * scale;
  }
  // A checksum of 0 beside an initial value that is not the first sample is how CinC2017 says "none".
  if (signal.checksum && ((sum - signal.checksum) & 0xffff) !== 0) {
    throw new UserError(
      `the checksum is ${(sum << 16) >> 16}, the header says ${signal.checksum}`,
      { file, record: header.name },
      'Header and signal do not belong together, or the file is damaged.',
    );
  }
  return samples;
}
