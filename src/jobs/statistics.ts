import { UserError } from '../common/errors.ts';
import { yieldToEventLoop, type JobContext } from '../common/job.ts';
import { openDataset, type Dataset, type DatasetRecord } from '../dataset/dataset.ts';
import { splitNames, type SplitName } from '../dataset/spec.ts';
import { readMillivolts } from '../recording/millivolts.ts';
import { leadLength } from '../recording/recording.ts';
import { LeadQualityMeter, type LeadQuality } from '../signal/quality/lead-quality.ts';
import { histogram, type Histogram } from './histogram.ts';

/** What a recording's lead is like. */
export interface MeasuredRecording extends LeadQuality {
  /** The first record of the dataset that is in it. */
  record: string;
  label: string;
  split: SplitName;
  /** Hz. */
  rate: number;
}

export interface ClassStatistics {
  label: string;
  records: number;
  splits: Record<SplitName, number>;
  /** s, of all its records. */
  seconds: number;
}

export interface DatasetStatistics {
  name: string;
  synthetic: boolean;
  records: number;
  /** Records may be excerpts: quality is that of the recordings that they are in. */
  recordings: number;
  classes: ClassStatistics[];
  /** s of a record, of those whose length is known. */
  durations: { total: number; shortest: number; median: number; longest: number; histogram: Histogram };
  /** Records of each rate, Hz. */
  rates: { rate: number; records: number }[];
  verdicts: Record<LeadQuality['verdict'], number>;
  /** All recordings, those to look at first before the others. */
  measured: MeasuredRecording[];
  /** Recordings that cannot be measured, and why. */
  unreadable: { record: string; reason: string }[];
  duplicates: readonly string[][];
}

/** Samples that are measured between two looks at whether to stop. */
const block = 1 << 18;

/** Measure all records of a dataset: durations, rates, classes, and the quality of each recording's lead. */
export async function statisticsJob(data: string, context: JobContext): Promise<DatasetStatistics> {
  const dataset = await openDataset(data, context);
  try {
    return await measure(dataset, context);
  } finally {
    dataset.close();
  }
}

async function measure(dataset: Dataset, context: JobContext): Promise<DatasetStatistics> {
  const measured = new Map<string, MeasuredRecording>();
  const unreadable = new Map<string, { record: string; reason: string }>();
  // undefined: not known.
  const seconds = new Array<number | undefined>(dataset.records.length).fill(undefined);
  const rates = new Map<number, number>();
  let last = 0;
  for (const [i, record] of dataset.records.entries()) {
    if (Date.now() - last > 100) {
      last = Date.now();
      context.cancellation.throwIfRequested();
      const { length: total } = dataset.records;
      context.progress({ stage: `measuring ${dataset.spec.name}`, done: i, total, unit: 'records' });
      await yieldToEventLoop();
    }
    // Of excerpts the recording counts, once.
    const key = record.id.replace(/@\d+$/, '');
    try {
      const { rate, length } = dataset.extent(record);
      seconds[i] = length / rate;
      rates.set(rate, (rates.get(rate) ?? 0) + 1);
      if (!measured.has(key) && !unreadable.has(key)) {
        measured.set(key, await measureRecording(dataset, record, context));
      }
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      unreadable.set(key, { record: record.id, reason: error.describe() });
    }
  }
  const list = [...measured.values()].sort((a, b) => b.concern - a.concern);
  const verdicts = { good: 0, fair: 0, poor: 0 };
  for (const { verdict } of list) verdicts[verdict]++;
  return {
    name: dataset.spec.name,
    synthetic: dataset.synthetic,
    records: dataset.records.length,
    recordings: measured.size + unreadable.size,
    classes: classStatistics(dataset.records, seconds),
    durations: durationsOf(seconds.filter((one) => one !== undefined)),
    rates: [...rates].sort((a, b) => b[1] - a[1]).map(([rate, records]) => ({ rate, records })),
    verdicts,
    measured: list,
    unreadable: [...unreadable.values()],
    duplicates: dataset.duplicates,
  };
}

async function measureRecording(
  dataset: Dataset,
  record: DatasetRecord,
  context: JobContext,
): Promise<MeasuredRecording> {
  const { recording, lead } = dataset.recordingOf(record);
  const rate = recording.rate * recording.leads[lead].samplesPerFrame;
  const length = leadLength(recording, lead);
  const meter = new LeadQualityMeter(rate);
  for (let start = 0; start < length; start += block) {
    meter.push(readMillivolts(recording, lead, start, Math.min(length, start + block)));
    if (start + block >= length) break;
    context.cancellation.throwIfRequested();
    await yieldToEventLoop();
  }
  const { id, label, split } = record;
  return { record: id, label, split, rate, ...meter.end() };
}

function classStatistics(
  records: readonly DatasetRecord[],
  seconds: readonly (number | undefined)[],
): ClassStatistics[] {
  const classes = new Map<string, ClassStatistics>();
  for (const [i, { label, split }] of records.entries()) {
    const none = Object.fromEntries(splitNames.map((name) => [name, 0])) as Record<SplitName, number>;
    const one = classes.get(label) ?? { label, records: 0, splits: none, seconds: 0 };
    one.records++;
    one.splits[split]++;
    one.seconds += seconds[i] ?? 0;
    classes.set(label, one);
  }
  return [...classes.values()].sort((a, b) => b.records - a.records);
}

function durationsOf(seconds: readonly number[]): DatasetStatistics['durations'] {
  const sorted = Float64Array.from(seconds).sort();
  return {
    total: sorted.reduce((a, b) => a + b, 0),
    shortest: sorted[0] ?? 0,
    median: sorted[sorted.length >> 1] ?? 0,
    longest: sorted[sorted.length - 1] ?? 0,
    histogram: histogram(seconds),
  };
}
