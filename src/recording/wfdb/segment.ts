import { UserError, type ErrorPlace } from '../../common/errors.ts';
import type { ByteFile } from '../byte-file.ts';
import type { FileSource } from '../file-source.ts';
import { matrixPlace } from '../matlab/matlab-recording.ts';
import { missingSample, type Checksum } from '../recording.ts';
import { unsafeName } from '../safe-name.ts';
import { shown } from '../shown.ts';
import { FlacSignalFile } from './flac-signal-file.ts';
import { isStored, type WfdbHeader, type WfdbSignal } from './header.ts';
import { PackedSignalFile, UnstoredSignals, type SignalFile } from './signal-file.ts';
import { flacFormats, storageFormats } from './storage-formats.ts';

/** Samples that a checksum is computed over at a time. */
const block = 1 << 18;

/** One header and the signal files that it names, which are opened when they are needed. Errors name file, line and record. */
export class WfdbSegmentFiles {
  readonly header: WfdbHeader;
  /** Frames of the segment: what the header says, else what the shortest file holds. */
  readonly frames: number;
  readonly #source: FileSource;
  readonly #folder: string;
  readonly #headerFile: string;
  readonly #files = new Map<string, SignalFile>();

  /** @param folder prefix of the header's files in the source, '' or ending in '/' */
  constructor(source: FileSource, folder: string, header: WfdbHeader, headerFile: string) {
    this.header = header;
    this.#source = source;
    this.#folder = folder;
    this.#headerFile = headerFile;
    try {
      this.frames = header.frames ?? this.#shortest();
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Frames `start` up to `end` of a signal as integers, `missingSample` where missing; its skew is undone. */
  read(lead: number, start: number, end: number): Int32Array {
    const signal = this.header.signals[lead];
    const file = this.#whole(signal);
    const from = start + signal.skew;
    const to = Math.min(end + signal.skew, file.frames);
    const index = this.#sharing(signal).indexOf(signal);
    if (to - from === end - start) return file.read(index, from, to);
    const filled = new Int32Array((end - start) * signal.samplesPerFrame).fill(missingSample);
    // A skew may be longer than the signal.
    if (to > from) filled.set(file.read(index, from, to));
    return filled;
  }

  /** The sum of all stored samples, as header(5) has it: 16 bits, skew not undone, missing ones by the value that is stored. */
  checksum(lead: number): Checksum {
    const signal = this.header.signals[lead];
    if (signal.checksum === undefined || !isStored(signal)) return 'absent';
    const found = this.#sum(signal);
    return ((found - signal.checksum) & 0xffff) === 0 ? 'match' : 'mismatch';
  }

  close(): void {
    for (const file of this.#files.values()) file.close();
    this.#files.clear();
  }

  #sum(signal: WfdbSignal): number {
    const file = this.#whole(signal);
    const index = this.#sharing(signal).indexOf(signal);
    const missing = missingValue(signal.format);
    let sum = 0;
    for (let start = 0; start < this.frames; start += block) {
      for (const value of file.read(index, start, Math.min(this.frames, start + block))) {
        sum = (sum + (value === missingSample ? missing : value)) | 0;
      }
    }
    return sum;
  }

  #shortest(): number {
    const frames = this.header.signals.map((signal) => this.#file(signal).frames);
    const shortest = Math.min(...frames);
    // The layout of records of several segments: it says which leads there are, and holds nothing.
    if (shortest === Infinity) return 0;
    return shortest;
  }

  /** The file of a signal, which has all that the header announces. */
  #whole(signal: WfdbSignal): SignalFile {
    const file = this.#file(signal);
    if (file.frames >= this.frames) return file;
    throw new UserError(
      `the header announces ${this.frames} samples, the file holds ${file.frames}`,
      this.#place(signal),
      'The signal file is cut off; get it again.',
    );
  }

  #sharing({ file }: WfdbSignal): WfdbSignal[] {
    return this.header.signals.filter((signal) => signal.file === file);
  }

  #file(signal: WfdbSignal): SignalFile {
    const known = this.#files.get(signal.file);
    if (known) return known;
    const file = this.#open(signal);
    this.#files.set(signal.file, file);
    return file;
  }

  #open(signal: WfdbSignal): SignalFile {
    const signals = this.#sharing(signal);
    const where = { file: this.#headerFile, record: this.header.name };
    const other = signals.find(({ format }) => format !== signals[0].format);
    if (other) {
      throw new UserError(
        `the signals of ${shown(signal.file)} are said to be in formats ${signals[0].format} and ${other.format}`,
        { ...where, line: other.line },
      );
    }
    const { format } = signals[0];
    if (!isStored(signals[0])) return new UnstoredSignals(signals);
    const unsafe = signal.file === '-' ? 'is the standard input' : unsafeName(signal.file);
    if (unsafe !== undefined) {
      throw new UserError(
        `the signal file \`${shown(signal.file)}\` ${unsafe}: only files in the record's folder are read`,
        { ...where, line: signal.line },
      );
    }
    if (!storageFormats.has(format) && !flacFormats.has(format)) {
      const known = [...storageFormats.keys(), ...flacFormats.keys()].join(', ');
      throw new UserError(
        `\`${format}\` is no storage format of WFDB`,
        { ...where, line: signal.line },
        `There are ${known}.`,
      );
    }
    const file = this.#source.open(this.#folder + signal.file);
    try {
      if (flacFormats.has(format)) return new FlacSignalFile(file, this.header.name, signals);
      return new PackedSignalFile(file, this.header.name, signals, byteOffset(file, signals));
    } catch (error) {
      file.close();
      throw error;
    }
  }

  #place(signal: WfdbSignal): ErrorPlace {
    return {
      file: `${this.#source.location}/${this.#folder}${signal.file}`,
      record: this.header.name,
    };
  }
}

/** Where the samples begin: the header says, or for a MATLAB file the file itself. */
function byteOffset(file: ByteFile, signals: readonly WfdbSignal[]): number {
  const said = signals.find((signal) => signal.byteOffset !== undefined)?.byteOffset;
  if (said !== undefined) return said;
  if (!file.location.toLowerCase().endsWith('.mat')) return 0;
  const place = matrixPlace(file);
  if (place) return place.offset;
  throw new UserError(
    'holds no matrix of numbers that is not compressed',
    { file: file.location },
    'Save it with `-v6`, or say in the header where the samples begin (`16+24`).',
  );
}

/** The integer that a format stores for a sample that was not recorded. */
function missingValue(format: number): number {
  const bits = { 80: 8, 212: 12, 310: 10, 311: 10, 24: 24, 32: 32, 508: 8, 524: 24 }[format] ?? 16;
  return -(2 ** (bits - 1));
}
