import * as fs from 'node:fs';
import * as path from 'node:path';
import { describeError, UserError } from '../common/errors.ts';
import { silentContext } from '../common/job.ts';
import { LruCache } from '../common/lru-cache.ts';
import { isDatasetFile, readDatasetFile } from '../dataset/dataset-file.ts';
import { listDatasetRecords, type ListedRecord, type RecordList } from '../dataset/index-records.ts';
import { findLead } from '../dataset/lead.ts';
import { loadDatasetSpec } from '../dataset/load-spec.ts';
import { DeviceInput } from '../quantization/device-input.ts';
import { probabilities } from '../quantization/integer-network.ts';
import { IntegerRuntime } from '../quantization/runtime.ts';
import { annotationsOf } from '../recording/annotations/annotations-of.ts';
import type { Facts } from '../recording/facts.ts';
import type { FileSource } from '../recording/file-source.ts';
import { FolderSource } from '../recording/folder-source.ts';
import { readMillivolts } from '../recording/millivolts.ts';
import { openRecordingIn } from '../recording/open-recording.ts';
import type { Recording } from '../recording/recording.ts';
import { openTrained } from '../training/weights-file.ts';
import { integerNetworkOf } from './evaluate.ts';
import { envelopeBucket, ViewedRecording, type ViewedLead } from './viewed-recording.ts';

/** A record of a dataset (file, zip or folder), or a file that is a recording by itself. */
export type RecordInputs = { data: string; record: string } | { file: string; facts?: Facts };

export type SampleInputs = RecordInputs & {
  /** First sample and how many, of every lead. */
  start: number;
  count: number;
};

export type EnvelopeInputs = RecordInputs & {
  /** First bucket of `envelopeBucket` samples and how many, of every lead. */
  start: number;
  count: number;
};

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

/** What a run's integer network, as deployed, says after each window of a record. */
export interface WindowProbabilities {
  network: string;
  classes: string[];
  /** Seconds of a window, from one window's start to the next. */
  window: number;
  hop: number;
  /** s at which the first window begins. */
  start: number;
  /** [windows][classes]. */
  probabilities: Float32Array;
}

interface KeptRecord {
  view: ViewedRecording;
  opened: OpenedRecord;
}

/** A viewer asks for the same records again and again, and for records of the same datasets. */
const records = new LruCache<KeptRecord>(8, ({ view }) => view.recording.close());
const lists = new LruCache<RecordList>(2, (list) => list.close());
/** More are too many to draw or to read; the first are shown. */
const mostAnnotations = 200_000;

export async function openRecord(inputs: RecordInputs): Promise<OpenedRecord> {
  return (await kept(inputs)).opened;
}

/** Samples of each lead as drawn; a missing one is NaN. Ranges are cut to the record. */
export async function readSamples(inputs: SampleInputs): Promise<Float32Array[]> {
  const { view } = await kept(inputs);
  return view.samples(...cut(inputs, view.sampleCount));
}

/** Smallest and largest sample of each bucket: [lead][2 × buckets]. Ranges are cut to the record. */
export async function readEnvelope(inputs: EnvelopeInputs): Promise<Float32Array[]> {
  const { view } = await kept(inputs);
  return view.envelope(...cut(inputs, Math.ceil(view.sampleCount / envelopeBucket)));
}

function cut({ start, count }: { start: number; count: number }, length: number): [number, number] {
  const from = Math.min(length, Math.max(0, start));
  return [from, Math.max(from, Math.min(length, start + count))];
}

/** Throws a UserError where the run has no deployable network, or the record has gaps or no such lead. */
export async function windowProbabilities(
  inputs: RecordInputs & { run: string },
): Promise<WindowProbabilities> {
  const { view, opened } = await kept(inputs);
  const { recording } = view;
  const trained = openTrained(inputs.run);
  const { network, origin } = trained;
  const { samplesPerFrame } = recording.leads[opened.lead];
  const rate = recording.rate * samplesPerFrame;
  const { start, end } = opened.excerpt ?? { start: 0, end: recording.frames / recording.rate };
  const samples = readMillivolts(recording, opened.lead, Math.round(start * rate), Math.round(end * rate));
  const missing = samples.findIndex((v) => !Number.isFinite(v));
  if (missing >= 0) {
    throw new UserError(`sample ${missing} is missing: a network cannot read over a gap`, {
      record: opened.name,
    });
  }
  const integer = integerNetworkOf(trained);
  const device = await DeviceInput.create(network, origin.scale);
  const windows = device.windows(samples, rate);
  const classes = network.classes.length;
  const result = new Float32Array(windows.length * classes);
  const runtime = await IntegerRuntime.create(integer);
  try {
    const { resetEvery } = network.target;
    windows.forEach((window, w) => {
      if (w === 0 || (resetEvery !== undefined && w % resetEvery === 0)) runtime.reset();
      result.set(probabilities(integer, runtime.runWindow(window).logits), w * classes);
    });
  } finally {
    runtime.close();
  }
  const { rate: modelRate, window, hop } = network.input;
  return {
    network: network.name,
    classes: [...network.classes],
    window: window / modelRate,
    hop: hop / modelRate,
    start,
    probabilities: result,
  };
}

async function kept(inputs: RecordInputs): Promise<KeptRecord> {
  const key = 'file' in inputs ? fileKey(inputs) : `${datasetKey(inputs.data)}\n${inputs.record}`;
  const known = records.get(key);
  if (known) return known;
  const record = 'file' in inputs ? fromFile(inputs) : await fromDataset(inputs);
  records.set(key, record);
  return record;
}

// Dataset files are edited and recordings located anew while the process lives: keys change with the files.

function fileKey({ file, facts }: { file: string; facts?: Facts }): string {
  const stem = file.replace(/\.hea$/, '');
  const stamps = [file, `${stem}.mat`, `${stem}.dat`, `${stem}.atr`].map(stamp);
  return [...stamps, facts?.rate, facts?.units].join('\n');
}

function datasetKey(data: string): string {
  const locations = isDatasetFile(data) ? readDatasetFile(data).sources.map(({ location }) => location) : [];
  return [data, ...locations].map(stamp).join('\n');
}

function stamp(file: string): string {
  const stat = fs.statSync(file, { throwIfNoEntry: false });
  return `${file} ${stat?.mtimeMs} ${stat?.size}`;
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

/** A record of a dataset by its id. Throws a UserError where there is none. */
export async function findRecord(data: string, record: string): Promise<ListedRecord> {
  const key = datasetKey(data);
  let list = lists.get(key);
  if (!list) {
    list = await listDatasetRecords(await loadDatasetSpec(data), silentContext(), true);
    lists.set(key, list);
  }
  const found = [...list.records, ...list.excluded].find(({ id }) => id === record);
  if (found) return found;
  const { location } = list.sources[0].archive;
  throw new UserError('the dataset has no such record', { file: location, record }, 'Refresh the datasets.');
}

/** Where a record lies. */
export interface RecordFile {
  /** The zip or folder. */
  archive: string;
  /** undefined: inside the zip. */
  file: string | undefined;
}

export async function recordFile(inputs: { data: string; record: string }): Promise<RecordFile> {
  const { source, recording } = await findRecord(inputs.data, inputs.record);
  const { location } = source.archive;
  const isFolder = fs.statSync(location).isDirectory();
  return { archive: location, file: isFolder ? path.join(location, recording) : undefined };
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
