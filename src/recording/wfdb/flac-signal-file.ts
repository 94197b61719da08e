import { UserError } from '../../common/errors.ts';
import type { ByteFile } from '../byte-file.ts';
import { FlacStream } from '../flac/flac-stream.ts';
import { missingSample } from '../recording.ts';
import type { WfdbSignal } from './header.ts';
import type { SignalFile } from './signal-file.ts';
import { flacFormats } from './storage-formats.ts';

/** A signal file in FLAC (formats 508, 516, 524): a channel for each signal, all with as many samples in a frame. */
export class FlacSignalFile implements SignalFile {
  readonly frames: number;
  readonly #file: ByteFile;
  readonly #stream: FlacStream;
  readonly #samplesPerFrame: number;
  readonly #missing: number;
  /** What was read last: the signals of a file are asked for one after the other. */
  #last: { start: number; end: number; channels: Int32Array[] } | undefined;

  /** Throws a UserError where stream and header do not fit. */
  constructor(file: ByteFile, record: string, signals: readonly WfdbSignal[]) {
    this.#file = file;
    this.#stream = new FlacStream(file);
    const { bits, missing } = flacFormats.get(signals[0].format) as { bits: number; missing: number };
    const { samplesPerFrame } = signals[0];
    const refuse = (what: string): never => {
      throw new UserError(what, { file: file.location, record }, 'Header and signal do not belong together.');
    };
    if (this.#stream.channels !== signals.length) {
      refuse(`it has ${this.#stream.channels} channels, the header ${signals.length} signals`);
    }
    if (this.#stream.bitsPerSample !== bits) {
      refuse(`it has ${this.#stream.bitsPerSample} bits a sample, format ${signals[0].format} has ${bits}`);
    }
    if (signals.some((signal) => signal.samplesPerFrame !== samplesPerFrame)) {
      refuse('its signals have different numbers of samples per frame, which FLAC cannot hold');
    }
    this.#samplesPerFrame = samplesPerFrame;
    this.#missing = missing;
    this.frames = Math.floor(this.#stream.samples / samplesPerFrame);
  }

  read(signal: number, start: number, end: number): Int32Array {
    if (this.#last?.start !== start || this.#last.end !== end) {
      const channels = this.#stream.read(start * this.#samplesPerFrame, end * this.#samplesPerFrame);
      for (const channel of channels) {
        for (let i = 0; i < channel.length; i++) if (channel[i] === this.#missing) channel[i] = missingSample;
      }
      this.#last = { start, end, channels };
    }
    return Int32Array.from(this.#last.channels[signal]);
  }

  close(): void {
    this.#last = undefined;
    this.#file.close();
  }
}
