import { UserError } from '../../common/errors.ts';
import type { Annotation } from '../annotation.ts';
import type { FileSource } from '../file-source.ts';
import {
  checkRange,
  physical,
  type Checksum,
  type LeadInfo,
  type Recording,
  type Segment,
  wholeFrames,
} from '../recording.ts';
import { isStored, type WfdbHeader } from './header.ts';
import { MultiSegmentRecord } from './multi-segment.ts';
import { leadsOf, readHeader } from './read-header.ts';
import { WfdbSegmentFiles } from './segment.ts';

/**
 * Open a WFDB record, of one segment or several, in any storage format. `name` is that of its header in the source without
 * `.hea`, with the folders before it. Throws a UserError that names file, line and field.
 */
export function openWfdb(source: FileSource, name: string): Recording {
  const folder = name.slice(0, name.lastIndexOf('/') + 1);
  const { header, file } = readHeader(source, name);
  if (header.segments) return new MultiSegmentRecord(source, folder, header, file);
  requireSignals(header, file);
  return new SingleSegmentRecord(header, new WfdbSegmentFiles(source, folder, header, file));
}

function requireSignals(header: WfdbHeader, file: string): void {
  if (header.signals.length === 0)
    throw new UserError('the record has no signals', { file, record: header.name });
  // The layout of a record of several segments, which has no length, may be looked at by itself.
  if (header.frames !== undefined && !header.signals.some(isStored)) {
    throw new UserError(
      `${header.frames} samples announced, and none of its signals is stored`,
      { file, line: header.signals[0].line, record: header.name },
      'Get the record with its signal files.',
    );
  }
}

class SingleSegmentRecord implements Recording {
  readonly format = 'WFDB';
  readonly name: string;
  readonly rate: number;
  readonly frames: number;
  readonly leads: readonly LeadInfo[];
  readonly segments: readonly Segment[];
  readonly comments: readonly string[];
  readonly #files: WfdbSegmentFiles;

  constructor(header: WfdbHeader, files: WfdbSegmentFiles) {
    this.name = header.name;
    this.rate = header.rate;
    this.frames = files.frames;
    this.leads = leadsOf(header);
    this.segments = [{ name: header.name, start: 0, frames: files.frames }];
    this.comments = header.comments;
    this.#files = files;
  }

  annotations(): readonly Annotation[] {
    return [];
  }

  read(lead: number, start: number, end: number): Float64Array {
    return physical(this.digital(lead, start, end), this.leads[lead]);
  }

  readonly digital = (lead: number, start: number, end: number): Int32Array => {
    checkRange(this, lead, start, end);
    return wholeFrames(this.leads[lead].samplesPerFrame, start, end, (from, to) =>
      this.#files.read(lead, from, to),
    );
  };

  checksum(lead: number): Checksum {
    return this.#files.checksum(lead);
  }

  close(): void {
    this.#files.close();
  }
}
