import * as path from 'node:path';
import { UserError } from '../common/errors.ts';
import { yieldToEventLoop, type JobContext } from '../common/job.ts';
import type { Annotation } from '../recording/annotation.ts';
import { annotationsOf } from '../recording/annotations/annotations-of.ts';
import { readAnnotations } from '../recording/annotations/read.ts';
import type { Facts } from '../recording/facts.ts';
import { openArchive, type Archive, type FileSource } from '../recording/file-source.ts';
import { openRecordingIn } from '../recording/open-recording.ts';
import { leadLength, type Checksum, type Recording } from '../recording/recording.ts';

export interface InspectedLead {
  name: string;
  units: string;
  /** ADC units in one of `units`; null where the file holds values in `units`. */
  gain: number | null;
  baseline: number;
  /** Hz. */
  rate: number;
  samples: number;
  /** Samples that were not recorded. */
  missing: number;
  /** Smallest and largest sample, in `units`; null where there is none. */
  min: number | null;
  max: number | null;
  checksum: Checksum;
}

export interface Inspection {
  format: string;
  name: string;
  /** Frames a second, Hz: the rate of a lead with one sample a frame. */
  rate: number;
  /** Frames. */
  samples: number;
  /** s. */
  duration: number;
  started: string | null;
  leads: InspectedLead[];
  annotations: (Annotation & { time: number })[];
  segments: { name: string; start: number; samples: number; gap: boolean }[];
  comments: readonly string[];
}

export interface InspectInputs {
  /** A file, or a zip or folder with `record` in it. */
  file: string;
  record?: string;
  /** Ending of the annotations to read; undefined: those that there are. */
  annotator?: string;
  facts?: Facts;
}

/** Samples that are looked at between two looks at whether to stop. */
const block = 1 << 18;

/** Read every sample and annotation of a recording, and compare checksums. Throws a UserError where something cannot be read. */
export async function inspectJob(inputs: InspectInputs, context: JobContext): Promise<Inspection> {
  return withRecording(inputs, async (recording, source, name) => {
    const total = recording.leads.reduce((sum, _, lead) => sum + leadLength(recording, lead), 0);
    const leads: InspectedLead[] = [];
    let done = 0;
    for (const lead of recording.leads.keys()) {
      leads.push(
        await inspectLead(recording, lead, context, (samples) => {
          context.progress({
            stage: `reading ${recording.name}`,
            done: done + samples,
            total,
            unit: 'samples',
          });
        }),
      );
      done += leadLength(recording, lead);
    }
    const { format, rate, frames, segments, comments, started } = recording;
    return {
      format,
      name: recording.name,
      rate,
      samples: frames,
      duration: frames / rate,
      started: started ?? null,
      leads,
      annotations: annotations(recording, source, name, inputs.annotator),
      segments: segments.map((segment) => ({
        name: segment.name,
        start: segment.start,
        samples: segment.frames,
        gap: segment.name === '',
      })),
      comments,
    };
  });
}

/** Open what `file` (and `record`) name, and close it afterwards. A zip or folder that is not one record needs `record`. */
export async function withRecording<T>(
  { file, record, facts }: InspectInputs,
  use: (recording: Recording, source: FileSource, name: string) => Promise<T> | T,
): Promise<T> {
  // A record is named by a path below a zip or folder, a file by its folder and its name.
  const source = await openArchive(record === undefined ? path.dirname(file) : file);
  try {
    const name = record === undefined ? path.basename(file) : findName(source, record);
    const recording = openRecordingIn(source, name, facts);
    try {
      return await use(recording, source, name);
    } finally {
      recording.close();
    }
  } finally {
    source.close();
  }
}

/** A record of a zip or folder by its path there, or by its name alone where there is one of it. */
function findName(archive: Archive, record: string): string {
  if (archive.has(record)) return record;
  if (archive.has(`${record}.hea`)) return `${record}.hea`;
  const found = archive
    .names()
    .filter((name) => [`/${record}`, `/${record}.hea`].some((ending) => name.endsWith(ending)));
  if (found.length === 1) return found[0];
  throw new UserError(
    found.length === 0 ? 'has no such record' : `has several: ${found.slice(0, 5).join(', ')}`,
    { file: archive.location, record },
    'Give its path there: `--record FOLDER/NAME.hea`.',
  );
}

async function inspectLead(
  recording: Recording,
  lead: number,
  context: JobContext,
  report: (samples: number) => void,
): Promise<InspectedLead> {
  const { name, units, gain, baseline, samplesPerFrame } = recording.leads[lead];
  const length = leadLength(recording, lead);
  let [min, max, missing] = [Infinity, -Infinity, 0];
  for (let start = 0; start < length; start += block) {
    context.cancellation.throwIfRequested();
    report(start);
    for (const value of recording.read(lead, start, Math.min(length, start + block))) {
      if (value < min) min = value;
      if (value > max) max = value;
      if (Number.isNaN(value)) missing++;
    }
    await yieldToEventLoop();
  }
  return {
    name,
    units,
    gain: gain ?? null,
    baseline,
    rate: recording.rate * samplesPerFrame,
    samples: length,
    missing,
    min: min <= max ? min : null,
    max: min <= max ? max : null,
    checksum: recording.checksum(lead),
  };
}

function annotations(
  recording: Recording,
  source: FileSource,
  name: string,
  annotator: string | undefined,
): Inspection['annotations'] {
  const found =
    annotator === undefined
      ? annotationsOf(recording, source, name)
      : readAnnotations(source, name.replace(/\.[^./]*$/, ''), annotator, recording.rate);
  return found.map((annotation) => ({ time: annotation.sample / recording.rate, ...annotation }));
}
