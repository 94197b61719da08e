import { UserError } from '../../common/errors.ts';
import type { Annotation } from '../annotation.ts';
import type { FileSource } from '../file-source.ts';
import {
  checkRange,
  missingSample,
  physical,
  type Checksum,
  type LeadInfo,
  type Recording,
  type Segment,
  wholeFrames,
} from '../recording.ts';
import { unsafeName } from '../safe-name.ts';
import { shown } from '../shown.ts';
import { mostFrames, notStored, type WfdbHeader, type WfdbSegment } from './header.ts';
import { leadsOf, readHeader } from './read-header.ts';
import { WfdbSegmentFiles } from './segment.ts';

/** Files that are open at a time: records of a week have some thousand segments. */
const openAtOnce = 8;

/** A stored segment: its files, and which of its signals each lead of the record is. */
interface OpenSegment {
  files: WfdbSegmentFiles;
  leads: readonly LeadInfo[];
  /** By lead of the record; -1 where the segment does not have it. */
  signals: readonly number[];
}

/**
 * A record of several segments (header(5)). Fixed layout: all have the leads of the first. Variable layout: the first, of no
 * length, says which leads there are, and each segment has some of them, found by name; gaps are `~`.
 */
export class MultiSegmentRecord implements Recording {
  readonly format = 'WFDB';
  readonly name: string;
  readonly rate: number;
  readonly frames: number;
  readonly leads: readonly LeadInfo[];
  readonly segments: readonly Segment[];
  readonly comments: readonly string[];
  readonly #source: FileSource;
  readonly #folder: string;
  readonly #headerFile: string;
  readonly #lines: readonly WfdbSegment[];
  readonly #open = new Map<number, OpenSegment>();
  readonly #variable: boolean;

  constructor(source: FileSource, folder: string, header: WfdbHeader, headerFile: string) {
    this.#source = source;
    this.#folder = folder;
    this.#headerFile = headerFile;
    this.name = header.name;
    this.rate = header.rate;
    const all = header.segments ?? [];
    this.#variable = all[0].frames === 0;
    this.#lines = this.#variable ? all.slice(1) : all;
    const segments: Segment[] = [];
    let start = 0;
    for (const { name, frames } of this.#lines) {
      segments.push({ name: name === notStored ? '' : name, start, frames });
      start += frames;
    }
    this.segments = segments;
    this.frames = start;
    if (start > mostFrames) throw this.#error(`the segments have ${start} samples together`, all[0]);
    if (start === 0) throw this.#error('its segments have no samples', all[0]);
    if (header.frames !== undefined && header.frames !== start) {
      throw new UserError(`${header.frames} samples announced, the segments have ${start}`, {
        file: headerFile,
        line: 1,
        record: this.name,
      });
    }
    const first = this.#variable ? all[0] : this.#lines.find(({ name }) => name !== notStored);
    if (!first) throw this.#error('no segment is stored', all[0]);
    const layout = this.#header(first);
    this.leads = leadsOf(layout);
    this.comments = [...header.comments, ...layout.comments];
    if (this.leads.length === 0 || this.leads.length !== header.signalCount) {
      throw this.#error(
        `${header.signalCount} signals announced, ${shown(first.name)} describes ${this.leads.length}`,
        first,
      );
    }
  }

  annotations(): readonly Annotation[] {
    return [];
  }

  read(lead: number, start: number, end: number): Float64Array {
    checkRange(this, lead, start, end);
    const { samplesPerFrame } = this.leads[lead];
    return wholeFrames(samplesPerFrame, start, end, (from, to) => {
      const values = new Float64Array((to - from) * samplesPerFrame).fill(NaN);
      this.#visit(lead, from, to, (at, samples, info) =>
        values.set(physical(samples, info), at * samplesPerFrame),
      );
      return values;
    });
  }

  /** Segments are scaled as they were recorded, so only a fixed layout has integers of one scale. */
  get digital(): Recording['digital'] {
    if (this.#variable) return undefined;
    return (lead, start, end) => {
      checkRange(this, lead, start, end);
      const { samplesPerFrame, gain, baseline, name } = this.leads[lead];
      return wholeFrames(samplesPerFrame, start, end, (from, to) => {
        const values = new Int32Array((to - from) * samplesPerFrame).fill(missingSample);
        this.#visit(lead, from, to, (at, samples, info) => {
          if (info.gain !== gain || info.baseline !== baseline) {
            throw new UserError(`the segments have ${shown(name)} with different gains`, {
              file: this.#headerFile,
              record: this.name,
            });
          }
          values.set(samples, at * samplesPerFrame);
        });
        return values;
      });
    };
  }

  checksum(lead: number): Checksum {
    let result: Checksum = 'absent';
    for (let s = 0; s < this.#lines.length; s++) {
      if (this.segments[s].name === '') continue;
      const { files, signals } = this.#segment(s);
      if (signals[lead] < 0) continue;
      const one = files.checksum(signals[lead]);
      if (one === 'mismatch') return one;
      if (one === 'match') result = one;
    }
    return result;
  }

  close(): void {
    for (const { files } of this.#open.values()) files.close();
    this.#open.clear();
  }

  /** Whatever is stored of a lead's frames `from` up to `to`: where it begins behind `from`, samples, and their scale. */
  #visit(
    lead: number,
    from: number,
    to: number,
    put: (at: number, samples: Int32Array, info: LeadInfo) => void,
  ): void {
    for (let s = this.#segmentAt(from); s < this.segments.length && this.segments[s].start < to; s++) {
      const { name, start, frames } = this.segments[s];
      const [first, last] = [Math.max(from, start), Math.min(to, start + frames)];
      if (name === '' || first >= last) continue;
      const { files, leads, signals } = this.#segment(s);
      if (signals[lead] < 0) continue;
      put(first - from, files.read(signals[lead], first - start, last - start), leads[signals[lead]]);
    }
  }

  /** The last segment that begins at or before a frame. */
  #segmentAt(frame: number): number {
    let [low, high] = [0, this.segments.length - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (this.segments[middle].start <= frame) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  #segment(index: number): OpenSegment {
    const known = this.#open.get(index);
    if (known) {
      // The longest unused one is the first of the map.
      this.#open.delete(index);
      this.#open.set(index, known);
      return known;
    }
    if (this.#open.size >= openAtOnce) {
      const [oldest, { files }] = this.#open.entries().next().value as [number, OpenSegment];
      files.close();
      this.#open.delete(oldest);
    }
    const opened = this.#openSegment(this.#lines[index]);
    this.#open.set(index, opened);
    return opened;
  }

  #openSegment(line: WfdbSegment): OpenSegment {
    const header = this.#header(line);
    if (header.frames !== undefined && header.frames !== line.frames) {
      throw this.#error(
        `${line.frames} samples announced, the segment's own header says ${header.frames}`,
        line,
      );
    }
    const leads = leadsOf(header);
    const signals = this.leads.map((lead, i) =>
      this.#variable ? leads.findIndex(({ name }) => name === lead.name) : i,
    );
    for (const [i, s] of signals.entries()) {
      if (s < 0) continue;
      if (s >= leads.length)
        throw this.#error(`it has ${leads.length} signals, the record ${this.leads.length}`, line);
      if (leads[s].samplesPerFrame !== this.leads[i].samplesPerFrame) {
        throw this.#error(
          `its ${shown(leads[s].name)} has another number of samples per frame than the record's`,
          line,
        );
      }
    }
    const file = `${this.#source.location}/${this.#folder}${line.name}.hea`;
    const whole = { ...header, frames: line.frames };
    return { files: new WfdbSegmentFiles(this.#source, this.#folder, whole, file), leads, signals };
  }

  #header(line: WfdbSegment): WfdbHeader {
    const unsafe = unsafeName(line.name);
    if (unsafe !== undefined) throw this.#error(`its name ${unsafe}`, line);
    const { header } = readHeader(this.#source, this.#folder + line.name);
    if (header.segments) throw this.#error('it has segments itself', line);
    if (header.rate !== this.rate) {
      throw this.#error(`it has ${header.rate} Hz, the record ${this.rate} Hz`, line);
    }
    return header;
  }

  #error(what: string, { name, line }: WfdbSegment): UserError {
    return new UserError(`segment ${shown(name)}: ${what}`, {
      file: this.#headerFile,
      line,
      record: this.name,
    });
  }
}
