import { UserError } from '../../common/errors.ts';
import type { ByteFile } from '../byte-file.ts';
import { ReadAhead } from '../read-ahead.ts';
import {
  decodeFrame,
  frameBytesBound,
  mostHeaderBytes,
  parseFrameHeader,
  type FrameHeader,
} from './frame.ts';
import { readStreamInfo, type StreamInfo } from './stream-info.ts';
import { FrameError } from './subframe.ts';

/** A frame that was decoded: samples `first` up to `next`, bytes `offset` up to `end`. */
interface Frame {
  first: number;
  next: number;
  offset: number;
  end: number;
  channels: Int32Array[];
}

/** Where a search for a sample goes on. */
interface Place {
  offset: number;
  sample: number;
}

/** Header, constant subframe and CRC-16 of one channel. */
const leastFrameBytes = 10;
/** Samples of decoded frames that are kept. */
const keptSamples = 1 << 20;
/** From here a search goes forward frame by frame. */
const nearBytes = 1 << 15;
/** What looks like a frame by chance, one in 2^30 bytes; a file that has more of it is made to keep us busy. */
const mostFalseStarts = 8;

/**
 * A FLAC file (RFC 9639) of 4 to 24 bits a sample, read by range. A range that does not follow the one before is found by
 * interpolation between the numbers that frames bear, as there is seldom a seek table.
 */
export class FlacStream {
  readonly channels: number;
  readonly bitsPerSample: number;
  /** Of each channel. */
  readonly samples: number;
  readonly #info: StreamInfo;
  readonly #bytes: ReadAhead;
  /** Frames bear numbers, not samples: all of a stream do, or none (RFC 9639, 9.1). */
  readonly #fixed: boolean;
  #recent: Frame[] = [];

  /** Reads the head, and the end where the head does not say how many samples there are. Throws a UserError naming the field. */
  constructor(file: ByteFile) {
    this.#info = readStreamInfo(file);
    // Each frame asks for as many bytes as it can have, and most have far fewer.
    this.#bytes = new ReadAhead(
      file,
      Math.max(1 << 18, 4 * frameBytesBound(this.#info, this.#info.mostBlockSize)),
    );
    this.#fixed = (this.#bytes.bytes(this.#info.start, 2)[1] & 1) === 0;
    this.channels = this.#info.channels;
    this.bitsPerSample = this.#info.bitsPerSample;
    this.samples = this.#info.samples || this.#countSamples();
    const most =
      Math.floor(Math.max(0, file.size - this.#info.start) / leastFrameBytes) * this.#info.mostBlockSize;
    if (this.samples > most) {
      throw this.#damage(`announces ${this.samples} samples, its ${file.size} bytes hold ${most} at most`);
    }
  }

  /** Samples `start` up to `end` of each channel. Throws a RangeError outside of them, a UserError where the file is damaged. */
  read(start: number, end: number): Int32Array[] {
    if (!(
      Number.isInteger(start) &&
      Number.isInteger(end) &&
      start >= 0 &&
      start <= end &&
      end <= this.samples
    )) {
      throw new RangeError(`samples ${start} to ${end} of a FLAC stream, which has ${this.samples}`);
    }
    const out = Array.from({ length: this.channels }, () => new Int32Array(end - start));
    for (let at = start; at < end;) {
      const frame = this.#frameWith(at);
      const to = Math.min(end, frame.next);
      frame.channels.forEach((samples, c) => {
        out[c].set(samples.subarray(at - frame.first, to - frame.first), at - start);
      });
      at = to;
    }
    return out;
  }

  #frameWith(sample: number): Frame {
    const known = this.#recent.find(({ first, next }) => first <= sample && sample < next);
    if (known) return known;
    const before = this.#recent.find(({ next }) => next === sample);
    const frame = before ? this.#frameAt({ offset: before.end, sample }) : this.#search(sample);
    this.#recent.push(frame);
    const most = Math.max(1, Math.floor(keptSamples / (this.channels * this.#info.mostBlockSize)));
    if (this.#recent.length > most) this.#recent.shift();
    return frame;
  }

  /** Interpolation and bisection take turns, so that the bytes between `low` and `high` halve whatever the frames say. */
  #search(sample: number): Frame {
    const { file } = this.#bytes;
    let low: Place = { offset: this.#info.start, sample: 0 };
    let high: Place = { offset: file.size, sample: this.samples };
    const near = 2 * this.#info.mostBlockSize;
    for (let turn = 0; high.offset - low.offset > nearBytes && sample - low.sample > near; turn++) {
      const share = turn % 2 ? 0.5 : (sample - low.sample) / (high.sample - low.sample);
      const guess = low.offset + Math.floor((high.offset - low.offset) * share * 0.98);
      const frame = this.#findFrame(guess, low, high);
      if (frame && frame.first <= sample) {
        if (sample < frame.next) return frame;
        low = { offset: frame.end, sample: frame.next };
      } else {
        high = { offset: guess, sample: frame?.first ?? high.sample };
      }
    }
    for (;;) {
      const frame = this.#frameAt(low);
      if (sample < frame.next) return frame;
      low = { offset: frame.end, sample: frame.next };
    }
  }

  /** The first frame that starts at `offset` or later, between the places; undefined where there is none nearby. */
  #findFrame(offset: number, low: Place, high: Place): Frame | undefined {
    const { file } = this.#bytes;
    const span = frameBytesBound(this.#info, this.#info.mostBlockSize);
    const bytes = file.read(offset, Math.min(span, high.offset - offset) + mostHeaderBytes);
    const fits = (frame: Frame): boolean => frame.first >= low.sample && frame.next <= high.sample;
    let failures = 0;
    for (let i = bytes.indexOf(0xff); i >= 0 && offset + i < high.offset; i = bytes.indexOf(0xff, i + 1)) {
      const header = this.#header(bytes.subarray(i, i + mostHeaderBytes));
      if (!header) continue;
      const frame = this.#tryFrame(offset + i, header);
      if (frame && fits(frame)) return frame;
      if (++failures > mostFalseStarts) break;
    }
    return undefined;
  }

  /** The frame that must be there. */
  #frameAt({ offset, sample }: Place): Frame {
    const where = `the frame of sample ${sample}, at byte ${offset},`;
    const header = this.#header(this.#bytes.bytes(offset, mostHeaderBytes));
    if (!header) {
      throw this.#damage(
        offset >= this.#bytes.file.size ? `${where} is missing` : `${where} has no valid header`,
      );
    }
    const frame = this.#decode(offset, header);
    if (frame.first !== sample) throw this.#damage(`${where} says that it starts with sample ${frame.first}`);
    return frame;
  }

  /** A file that was written to a pipe: the last frame says how many samples there are. */
  #countSamples(): number {
    const { file } = this.#bytes;
    const span = frameBytesBound(this.#info, this.#info.mostBlockSize);
    const offset = Math.max(this.#info.start, file.size - span);
    const bytes = file.read(offset, file.size - offset);
    let failures = 0;
    for (let i = bytes.lastIndexOf(0xff); i >= 0; i = i > 0 ? bytes.lastIndexOf(0xff, i - 1) : -1) {
      const header = this.#header(bytes.subarray(i, i + mostHeaderBytes));
      if (!header) continue;
      const frame = this.#tryFrame(offset + i, header);
      if (frame?.end === file.size) return frame.next;
      if (++failures > mostFalseStarts) break;
    }
    throw this.#damage('does not say how many samples it has, and does not end with a whole frame');
  }

  #header(bytes: Uint8Array): FrameHeader | undefined {
    const header = parseFrameHeader(bytes, this.#info);
    return header?.fixed === this.#fixed ? header : undefined;
  }

  #tryFrame(offset: number, header: FrameHeader): Frame | undefined {
    try {
      return this.#decode(offset, header);
    } catch (error) {
      if (error instanceof UserError) return undefined;
      throw error;
    }
  }

  #decode(offset: number, header: FrameHeader): Frame {
    const first = header.fixed ? header.number * this.#info.mostBlockSize : header.number;
    const bytes = this.#bytes.bytes(offset, frameBytesBound(this.#info, header.blockSize));
    try {
      const decoded = decodeFrame(bytes, header, this.#info);
      const next = first + header.blockSize;
      return { first, next, offset, end: offset + decoded.bytes, channels: decoded.channels };
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      throw this.#damage(`the frame of sample ${first}, at byte ${offset}, is damaged: ${error.message}`);
    }
  }

  #damage(what: string): UserError {
    return new UserError(
      what,
      { file: this.#bytes.file.location },
      'The file is damaged or cut off; get it again.',
    );
  }
}
