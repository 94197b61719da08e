import { UserError } from '../common/errors.ts';
import { sha256 } from '../common/files.ts';
import { yieldToEventLoop, type JobContext } from '../common/job.ts';
import { readMillivolts } from '../recording/millivolts.ts';
import { openRecordingIn } from '../recording/open-recording.ts';
import type { Recording } from '../recording/recording.ts';
import { hashRecording, type RecordingHashes } from './content-hash.ts';
import { listDatasetRecords, type ListedRecord, type OpenSource, type RecordList } from './index-records.ts';
import { findLead } from './lead.ts';
import { requireNoLeakage } from './leakage.ts';
import { loadDatasetSpec } from './load-spec.ts';
import type { DatasetSpec, SplitName } from './spec.ts';
import { splitRecords } from './split.ts';

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

type PlacedRecord = Omit<DatasetRecord, 'split'> & { split: SplitName | undefined; signalHash: string };

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
    this.location = locationOf(spec);
    this.records = placed.filter((r): r is PlacedRecord & { split: SplitName } => r.split !== undefined);
    this.fingerprint = sha256(this.records.map((r) => `${r.id},${r.label},${r.contentHash}\n`).join(''));
    this.synthetic = list.sources.some(isSynthetic);
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
    const listed = this.#of(record);
    const recording = this.#recording(listed);
    const place = { file: listed.source.spec.location, record: record.id };
    const lead = findLead(recording, listed.source.spec.lead, place);
    const { samplesPerFrame, name } = recording.leads[lead];
    const rate = recording.rate * samplesPerFrame;
    const { start, frames } = listed.excerpt ?? { start: 0, frames: recording.frames };
    const samples = readMillivolts(
      recording,
      lead,
      start * samplesPerFrame,
      (start + frames) * samplesPerFrame,
    );
    if (!listed.excerpt && recording.checksum(lead) === 'mismatch') {
      throw new UserError(
        `the checksum of ${name} does not match the header’s`,
        place,
        'Header and signal do not belong together, or the file is damaged.',
      );
    }
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

/** An empty file of this name in a dataset's folder says that its recordings are synthetic. */
export const syntheticMarker = 'SYNTHETIC';

export function isSynthetic({ archive }: OpenSource): boolean {
  return archive.names().some((name) => name === syntheticMarker || name.endsWith(`/${syntheticMarker}`));
}

function locationOf({ sources }: DatasetSpec): string {
  return sources[0].location;
}

/** Index a dataset file, zip or folder: labels, content hashes, duplicates, split. */
export async function openDataset(location: string, context: JobContext): Promise<Dataset> {
  return openDatasetSpec(await loadDatasetSpec(location), context);
}

/** Throws a UserError where something cannot be read, has no class, or leaks from one split into another. */
export async function openDatasetSpec(spec: DatasetSpec, context: JobContext): Promise<Dataset> {
  const list = await listDatasetRecords(spec, context);
  try {
    const hashed = await hashRecords(spec, list.records, context);
    const splits = splitRecords(hashed, spec.split, locationOf(spec));
    requireNoLeakage(hashed, splits, spec.split, locationOf(spec));
    const placed = hashed.map(({ ownSplit: _, ...record }) => ({ ...record, split: splits.get(record.id) }));
    return new Dataset(spec, placed, list);
  } catch (error) {
    list.close();
    throw error;
  }
}

/** Each recording is hashed once, however many excerpts it has. */
async function hashRecords(spec: DatasetSpec, records: readonly ListedRecord[], context: JobContext) {
  const known = new Map<OpenSource, Map<string, RecordingHashes>>();
  const hashesOf = ({ source, recording }: ListedRecord): RecordingHashes => {
    const ofSource = known.get(source) ?? new Map<string, RecordingHashes>();
    known.set(source, ofSource);
    const hashes = ofSource.get(recording) ?? hashRecording(source.archive, recording, source.spec.facts);
    ofSource.set(recording, hashes);
    return hashes;
  };
  const hashed = [];
  for (const [i, record] of records.entries()) {
    if (i % 200 === 0) {
      context.cancellation.throwIfRequested();
      context.progress({ stage: `indexing ${spec.name}`, done: i, total: records.length, unit: 'records' });
      await yieldToEventLoop();
    }
    const { id, label, excerpt, split } = record;
    const { content, signal } = hashesOf(record);
    hashed.push({
      id,
      label,
      contentHash: excerpt ? sha256(`${content} ${excerpt.start} ${excerpt.frames}`) : content,
      signalHash: signal,
      patient: patientOf(record),
      ownSplit: split,
    });
  }
  return hashed;
}

/** Patients of one source are nobody of another. */
function patientOf({ patient, source }: ListedRecord): string | undefined {
  if (patient === undefined || source.spec.name === undefined) return patient;
  return `${source.spec.name}/${patient}`;
}

/** Excerpts of one recording are no duplicates of each other: recordings are compared. */
function duplicatesOf(records: readonly PlacedRecord[]): string[][] {
  const sets = new Map<string, Set<string>>();
  for (const { id, signalHash } of records) {
    const recordings = sets.get(signalHash) ?? new Set();
    sets.set(signalHash, recordings.add(id.replace(/@\d+$/, '')));
  }
  return [...sets.values()].filter(({ size }) => size > 1).map((recordings) => [...recordings]);
}
