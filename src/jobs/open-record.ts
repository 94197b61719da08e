import { openedRecord, type OpenedRecord, type RecordInputs } from './opened-records.ts';
import { envelopeBucket } from './viewed-recording.ts';

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

export async function openRecord(inputs: RecordInputs): Promise<OpenedRecord> {
  return (await openedRecord(inputs)).opened;
}

/** Samples of each lead as drawn; a missing one is NaN. Ranges are cut to the record. */
export async function readSamples(inputs: SampleInputs): Promise<Float32Array[]> {
  const { view } = await openedRecord(inputs);
  return view.samples(...cut(inputs, view.sampleCount));
}

/** Smallest and largest sample of each bucket: [lead][2 × buckets]. Ranges are cut to the record. */
export async function readEnvelope(inputs: EnvelopeInputs): Promise<Float32Array[]> {
  const { view } = await openedRecord(inputs);
  return view.envelope(...cut(inputs, Math.ceil(view.sampleCount / envelopeBucket)));
}

function cut({ start, count }: { start: number; count: number }, length: number): [number, number] {
  const from = Math.min(length, Math.max(0, start));
  return [from, Math.max(from, Math.min(length, start + count))];
}
