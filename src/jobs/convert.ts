import * as fs from 'node:fs';
import * as path from 'node:path';
import { UserError } from '../common/errors.ts';
import { writeAtomic, writeFileAtomic } from '../common/files.ts';
import type { JobContext } from '../common/job.ts';
import type { Annotation } from '../recording/annotation.ts';
import { annotationsOf } from '../recording/annotations/annotations-of.ts';
import { encodeAnnotations } from '../recording/annotations/encode.ts';
import type { Recording } from '../recording/recording.ts';
import { writeWfdb, type WrittenRecord } from '../recording/wfdb/write-record.ts';
import { withRecording, type InspectInputs } from './inspect.ts';

export interface ConvertInputs extends InspectInputs {
  /** Folder and name of what is written, without an ending. */
  output: string;
  format: 16 | 212 | 'csv';
  /** s; undefined: the whole recording. */
  from?: number;
  to?: number;
}

export interface Converted {
  files: string[];
  samples: number;
  annotations: number;
  /** Leads whose values were no integers before. */
  rounded: WrittenRecord['rounded'];
}

/** Frames that are written at a time. */
const block = 1 << 14;

/**
 * Write a recording, or a part of it, as a WFDB record with its annotations (`.atr`) or as CSV. The source is never changed, and
 * nothing is overwritten.
 */
export async function convertJob(inputs: ConvertInputs, context: JobContext): Promise<Converted> {
  return withRecording(inputs, (recording, source, name) => {
    const { start, end } = rangeOf(recording, inputs);
    const folder = path.resolve(path.dirname(inputs.output));
    const output = path.basename(inputs.output);
    const progress = (frames: number): void => {
      context.cancellation.throwIfRequested();
      context.progress({ stage: `writing ${output}`, done: frames, total: end - start, unit: 'frames' });
    };
    if (inputs.format === 'csv') {
      const file = path.join(folder, `${output}.csv`);
      writeCsv(recording, file, start, end, progress);
      return { files: [file], samples: end - start, annotations: 0, rounded: [] };
    }
    if (!/^[A-Za-z0-9_-]+$/.test(output)) {
      throw new UserError(
        `\`${output}\` is no name of a WFDB record`,
        {},
        'Letters, digits, - and _ can be in it (header(5)).',
      );
    }
    const annotations = annotationsOf(recording, source, name).filter(
      ({ sample }) => sample >= start && sample < end,
    );
    const atr = path.join(folder, `${output}.atr`);
    refuseExisting(atr);
    const { header, signals, rounded } = writeWfdb(recording, folder, output, {
      format: inputs.format,
      start,
      end,
      progress,
    });
    const files = [header, signals];
    if (annotations.length > 0) {
      writeFileAtomic(
        atr,
        encodeAnnotations(
          annotations.map((a) => shifted(a, start)),
          atr,
        ),
      );
      files.push(atr);
    }
    return { files, samples: end - start, annotations: annotations.length, rounded };
  });
}

function shifted(annotation: Annotation, start: number): Annotation {
  return { ...annotation, sample: annotation.sample - start };
}

function rangeOf({ frames, rate }: Recording, { from = 0, to = Infinity, file }: ConvertInputs) {
  const start = Math.round(from * rate);
  const end = Math.min(frames, Math.round(Math.min(to, frames / rate) * rate));
  if (!(start >= 0 && start < end)) {
    throw new UserError(
      `${from} to ${to} s is no part of it`,
      { file },
      `It lasts ${(frames / rate).toFixed(3)} s.`,
    );
  }
  return { start, end };
}

function refuseExisting(file: string): void {
  if (fs.existsSync(file)) throw new UserError('exists already', { file }, 'Choose another name or folder.');
}

/** A column of seconds, and one for each lead with its units in its name; a missing sample is an empty cell. */
function writeCsv(
  recording: Recording,
  file: string,
  start: number,
  end: number,
  progress: (frames: number) => void,
): void {
  refuseExisting(file);
  const { leads, rate } = recording;
  const fast = leads.find(({ samplesPerFrame }) => samplesPerFrame !== leads[0].samplesPerFrame);
  if (fast) {
    throw new UserError(
      `${leads[0].name} and ${fast.name} have different rates, and a table has one`,
      { record: recording.name },
      'Write a WFDB record: `--to 16`.',
    );
  }
  const perFrame = leads[0].samplesPerFrame;
  writeAtomic(file, (handle) => {
    const names = leads.map(({ name, units }) => csvCell(units === '' ? name : `${name} (${units})`));
    fs.writeSync(handle, `time (s),${names.join(',')}\n`);
    for (let from = start; from < end; from += block) {
      const to = Math.min(end, from + block);
      const columns = leads.map((_, lead) => recording.read(lead, from * perFrame, to * perFrame));
      const rows = Array.from(columns[0], (_, i) => {
        const time = (i + (from - start) * perFrame) / (rate * perFrame);
        return `${Number(time.toPrecision(12))},${columns.map((column) => csvNumber(column[i])).join(',')}`;
      });
      fs.writeSync(handle, rows.join('\n') + '\n');
      progress(to - start);
    }
  });
}

function csvNumber(value: number): string {
  // Steps of a converter times its gain end in noise far behind the last digit that means something.
  return Number.isNaN(value) ? '' : String(Number(value.toPrecision(12)));
}

function csvCell(text: string): string {
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
