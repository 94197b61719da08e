import { UserError } from '../../common/errors.ts';
import type { Annotation } from '../annotation.ts';
import type { ByteFile } from '../byte-file.ts';
import { MissingFactError, type Facts } from '../facts.ts';
import {
  checkRange,
  physical,
  type Checksum,
  type LeadInfo,
  type Recording,
  type Segment,
} from '../recording.ts';
import { elements, isInt32, type ElementType } from './elements.ts';

/** Where in a file a two-dimensional array of numbers is, one column after the other. */
export interface MatrixPlace {
  /** Of the first element, in bytes. */
  offset: number;
  rows: number;
  columns: number;
  type: ElementType;
  littleEndian: boolean;
}

const mostLeads = 1024;
const blockBytes = 1 << 20;

/** What a file says of its matrix. */
export interface MatrixFacts {
  format: string;
  name: string;
  /** Hz; undefined where the file does not say. */
  rate: number | undefined;
  /** What the matrix is called in messages. */
  matrix: string;
}

/**
 * A matrix of samples as a recording: the longer of its axes is the time (of a square, its columns follow each other in time),
 * the other one the leads. `file` holds the matrix, `location` is what messages name, `close` is called in the end. Throws a
 * UserError where it is none, a MissingFactError where neither file nor `facts` say rate or units.
 */
export function matrixRecording(
  file: ByteFile,
  place: MatrixPlace,
  said: MatrixFacts,
  facts: Facts,
  close: () => void,
): Recording {
  const { location } = file;
  const refuse = (what: string, advice: string): never => {
    throw new UserError(`its array ${said.matrix} ${what}`, { file: location }, advice);
  };
  const { rows, columns } = place;
  if (rows * columns === 0) refuse('is empty', 'Check that it is the right file.');
  if (Math.min(rows, columns) > mostLeads) {
    refuse(
      `is ${rows} × ${columns}, and no recording has so many leads`,
      'Give one axis to leads, the other to time.',
    );
  }
  const { rate } = said;
  if (rate !== undefined && facts.rate !== undefined && Math.abs(rate - facts.rate) > 1e-6 * rate) {
    throw new UserError(
      `says that its rate is ${rate} Hz, not ${facts.rate} Hz`,
      { file: location },
      'Leave out the rate: the file says it.',
    );
  }
  const settled = rate ?? facts.rate;
  if (settled === undefined) throw new MissingFactError('rate', location, 'does not say its rate');
  if (facts.units === undefined)
    throw new MissingFactError('units', location, 'does not say in what units it is');
  return new MatrixRecording(file, place, { ...said, rate: settled }, facts.units, close);
}

class MatrixRecording implements Recording {
  readonly format: string;
  readonly name: string;
  readonly rate: number;
  readonly frames: number;
  readonly leads: readonly LeadInfo[];
  readonly segments: readonly Segment[];
  readonly comments: readonly string[] = [];
  readonly digital: ((lead: number, start: number, end: number) => Int32Array) | undefined;
  readonly #file: ByteFile;
  readonly #place: MatrixPlace;
  readonly #close: () => void;

  constructor(
    file: ByteFile,
    place: MatrixPlace,
    said: MatrixFacts & { rate: number },
    units: string,
    close: () => void,
  ) {
    this.#file = file;
    this.#place = place;
    this.#close = close;
    this.format = said.format;
    this.name = said.name;
    this.rate = said.rate;
    this.frames = Math.max(place.rows, place.columns);
    this.segments = [{ name: said.name, start: 0, frames: this.frames }];
    this.leads = Array.from({ length: Math.min(place.rows, place.columns) }, (_, i) => ({
      name: `lead ${i + 1}`,
      units,
      gain: undefined,
      baseline: 0,
      samplesPerFrame: 1,
    }));
    this.digital = isInt32(place.type)
      ? (lead, start, end) => this.#elements(lead, start, new Int32Array(this.#length(lead, start, end)))
      : undefined;
  }

  annotations(): readonly Annotation[] {
    return [];
  }

  read(lead: number, start: number, end: number): Float64Array {
    if (this.digital) return physical(this.digital(lead, start, end), this.leads[lead]);
    return this.#elements(lead, start, new Float64Array(this.#length(lead, start, end)));
  }

  checksum(): Checksum {
    return 'absent';
  }

  close(): void {
    this.#close();
  }

  #length(lead: number, start: number, end: number): number {
    checkRange(this, lead, start, end);
    return end - start;
  }

  /** Samples of a lead from `start` on until `out` is full. */
  #elements<T extends Int32Array | Float64Array>(lead: number, start: number, out: T): T {
    const { offset, rows, columns, type, littleEndian } = this.#place;
    const { bytes: width, get } = elements[type];
    const isInterleaved = columns >= rows;
    // Bytes from a sample to the next, and before the lead's first.
    const stride = (isInterleaved ? rows : 1) * width;
    const first = offset + (isInterleaved ? lead : lead * rows) * width;
    const perBlock = Math.max(1, Math.floor(blockBytes / stride));
    for (let at = 0; at < out.length; at += perBlock) {
      const count = Math.min(perBlock, out.length - at);
      const needed = (count - 1) * stride + width;
      const bytes = this.#file.read(first + (start + at) * stride, needed);
      if (bytes.length < needed) {
        throw new UserError(
          'is cut off',
          { file: this.#file.location },
          'The file is damaged; get it again.',
        );
      }
      const view = new DataView(bytes.buffer, bytes.byteOffset, needed);
      for (let i = 0; i < count; i++) out[at + i] = get(view, i * stride, littleEndian);
    }
    return out;
  }
}
