import * as fs from 'node:fs';
import * as path from 'node:path';
import { UserError } from '../common/errors.ts';
import { writeFileAtomic } from '../common/files.ts';
import { yieldToEventLoop, type JobContext } from '../common/job.ts';
import { findLead } from '../dataset/lead.ts';
import { compareBeats, scoresOf, type BeatCounts, type BeatScores } from '../evaluation/beat-comparison.ts';
import type { Annotation } from '../recording/annotation.ts';
import { isBeat } from '../recording/annotations/beats.ts';
import { encodeAnnotations } from '../recording/annotations/encode.ts';
import { flutter } from '../recording/annotations/episodes.ts';
import { readAnnotations } from '../recording/annotations/read.ts';
import { readMillivolts } from '../recording/millivolts.ts';
import { leadLength, type Recording } from '../recording/recording.ts';
import { rrIntervals, variability, type Variability } from '../signal/beats/heart-rate.ts';
import { QrsDetector } from '../signal/beats/qrs-detector.ts';
import { withRecording, type InspectInputs } from './inspect.ts';

export interface AnnotateInputs extends InspectInputs {
  /** Number from 0, or name. */
  lead: number | string;
  /** Where the annotations go; undefined: nowhere. */
  output?: string;
  /** Ending of annotations beside the record that the beats are scored by. */
  reference?: string;
}

export interface Annotated {
  lead: string;
  beats: number;
  file: string | undefined;
  /** undefined: there are too few beats. */
  heart: Variability | undefined;
  /** Against the reference, by the rules of EC57. */
  score: (BeatCounts & BeatScores) | undefined;
}

/** Samples that the detector is given at a time. */
const block = 1 << 16;

/** Find the beats of a lead, and write them as a WFDB annotation file. Nothing is overwritten. */
export async function annotateJob(inputs: AnnotateInputs, context: JobContext): Promise<Annotated> {
  const { output } = inputs;
  if (output !== undefined && fs.existsSync(output)) {
    throw new UserError('exists already', { file: output }, 'Choose another name or folder.');
  }
  return withRecording(inputs, async (recording, source, name) => {
    const lead = findLead(recording, inputs.lead, { file: source.location, record: recording.name });
    const beats = await findBeats(recording, lead, context);
    const { samplesPerFrame } = recording.leads[lead];
    const rate = recording.rate * samplesPerFrame;
    const frames = beats.map((beat) => Math.round(beat / samplesPerFrame));
    if (output !== undefined) {
      const plain = { symbol: 'N', subtype: 0, channel: lead & 0xff, number: 0, text: '', duration: 0 };
      const annotations = frames.map((sample) => ({ ...plain, sample }));
      writeFileAtomic(path.resolve(output), encodeAnnotations(annotations, output));
    }
    const { reference } = inputs;
    return {
      lead: recording.leads[lead].name,
      beats: beats.length,
      file: output,
      heart: variability(rrIntervals(beats, rate)),
      score:
        reference === undefined
          ? undefined
          : scored(
              recording,
              readAnnotations(source, name.replace(/\.[^./]*$/, ''), reference, recording.rate),
              frames,
            ),
    };
  });
}

async function findBeats(recording: Recording, lead: number, context: JobContext): Promise<number[]> {
  const { samplesPerFrame } = recording.leads[lead];
  const length = leadLength(recording, lead);
  const detector = new QrsDetector(recording.rate * samplesPerFrame);
  const beats: number[] = [];
  for (let start = 0; start < length; start += block) {
    context.cancellation.throwIfRequested();
    context.progress({ stage: 'finding beats', done: start, total: length, unit: 'samples' });
    for (const beat of detector.push(
      readMillivolts(recording, lead, start, Math.min(length, start + block)),
    )) {
      beats.push(beat);
    }
    await yieldToEventLoop();
  }
  return [...beats, ...detector.end()];
}

/** By EC57: beats alone, without the first five minutes and without ventricular flutter. */
function scored(
  { rate, frames }: Recording,
  reference: readonly Annotation[],
  found: readonly number[],
): BeatCounts & BeatScores {
  const beats = reference.filter(({ symbol }) => isBeat(symbol)).map(({ sample }) => sample);
  const counts = compareBeats(beats, found, { rate, excluded: flutter(reference, frames) });
  const { truePositives, falseNegatives, falsePositives } = counts;
  return { truePositives, falseNegatives, falsePositives, ...scoresOf(counts) };
}
