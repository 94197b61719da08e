import { UserError } from '../../common/errors.ts';
import type { ByteFile } from '../byte-file.ts';
import { missingSample } from '../recording.ts';
import type { WfdbSignal } from './header.ts';
import { storageFormats, type StorageFormat } from './storage-formats.ts';

/** The samples of the signals that share a file: whole frames of it, each with all samples of the first signal, then the next. */
export interface SignalFile {
  /** Frames that the file holds. */
  readonly frames: number;
  /** Samples of one signal (its place among those of the file) in the frames `start` up to `end`. */
  read(signal: number, start: number, end: number): Int32Array;
  close(): void;
}

/** Samples that a block has, about: what is read and decoded at a time. */
const blockSamples = 1 << 16;
/** 16 MB: a viewer that scrolls, and leads that are read one after the other, find their blocks again. */
const blocksKept = 64;

/** A signal file of one of the packed formats, decoded in blocks. Throws UserErrors that name file and record. */
export class PackedSignalFile implements SignalFile {
  readonly frames: number;
  readonly #file: ByteFile;
  readonly #record: string;
  readonly #format: StorageFormat;
  readonly #signals: readonly WfdbSignal[];
  /** First sample of each signal in a frame, and the frame's size. */
  readonly #offsets: number[] = [];
  readonly #frameSize: number;
  readonly #byteOffset: number;
  readonly #blockFrames: number;
  readonly #blocks = new Map<number, Int32Array>();
  /** Of difference formats: the sums of all signals before each block, as far as they are known. */
  readonly #sums: Int32Array[];

  constructor(file: ByteFile, record: string, signals: readonly WfdbSignal[], byteOffset: number) {
    this.#file = file;
    this.#record = record;
    this.#format = storageFormats.get(signals[0].format) as StorageFormat;
    this.#signals = signals;
    let size = 0;
    for (const { samplesPerFrame } of signals) {
      this.#offsets.push(size);
      size += samplesPerFrame;
    }
    this.#frameSize = size;
    this.#byteOffset = byteOffset;
    // Blocks begin where the format's groups of 1, 2 or 3 samples do.
    this.#blockFrames = Math.max(1, Math.ceil(blockSamples / size / 6)) * 6;
    this.frames = Math.floor(this.#format.samples(Math.max(0, file.size - byteOffset)) / size);
    this.#sums = [Int32Array.from(signals, ({ initialValue }) => initialValue)];
  }

  read(signal: number, start: number, end: number): Int32Array {
    const { samplesPerFrame } = this.#signals[signal];
    const values = new Int32Array((end - start) * samplesPerFrame);
    for (let frame = start, at = 0; frame < end;) {
      const block = Math.floor(frame / this.#blockFrames);
      const first = block * this.#blockFrames;
      const last = Math.min(end, first + this.#blockFrames);
      const samples = this.#block(block);
      for (; frame < last; frame++) {
        const from = (frame - first) * this.#frameSize + this.#offsets[signal];
        for (let k = 0; k < samplesPerFrame; k++) values[at++] = samples[from + k];
      }
    }
    return values;
  }

  close(): void {
    this.#blocks.clear();
    this.#file.close();
  }

  /** A decoded block, from those that are kept or from the file. */
  #block(index: number): Int32Array {
    const known = this.#blocks.get(index);
    if (known) return known;
    let samples: Int32Array;
    if (this.#format.differences) {
      for (let before = this.#sums.length - 1; before < index; before++)
        this.#integrate(this.#decode(before), before);
      samples = this.#decode(index);
      this.#integrate(samples, index);
    } else samples = this.#decode(index);
    if (this.#blocks.size >= blocksKept) this.#blocks.delete(this.#blocks.keys().next().value as number);
    this.#blocks.set(index, samples);
    return samples;
  }

  #decode(index: number): Int32Array {
    const first = index * this.#blockFrames;
    const count = (Math.min(first + this.#blockFrames, this.frames) - first) * this.#frameSize;
    const bytes = this.#format.bytes(count);
    const read = this.#file.read(this.#byteOffset + this.#format.bytes(first * this.#frameSize), bytes);
    if (read.length < bytes) {
      throw new UserError(
        'became shorter while it was read',
        { file: this.#file.location, record: this.#record },
        'Read it again when nothing writes it.',
      );
    }
    const samples = new Int32Array(count);
    this.#format.decode(read, samples);
    return samples;
  }

  /** Differences → samples, in place; leaves the sums for the block behind it. */
  #integrate(samples: Int32Array, index: number): void {
    const sums = Int32Array.from(this.#sums[index]);
    for (let frame = 0; frame < samples.length; frame += this.#frameSize) {
      for (const [s, { samplesPerFrame }] of this.#signals.entries()) {
        const from = frame + this.#offsets[s];
        for (let k = 0; k < samplesPerFrame; k++) samples[from + k] = sums[s] += samples[from + k];
      }
    }
    this.#sums[index + 1] = sums;
  }
}

/** Signals of format 0: announced, not stored. */
export class UnstoredSignals implements SignalFile {
  readonly frames = Infinity;
  readonly #signals: readonly WfdbSignal[];

  constructor(signals: readonly WfdbSignal[]) {
    this.#signals = signals;
  }

  read(signal: number, start: number, end: number): Int32Array {
    return new Int32Array((end - start) * this.#signals[signal].samplesPerFrame).fill(missingSample);
  }

  close(): void {}
}
