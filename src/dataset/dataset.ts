import { UserError, type ErrorPlace } from '../common/errors.ts';
import { sha256 } from '../common/files.ts';
import type { JobContext } from '../common/job.ts';
import { readMillivolts } from '../recording/millivolts.ts';
import { openRecordingIn } from '../recording/open-recording.ts';
import type { Recording } from '../recording/recording.ts';
import { listDatasetRecords, type ListedRecord, type OpenSource, type RecordList } from './index-records.ts';
import { findLead } from './lead.ts';
import { loadDatasetSpec } from './load-spec.ts';
import { duplicatesOf, placeRecords, type PlacedRecord } from './place-records.ts';
import type { DatasetSpec, SplitName } from './spec.ts';

export interface DatasetRecord {
  id: string;
  /** Class after the label map and corrections. */
  label: string;
  split: SplitName;
  /** SHA-256 of header and signal, and of the excerpt: key of the cache and of what weights were trained on. */
  contentHash: string;
  patient: string | undefined;
}

/** One lead of one record. */
export interface SingleLead {
  /** Hz. */
  rate: number;
  /** Millivolts. */
  samples: Float32Array;
}

/** A dataset whose records are indexed, labelled and split; signals are read on demand. */
export class Dataset {
  readonly spec: DatasetSpec;
  /** For messages: where the recordings are. */
  readonly location: string;
  readonly records: readonly DatasetRecord[];
  /** SHA-256 over all ids, labels and contents. */
  readonly fingerprint: string;
  /** Made by the synthetic generator: results must say so. */
  readonly synthetic: boolean;
  /** Sets of records with exactly the same signal. */
  readonly duplicates: readonly string[][];
  /** Records left out since no label of theirs is in the map. */
  readonly unmapped: number;
  readonly #list: RecordList;
  readonly #listed: ReadonlyMap<string, ListedRecord>;
  /** Excerpts of one recording follow each other. */
  #open: { source: OpenSource; name: string; recording: Recording } | undefined;

  constructor(spec: DatasetSpec, placed: readonly PlacedRecord[], list: RecordList) {
    this.spec = spec;
    this.location = spec.sources[0].location;
    this.records = placed.filter((r): r is PlacedRecord & { split: SplitName } => r.split !== undefined);
    this.fingerprint = sha256(this.records.map((r) => `${r.id},${r.label},${r.contentHash}\n`).join(''));
    this.synthetic = list.sources.some(({ synthetic }) => synthetic);
    this.duplicates = duplicatesOf(placed);
    this.unmapped = list.unmapped;
    this.#list = list;
    this.#listed = new Map(list.records.map((r) => [r.id, r]));
  }

  /** The lead that is read of a record, as the dataset file names it. */
  lead(record: DatasetRecord): number | string {
    return this.#of(record).source.spec.lead;
  }

  /**
   * Read the record's lead in millivolts. A sample that is not a number is an error that names record and time, and so is a
   * checksum that does not match.
   */
  read(record: DatasetRecord): SingleLead {
    const { rate, samples } = this.signal(record);
    const place = { file: this.#of(record).source.spec.location, record: record.id };
    const missing = samples.findIndex((v) => !Number.isFinite(v));
    if (missing >= 0) {
      throw new UserError(
        `sample ${missing} (at ${(missing / rate).toFixed(3)} s) is not a number`,
        place,
        'Leave the record out (`exclude` in the dataset file), or cut the recording before the gap.',
      );
    }
    if (samples.length === 0) throw new UserError('the record has no samples', place);
    return { rate, samples };
  }

  /** The same for looking: missing samples are NaN. */
  signal(record: DatasetRecord): SingleLead {
    const { excerpt } = this.#of(record);
    const { recording, lead, place } = this.recordingOf(record);
    const { samplesPerFrame, name } = recording.leads[lead];
    const rate = recording.rate * samplesPerFrame;
    const { start, frames } = excerpt ?? { start: 0, frames: recording.frames };
    const end = (start + frames) * samplesPerFrame;
    const samples = readMillivolts(recording, lead, start * samplesPerFrame, end);
    if (!excerpt && recording.checksum(lead) === 'mismatch') {
      throw new UserError(
        `the checksum of ${name} does not match the header’s`,
        place,
        'Header and signal do not belong together, or the file is damaged.',
      );
    }
    return { rate, samples };
  }

  /** Samples of the record's lead, and their rate in Hz, from the recording's header alone. */
  extent(record: DatasetRecord): { rate: number; length: number } {
    const { recording, lead } = this.recordingOf(record);
    const { samplesPerFrame } = recording.leads[lead];
    const frames = this.#of(record).excerpt?.frames ?? recording.frames;
    return { rate: recording.rate * samplesPerFrame, length: frames * samplesPerFrame };
  }

  /** The record's whole recording, which stays open until another is asked for, and the lead that is read of it. */
  recordingOf(record: DatasetRecord): { recording: Recording; lead: number; place: ErrorPlace } {
    const listed = this.#of(record);
    const place = { file: listed.source.spec.location, record: record.id };
    const recording = this.#recording(listed);
    const lead = findLead(recording, listed.source.spec.lead, place);
    return { recording, lead, place };
  }

  of(split: SplitName): DatasetRecord[] {
    return this.records.filter((r) => r.split === split);
  }

  /** Records of each class, in the classes' order of first appearance by name. */
  classCounts(records: readonly DatasetRecord[] = this.records): Map<string, number> {
    const counts = new Map<string, number>();
    for (const { label } of records) counts.set(label, (counts.get(label) ?? 0) + 1);
    return counts;
  }

  close(): void {
    this.#open?.recording.close();
    this.#open = undefined;
    this.#list.close();
  }

  #of({ id }: DatasetRecord): ListedRecord {
    const listed = this.#listed.get(id);
    if (!listed) throw new Error(`no record ${id} in ${this.location}`);
    return listed;
  }

  #recording({ source, recording: name }: ListedRecord): Recording {
    if (this.#open?.source === source && this.#open.name === name) return this.#open.recording;
    this.#open?.recording.close();
    this.#open = undefined;
    const recording = openRecordingIn(source.archive, name, source.spec.facts);
    this.#open = { source, name, recording };
    return recording;
  }
}

/** Index a dataset file, zip or folder: labels, content hashes, duplicates, split. */
export async function openDataset(location: string, context: JobContext): Promise<Dataset> {
  return openDatasetSpec(await loadDatasetSpec(location), context);
}

/** Throws a UserError where something cannot be read, has no class, or leaks from one split into another. */
export async function openDatasetSpec(spec: DatasetSpec, context: JobContext): Promise<Dataset> {
  const list = await listDatasetRecords(spec, context);
  try {
    const placed = await placeRecords(spec, list, context);
    return new Dataset(spec, placed, list);
  } catch (error) {
    list.close();
    throw error;
  }
}
