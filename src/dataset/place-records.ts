import { sha256 } from '../common/files.ts';
import type { JobContext } from '../common/job.ts';
import { hashRecording, type RecordingHashes } from './content-hash.ts';
import { HashCache } from './hash-cache.ts';
import type { ListedRecord, OpenSource, RecordList } from './index-records.ts';
import { requireNoLeakage } from './leakage.ts';
import { overRecords } from './recipes/reporting.ts';
import type { DatasetSpec, SplitName } from './spec.ts';
import { splitRecords } from './split.ts';

/** A listed record with what its content says: its hashes, and so its split. */
export interface PlacedRecord {
  id: string;
  label: string;
  /** undefined: the dataset's own split leaves it out. */
  split: SplitName | undefined;
  /** Of header, signal and excerpt. */
  contentHash: string;
  /** Of the whole recording's samples. */
  signalHash: string;
  patient: string | undefined;
}

/** Open and hash what was not hashed before. Throws a UserError where a recording cannot be read, or something leaks. */
export async function placeRecords(
  spec: DatasetSpec,
  list: RecordList,
  context: JobContext,
): Promise<PlacedRecord[]> {
  const hashes = new HashesOfSources(list);
  const found: RecordingHashes[] = [];
  await overRecords(list.records, `indexing ${spec.name}`, context, (record) => {
    found.push(hashes.known(record) ?? hashes.compute(record));
  });
  hashes.save((line) => context.log(line));
  return place(spec, list, found);
}

/** The same where every recording was hashed before; else undefined, and nothing is opened. */
export function placeKnownRecords(spec: DatasetSpec, list: RecordList): PlacedRecord[] | undefined {
  const hashes = new HashesOfSources(list);
  const found = list.records.map((record) => hashes.known(record));
  return found.every((one) => one !== undefined) ? place(spec, list, found) : undefined;
}

/** Hashes by recording: it is hashed once, however many excerpts it has. */
class HashesOfSources {
  readonly #caches: ReadonlyMap<OpenSource, HashCache>;
  readonly #known = new Map<OpenSource, Map<string, RecordingHashes>>();

  constructor({ sources }: RecordList) {
    this.#caches = new Map(sources.map((source) => [source, new HashCache(source.archive)]));
    for (const source of sources) this.#known.set(source, new Map());
  }

  known({ source, recording }: ListedRecord): RecordingHashes | undefined {
    const known = this.#known.get(source)?.get(recording);
    if (known) return known;
    const cached = this.#caches.get(source)?.get(recording);
    if (cached) this.#known.get(source)?.set(recording, cached);
    return cached;
  }

  compute({ source, recording }: ListedRecord): RecordingHashes {
    const { files, ...hashes } = hashRecording(source.archive, recording, source.spec.facts);
    this.#known.get(source)?.set(recording, hashes);
    this.#caches.get(source)?.set(recording, files, hashes);
    return hashes;
  }

  save(log: (line: string) => void): void {
    for (const cache of this.#caches.values()) cache.save(log);
  }
}

function place(
  spec: DatasetSpec,
  { records }: RecordList,
  hashes: readonly RecordingHashes[],
): PlacedRecord[] {
  const { location } = spec.sources[0];
  const hashed = records.map((record, i) => {
    const { id, label, excerpt, split } = record;
    const { content, signal } = hashes[i];
    return {
      id,
      label,
      contentHash: excerpt ? sha256(`${content} ${excerpt.start} ${excerpt.frames}`) : content,
      signalHash: signal,
      patient: patientOf(record),
      ownSplit: split,
    };
  });
  const splits = splitRecords(hashed, spec.split, location);
  requireNoLeakage(hashed, splits, spec.split, location);
  return hashed.map(({ ownSplit: _, ...record }) => ({ ...record, split: splits.get(record.id) }));
}

/** Patients of one source are nobody of another. */
function patientOf({ patient, source }: ListedRecord): string | undefined {
  if (patient === undefined || source.spec.name === undefined) return patient;
  return `${source.spec.name}/${patient}`;
}

/** Sets of recordings with exactly the same signal. Excerpts of one recording are no duplicates of each other. */
export function duplicatesOf(records: readonly PlacedRecord[]): string[][] {
  const sets = new Map<string, Set<string>>();
  for (const { id, signalHash } of records) {
    const recordings = sets.get(signalHash) ?? new Set();
    sets.set(signalHash, recordings.add(id.replace(/@\d+$/, '')));
  }
  return [...sets.values()].filter(({ size }) => size > 1).map((recordings) => [...recordings]);
}
