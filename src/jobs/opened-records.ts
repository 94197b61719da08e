import * as path from 'node:path';
import { describeError, UserError } from '../common/errors.ts';
import { LruCache } from '../common/lru-cache.ts';
import { findLead } from '../dataset/lead.ts';
import { annotationsOf } from '../recording/annotations/annotations-of.ts';
import type { Facts } from '../recording/facts.ts';
import type { FileSource } from '../recording/file-source.ts';
import { FolderSource } from '../recording/folder-source.ts';
import { openRecordingIn } from '../recording/open-recording.ts';
import type { Recording } from '../recording/recording.ts';
import { datasetKey, findRecord, stamp } from './find-record.ts';
import { envelopeBucket, ViewedRecording, type ViewedLead } from './viewed-recording.ts';

/** A record of a dataset (file, zip or folder), or a file that is a recording by itself. */
export type RecordInputs = { data: string; record: string } | { file: string; facts?: Facts };

export interface OpenedRecord {
  name: string;
  /** Hz, of the fastest lead; the samples of others are repeated. */
  rate: number;
  sampleCount: number;
  leads: readonly ViewedLead[];
  /** Label in the dataset, where it came from one. */
  label: string | undefined;
  synthetic: boolean;
  /** Lead that networks read. */
  lead: number;
  /** s, where the record is a part of the recording. */
  excerpt: { start: number; end: number } | undefined;
  annotations: readonly ShownAnnotation[];
  /** Why the annotations beside the recording cannot be shown. */
  annotationsError: string | undefined;
  /** Samples that a pair of an envelope stands for. */
  envelopeBucket: number;
}

export interface ShownAnnotation {
  /** s. */
  time: number;
  /** `N`, `V`, `+` … */
  symbol: string;
  text: string;
}

export interface KeptRecord {
  view: ViewedRecording;
  opened: OpenedRecord;
}

/** A viewer asks for the same records again and again. */
const records = new LruCache<KeptRecord>(8, ({ view }) => view.recording.close());
/** More are too many to draw or to read; the first are shown. */
const mostAnnotations = 200_000;

/** A record, opened or still open. It is closed when others were asked for since; nobody keeps it. */
export async function openedRecord(inputs: RecordInputs): Promise<KeptRecord> {
  const key = 'file' in inputs ? fileKey(inputs) : `${datasetKey(inputs.data)}\n${inputs.record}`;
  const known = records.get(key);
  if (known) return known;
  const record = 'file' in inputs ? fromFile(inputs) : await fromDataset(inputs);
  records.set(key, record);
  return record;
}

function fileKey({ file, facts }: { file: string; facts?: Facts }): string {
  const stem = file.replace(/\.hea$/, '');
  const stamps = [file, `${stem}.mat`, `${stem}.dat`, `${stem}.atr`].map(stamp);
  return [...stamps, facts?.rate, facts?.units].join('\n');
}

function fromFile({ file, facts }: { file: string; facts?: Facts }): KeptRecord {
  const source = new FolderSource(path.dirname(file));
  const name = path.basename(file);
  const recording = openRecordingIn(source, name, facts);
  return describe(recording, source, name, {
    name: recording.name,
    label: undefined,
    synthetic: false,
    lead: 0,
    excerpt: undefined,
  });
}

async function fromDataset({ data, record }: { data: string; record: string }): Promise<KeptRecord> {
  const { source, recording: name, label, excerpt } = await findRecord(data, record);
  const recording = openRecordingIn(source.archive, name, source.spec.facts);
  try {
    const { rate } = recording;
    return describe(recording, source.archive, name, {
      name: record,
      label,
      synthetic: source.synthetic,
      lead: findLead(recording, source.spec.lead, { file: source.archive.location, record }),
      excerpt: excerpt && {
        start: excerpt.start / rate,
        end: (excerpt.start + excerpt.frames) / rate,
      },
    });
  } catch (error) {
    recording.close();
    throw error;
  }
}

function describe(
  recording: Recording,
  source: FileSource,
  file: string,
  about: Pick<OpenedRecord, 'name' | 'label' | 'synthetic' | 'lead' | 'excerpt'>,
): KeptRecord {
  const view = new ViewedRecording(recording);
  const { rate, sampleCount, leads } = view;
  const shown = { rate, sampleCount, leads, envelopeBucket, ...shownAnnotations(recording, source, file) };
  return { view, opened: { ...about, ...shown } };
}

/** A recording can be looked at whatever is wrong with what somebody has said of it. */
function shownAnnotations(
  recording: Recording,
  source: FileSource,
  file: string,
): Pick<OpenedRecord, 'annotations' | 'annotationsError'> {
  try {
    const annotations = annotationsOf(recording, source, file)
      .slice(0, mostAnnotations)
      .map(({ sample, symbol, text }) => ({ time: sample / recording.rate, symbol, text }));
    return { annotations, annotationsError: undefined };
  } catch (error) {
    if (error instanceof UserError) return { annotations: [], annotationsError: describeError(error) };
    throw error;
  }
}
