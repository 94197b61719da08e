import { UserError } from '../common/errors.ts';
import { sha256 } from '../common/files.ts';
import { yieldToEventLoop, type JobContext } from '../common/job.ts';
import { openArchive, type Archive } from '../recording/file-source.ts';
import { readWfdbRecord } from '../recording/wfdb.ts';
import { readChallengeFolder } from './challenge-folder.ts';
import { loadDatasetSpec, type DatasetSpec } from './dataset-file.ts';
import { splitRecords, type SplitName } from './split.ts';

export interface DatasetRecord {
  id: string;
  /** Class after the label map. */
  label: string;
  split: SplitName;
  /** SHA-256 of header and signal file: key of the cache and of duplicates. */
  contentHash: string;
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
  readonly records: readonly DatasetRecord[];
  /** SHA-256 over all ids, labels and contents. */
  readonly fingerprint: string;
  /** Made by the synthetic generator: results must say so. */
  readonly synthetic: boolean;
  readonly #archive: Archive;
  readonly #folder: string;

  constructor(spec: DatasetSpec, records: readonly DatasetRecord[], archive: Archive, folder: string) {
    this.spec = spec;
    this.records = records;
    this.fingerprint = sha256(records.map((r) => `${r.id},${r.label},${r.contentHash}\n`).join(''));
    this.synthetic = archive.has(`${folder}${syntheticMarker}`);
    this.#archive = archive;
    this.#folder = folder;
  }

  /** Read the record's lead in millivolts. A sample that is not a number is an error that names record and time. */
  read(record: DatasetRecord): SingleLead {
    const { leads, rate } = readWfdbRecord(this.#archive, this.#folder, record.id);
    const lead = leads[this.spec.lead];
    const place = { file: this.spec.location, record: record.id };
    if (!lead)
      throw new UserError(`there is no lead ${this.spec.lead}, the record has ${leads.length}`, place);
    const missing = lead.samples.findIndex((v) => !Number.isFinite(v));
    if (missing >= 0) {
      throw new UserError(
        `sample ${missing} (at ${(missing / rate).toFixed(3)} s) is not a number`,
        place,
        'Take the record out of the labels, or cut the recording before the gap.',
      );
    }
    if (lead.samples.length === 0) throw new UserError('the record has no samples', place);
    return { rate, samples: lead.samples };
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

  /** Sets of records with the same content. */
  duplicates(): string[][] {
    const sets = new Map<string, string[]>();
    for (const { id, contentHash } of this.records)
      sets.set(contentHash, [...(sets.get(contentHash) ?? []), id]);
    return [...sets.values()].filter((ids) => ids.length > 1);
  }

  close(): void {
    this.#archive.close();
  }
}

/** An empty file of this name in a dataset's folder says that its recordings are synthetic. */
export const syntheticMarker = 'SYNTHETIC';

/** Index a dataset file, zip or folder: labels, content hashes, duplicates, split. */
export async function openDataset(location: string, context: JobContext): Promise<Dataset> {
  return openDatasetSpec(loadDatasetSpec(location), context);
}

export async function openDatasetSpec(spec: DatasetSpec, context: JobContext): Promise<Dataset> {
  const archive = await openArchive(spec.location);
  try {
    const { folder, labelsFile, records } = readChallengeFolder(archive, spec.labelsFile);
    const hashed: Omit<DatasetRecord, 'split'>[] = [];
    for (const [i, { id, label, line }] of records.entries()) {
      if (i % 200 === 0) {
        context.cancellation.throwIfRequested();
        context.progress({ stage: `indexing ${spec.name}`, done: i, total: records.length, unit: 'records' });
        await yieldToEventLoop();
      }
      const mapped = spec.labelMap ? spec.labelMap.get(label) : label;
      if (mapped === undefined) {
        throw new UserError(
          `the label \`${label}\` is not in the label map (${[...(spec.labelMap?.keys() ?? [])].join(', ')})`,
          { file: `${spec.location}/${labelsFile}`, line, record: id },
          'Add it to `labels.map` of the dataset file.',
        );
      }
      hashed.push({ id, label: mapped, contentHash: contentHash(archive, folder, id) });
    }
    const split = splitRecords(hashed, spec.split);
    const complete = hashed.map((r) => ({ ...r, split: split.get(r.id) ?? 'train' }));
    return new Dataset(spec, complete, archive, folder);
  } catch (error) {
    archive.close();
    throw error;
  }
}

/** The header's own name of the record differs between exact duplicates, so only what follows it counts. */
function contentHash(archive: Archive, folder: string, id: string): string {
  const header = Buffer.from(archive.read(`${folder}${id}.hea`)).toString('latin1');
  const signal = archive.has(`${folder}${id}.mat`) ? `${folder}${id}.mat` : `${folder}${id}.dat`;
  return sha256(meaningfulHeader(header, id), archive.read(signal));
}

/** Rate, sizes and signal lines; not the names, the time and the date of the recording. */
function meaningfulHeader(header: string, id: string): string {
  const [record = '', ...rest] = header.split(/\r?\n/).filter((line) => line !== '' && !line.startsWith('#'));
  return [record.trim().split(/\s+/).slice(1, 4).join(' '), ...rest].join('\n').replaceAll(id, '*');
}
