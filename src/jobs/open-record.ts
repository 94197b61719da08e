import * as fs from 'node:fs';
import * as path from 'node:path';
import { UserError } from '../common/errors.ts';
import { LruCache } from '../common/lru-cache.ts';
import { readChallengeFolder } from '../dataset/challenge-folder.ts';
import { syntheticMarker } from '../dataset/dataset.ts';
import { loadDatasetSpec } from '../dataset/dataset-file.ts';
import { DeviceInput } from '../quantization/device-input.ts';
import { probabilities } from '../quantization/integer-network.ts';
import { IntegerRuntime } from '../quantization/runtime.ts';
import { openArchive, type Archive } from '../recording/file-source.ts';
import { readWfdbRecord, type ImportedRecording } from '../recording/wfdb.ts';
import { openTrained } from '../training/weights-file.ts';
import { integerNetworkOf } from './evaluate.ts';

/** A record of a dataset (file, zip or folder), or a header file by itself. */
export type RecordInputs = { data: string; record: string } | { header: string };

export type SampleInputs = RecordInputs & {
  /** First sample and how many, of every lead. */
  start: number;
  count: number;
};

export interface OpenedRecord {
  name: string;
  /** Hz. */
  rate: number;
  sampleCount: number;
  leads: { name: string; units: 'mV' }[];
  /** Label in the dataset, where it came from one. */
  label: string | undefined;
  synthetic: boolean;
  /** Lead that networks read. */
  lead: number;
}

/** What a run's integer network, as deployed, says after each window of a record. */
export interface WindowProbabilities {
  network: string;
  classes: string[];
  /** Seconds of a window, from one window's start to the next. */
  window: number;
  hop: number;
  /** [windows][classes]. */
  probabilities: Float32Array;
}

interface CachedRecord extends OpenedRecord {
  samples: Float32Array[];
}

/** A viewer asks for the same record again and again. */
const cache = new LruCache<CachedRecord>(8);

export async function openRecord(inputs: RecordInputs): Promise<OpenedRecord> {
  const { samples: _samples, ...opened } = await cached(inputs);
  return opened;
}

/** Samples of each lead in mV; a missing one is NaN. Ranges are cut to the record. */
export async function readSamples(inputs: SampleInputs): Promise<Float32Array[]> {
  const { samples } = await cached(inputs);
  const end = Math.max(0, inputs.start + inputs.count);
  return samples.map((lead) => lead.slice(Math.max(0, inputs.start), end));
}

/** Throws a UserError where the run has no deployable network, or the record has gaps or no such lead. */
export async function windowProbabilities(
  inputs: RecordInputs & { run: string },
): Promise<WindowProbabilities> {
  const record = await cached(inputs);
  const trained = openTrained(inputs.run);
  const { network, origin } = trained;
  const samples = record.samples[record.lead];
  const missing = samples.findIndex((v) => !Number.isFinite(v));
  if (missing >= 0) {
    throw new UserError(`sample ${missing} is missing: a network cannot read over a gap`, {
      record: record.name,
    });
  }
  const integer = integerNetworkOf(trained);
  const device = await DeviceInput.create(network, origin.scale);
  const windows = device.windows(samples, record.rate);
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
  const { rate, window, hop } = network.input;
  return {
    network: network.name,
    classes: [...network.classes],
    window: window / rate,
    hop: hop / rate,
    probabilities: result,
  };
}

async function cached(inputs: RecordInputs): Promise<CachedRecord> {
  const key = 'header' in inputs ? headerKey(inputs.header) : datasetKey(inputs);
  const known = cache.get(key);
  if (known) return known;
  const record = 'header' in inputs ? await fromHeader(inputs.header) : await fromDataset(inputs);
  cache.set(key, record);
  return record;
}

// Dataset files are edited and recordings located anew while the process lives: keys change with the files.

function headerKey(header: string): string {
  const stem = header.replace(/\.hea$/, '');
  return [header, `${stem}.mat`, `${stem}.dat`].map(stamp).join('\n');
}

function datasetKey({ data, record }: { data: string; record: string }): string {
  return [stamp(data), stamp(loadDatasetSpec(data).location), record].join('\n');
}

function stamp(file: string): string {
  const stat = fs.statSync(file, { throwIfNoEntry: false });
  return `${file} ${stat?.mtimeMs} ${stat?.size}`;
}

async function fromHeader(header: string): Promise<CachedRecord> {
  const archive = await openArchive(path.dirname(header));
  try {
    return describe(readWfdbRecord(archive, '', path.basename(header, '.hea')), 0, undefined, false);
  } finally {
    archive.close();
  }
}

async function fromDataset({ data, record }: { data: string; record: string }): Promise<CachedRecord> {
  const spec = loadDatasetSpec(data);
  const archive: Archive = await openArchive(spec.location);
  try {
    const { folder, records } = readChallengeFolder(archive, spec.labelsFile);
    const found = records.find(({ id }) => id === record);
    if (!found) {
      throw new UserError(
        'the dataset has no such record',
        { file: spec.location, record },
        'Refresh the datasets.',
      );
    }
    const label = spec.labelMap?.get(found.label) ?? found.label;
    const recording = readWfdbRecord(archive, folder, record);
    if (!recording.leads[spec.lead]) {
      throw new UserError(`there is no lead ${spec.lead}, the record has ${recording.leads.length}`, {
        file: spec.location,
        record,
      });
    }
    return describe(recording, spec.lead, label, archive.has(`${folder}${syntheticMarker}`));
  } finally {
    archive.close();
  }
}

function describe(
  { name, rate, leads }: ImportedRecording,
  lead: number,
  label: string | undefined,
  synthetic: boolean,
): CachedRecord {
  return {
    name,
    rate,
    sampleCount: leads[0].samples.length,
    leads: leads.map(({ name: leadName }) => ({ name: leadName, units: 'mV' })),
    label,
    synthetic,
    lead,
    samples: leads.map(({ samples }) => samples),
  };
}
