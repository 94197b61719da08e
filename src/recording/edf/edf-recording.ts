import { UserError } from '../../common/errors.ts';
import type { Annotation } from '../annotation.ts';
import type { ByteFile } from '../byte-file.ts';
import { ReadAhead } from '../read-ahead.ts';
import {
  checkRange,
  missingSample,
  physical,
  type Checksum,
  type LeadInfo,
  type Recording,
  type Segment,
} from '../recording.ts';
import { parseAnnotationLists, type AnnotationList } from './annotation-list.ts';
import { readEdfHeader, type EdfHeader, type EdfSignal } from './edf-header.ts';
import { contiguous, placeRecords, type Timeline } from './timeline.ts';

/** Frames a second of a file that has annotations alone, so that their times are kept to the millisecond. */
const annotationRate = 1000;
/** More than the beats of a week. */
const mostAnnotations = 1 << 21;

/** EDF, EDF+C, EDF+D, BDF and BDF+ files. Throws a UserError that names the field. */
export function openEdf(file: ByteFile, name: string): Recording {
  return new EdfRecording(file, name);
}

class EdfRecording implements Recording {
  readonly format: string;
  readonly name: string;
  readonly rate: number;
  readonly frames: number;
  readonly leads: readonly LeadInfo[];
  readonly segments: readonly Segment[];
  readonly comments: readonly string[];
  readonly started: string | undefined;
  readonly #bytes: ReadAhead;
  readonly #header: EdfHeader;
  readonly #leadSignals: readonly EdfSignal[];
  /** The first lead of each label. */
  readonly #leadOfLabel: ReadonlyMap<string, number>;
  readonly #timeline: Timeline;
  #annotations: readonly Annotation[] | undefined;

  readonly digital = (lead: number, start: number, end: number): Int32Array => {
    checkRange(this, lead, start, end);
    const signal = this.#leadSignals[lead];
    const perRecord = signal.samplesPerRecord;
    const { samplesPerFrame } = this.leads[lead];
    const out = new Int32Array(end - start);
    if (start === end) return out;
    if (this.#timeline.hasGaps) out.fill(missingSample);
    for (
      let record = this.#timeline.recordAt(Math.floor(start / samplesPerFrame));
      record < this.#header.records;
      record++
    ) {
      const first = this.#timeline.start(record) * samplesPerFrame;
      const from = Math.max(start, first);
      const to = Math.min(end, first + perRecord);
      if (first >= end) break;
      if (from < to) this.#decode(signal, record, from - first, to - first, out, from - start);
    }
    return out;
  };

  constructor(file: ByteFile, name: string) {
    this.#bytes = new ReadAhead(file);
    this.#header = readEdfHeader(file);
    this.name = name;
    this.format = this.#header.format;
    this.started = this.#header.started;
    const { signals, records, duration } = this.#header;
    this.#leadSignals = signals.filter((signal) => !signal.isAnnotations);
    this.#leadOfLabel = new Map(this.#leadSignals.map(({ label }, i) => [label, i] as const).reverse());
    const comments: string[] = [];
    if (this.#header.patient) comments.push(`Patient: ${this.#header.patient}`);
    if (this.#header.recording) comments.push(`Recording: ${this.#header.recording}`);

    // Frames as short as they can be with a whole number of samples of each lead.
    const perFrame = this.#leadSignals.map((signal) => signal.samplesPerRecord).reduce(greatestDivisor, 0);
    this.rate = perFrame === 0 ? annotationRate : Number((perFrame / duration).toPrecision(12));
    this.leads = this.#leadSignals.map((signal, i) => {
      const scale = scaleOf(signal);
      const lead = signal.label || `lead ${i + 1}`;
      if (!scale) comments.push(`${lead}: its minima and maxima are no scale; values are as they are stored`);
      return {
        name: lead,
        units: scale ? signal.units : 'NU',
        ...(scale ?? { gain: 1, baseline: 0 }),
        samplesPerFrame: signal.samplesPerRecord / perFrame,
      };
    });
    this.comments = comments;
    this.#timeline =
      this.format.endsWith('+D') && perFrame > 0
        ? placeRecords(this.#onsets(), perFrame, this.rate, file.location)
        : contiguous(records, perFrame, name);
    this.frames = this.#timeline.frames;
    this.segments = this.#timeline.segments;
    if (!this.leads.every(({ samplesPerFrame }) => Number.isSafeInteger(this.frames * samplesPerFrame))) {
      throw this.#refusal(
        `the field \`duration of a data record\` is ${duration}, and its records are too far apart`,
      );
    }
  }

  annotations(): readonly Annotation[] {
    this.#annotations ??= this.#readAnnotations();
    return this.#annotations;
  }

  read(lead: number, start: number, end: number): Float64Array {
    return physical(this.digital(lead, start, end), this.leads[lead]);
  }

  checksum(): Checksum {
    return 'absent';
  }

  close(): void {
    this.#bytes.file.close();
  }

  #decode(signal: EdfSignal, record: number, from: number, to: number, out: Int32Array, at: number): void {
    const width = this.#header.sampleBytes;
    const bytes = this.#signalBytes(signal, record, from * width, (to - from) * width);
    if (width === 2) {
      for (let i = 0; i < bytes.length; i += 2) out[at++] = ((bytes[i + 1] << 24) >> 16) | bytes[i];
    } else {
      for (let i = 0; i < bytes.length; i += 3) {
        out[at++] = ((bytes[i + 2] << 24) >> 8) | (bytes[i + 1] << 8) | bytes[i];
      }
    }
  }

  #signalBytes(signal: EdfSignal, record: number, offset: number, length: number): Uint8Array {
    const { headerBytes, recordBytes, sampleBytes } = this.#header;
    const at = headerBytes + record * recordBytes + signal.offset + offset;
    // A lead among many is read record by record: reading ahead would be reading what others have.
    const sparse = recordBytes > 1 << 12 && signal.samplesPerRecord * sampleBytes * 8 < recordBytes;
    const bytes = sparse ? this.#bytes.file.read(at, length) : this.#bytes.bytes(at, length);
    if (bytes.length < length) throw this.#refusal(`data record ${record + 1} is cut off`);
    return bytes;
  }

  /** s since the start of the file of each data record. */
  #onsets(): Float64Array {
    return Float64Array.from({ length: this.#header.records }, (_, record) => this.#onset(record));
  }

  #onset(record: number): number {
    const signal = this.#header.signals.find(({ isAnnotations }) => isAnnotations);
    const [first] = signal ? this.#lists(signal, record) : [];
    if (!first)
      throw this.#refusal(`data record ${record + 1} does not say in its annotations when it starts`);
    return first.onset;
  }

  #lists(signal: EdfSignal, record: number): AnnotationList[] {
    const length = signal.samplesPerRecord * this.#header.sampleBytes;
    try {
      return parseAnnotationLists(this.#signalBytes(signal, record, 0, length));
    } catch (error) {
      if (error instanceof UserError) throw error;
      throw this.#refusal(`in \`${signal.label}\` of data record ${record + 1}: ${(error as Error).message}`);
    }
  }

  #readAnnotations(): Annotation[] {
    const annotations: Annotation[] = [];
    const signals = this.#header.signals.filter(({ isAnnotations }) => isAnnotations);
    if (signals.length === 0) return annotations;
    const start = this.#lists(signals[0], 0)[0]?.onset ?? 0;
    for (let record = 0; record < this.#header.records; record++) {
      for (const signal of signals) {
        for (const { onset, duration, texts } of this.#lists(signal, record)) {
          const sample = Math.round((onset - start) * this.rate);
          for (const text of texts) annotations.push({ ...this.#note(text), sample, duration });
        }
        if (annotations.length > mostAnnotations)
          throw this.#refusal(`has more than ${mostAnnotations} annotations`);
      }
    }
    return annotations;
  }

  /** A text may end in `@@` and the label of the one signal that it is about (EDF+, 2.2.4). */
  #note(whole: string): Omit<Annotation, 'sample' | 'duration'> {
    const mark = whole.lastIndexOf('@@');
    const lead = mark < 0 ? undefined : this.#leadOfLabel.get(whole.slice(mark + 2).trim());
    return {
      symbol: '"',
      subtype: 0,
      number: 0,
      channel: lead ?? 0,
      text: lead === undefined ? whole : whole.slice(0, mark),
    };
  }

  #refusal(what: string): UserError {
    return new UserError(
      what,
      { file: this.#bytes.file.location },
      'The file is damaged or cut off; get it again.',
    );
  }
}

function greatestDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestDivisor(b, a % b);
}

/** The line through both minima and both maxima; undefined where they give none. */
function scaleOf(signal: EdfSignal): { gain: number; baseline: number } | undefined {
  const { physicalMinimum, physicalMaximum, digitalMinimum, digitalMaximum } = signal;
  const gain = (digitalMaximum - digitalMinimum) / (physicalMaximum - physicalMinimum);
  const baseline = digitalMinimum - physicalMinimum * gain;
  return gain !== 0 && Number.isFinite(1 / gain) && Number.isFinite(baseline) && Number.isFinite(gain)
    ? { gain, baseline }
    : undefined;
}
