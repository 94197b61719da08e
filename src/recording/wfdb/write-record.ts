import * as fs from 'node:fs';
import * as path from 'node:path';
import { UserError } from '../../common/errors.ts';
import { writeAtomic, writeFileAtomic } from '../../common/files.ts';
import { missingSample, type LeadInfo, type Recording } from '../recording.ts';

export type WrittenFormat = 16 | 212;

/** Values that a sample can have, and the one of a sample that was not recorded. */
const ranges = {
  16: { least: -0x7fff, most: 0x7fff, missing: -0x8000, bits: 16 },
  212: { least: -0x7ff, most: 0x7ff, missing: -0x800, bits: 12 },
} as const;

export interface WrittenRecord {
  header: string;
  signals: string;
  /** Leads whose values were no integers before: what a step of theirs is now, in their units. */
  rounded: { lead: string; step: number; units: string }[];
}

export interface WriteOptions {
  format: WrittenFormat;
  /** Frames of the recording. */
  start: number;
  end: number;
  comments?: readonly string[];
  /** After each block: frames that are done. */
  progress?: (frames: number) => void;
}

/** Frames that are written at a time. */
const block = 1 << 14;

/**
 * Write a part of a recording as a WFDB record of one signal file, `NAME.hea` and `NAME.dat` (header(5) and signal(5) of the WFDB
 * Applications Guide). Integers stay what they are; values that are none are rounded to steps that are told. Nothing is
 * overwritten, and neither file is there before it is whole. Throws a UserError where a lead's values do not fit.
 */
export function writeWfdb(
  recording: Recording,
  folder: string,
  name: string,
  { format, start, end, comments = recording.comments, progress = () => {} }: WriteOptions,
): WrittenRecord {
  const header = path.join(folder, `${name}.hea`);
  const signals = path.join(folder, `${name}.dat`);
  for (const file of [header, signals]) {
    if (fs.existsSync(file))
      throw new UserError('exists already', { file }, 'Choose another name or folder.');
  }
  const leads = recording.leads.map((_, i) => prepareLead(recording, i, format, start, end));
  writeAtomic(signals, (handle) => writeSamples(handle, recording, leads, { format, start, end, progress }));
  writeFileAtomic(
    header,
    Buffer.from(headerText(recording, name, leads, format, end - start, comments), 'latin1'),
  );
  const rounded = leads
    .filter(({ exact }) => !exact)
    .map(({ info }) => ({ lead: info.name, step: 1 / info.gain, units: info.units }));
  return { header, signals, rounded };
}

/** A lead on its way into the file. */
interface WrittenLead {
  info: LeadInfo & { gain: number };
  /** The source's own integers are written. */
  exact: boolean;
  /** Integers of a range of its samples, `missingSample` where missing. */
  read(start: number, end: number): Int32Array;
  first: number | undefined;
  sum: number;
}

function prepareLead(
  recording: Recording,
  lead: number,
  format: WrittenFormat,
  start: number,
  end: number,
): WrittenLead {
  const info = recording.leads[lead];
  const { digital } = recording;
  if (digital && info.gain !== undefined) {
    return {
      info: { ...info, gain: info.gain },
      exact: true,
      read: (from, to) => digital(lead, from, to),
      first: undefined,
      sum: 0,
    };
  }
  const scale = scaleOf(recording, lead, format, start, end);
  return {
    info: { ...info, ...scale },
    exact: false,
    read: (from, to) => Int32Array.from(recording.read(lead, from, to), (value) => rounded(value, scale)),
    first: undefined,
    sum: 0,
  };
}

function rounded(value: number, { gain, baseline }: { gain: number; baseline: number }): number {
  return Number.isFinite(value) ? Math.floor(value * gain + 0.5) + baseline : missingSample;
}

/** The finest of 1, 2 and 5 times a power of ten a unit that holds all values, around the middle where they are far from 0. */
function scaleOf(
  recording: Recording,
  lead: number,
  format: WrittenFormat,
  start: number,
  end: number,
): { gain: number; baseline: number } {
  const { samplesPerFrame } = recording.leads[lead];
  let [low, high] = [Infinity, -Infinity];
  for (let from = start; from < end; from += block) {
    const to = Math.min(end, from + block);
    for (const value of recording.read(lead, from * samplesPerFrame, to * samplesPerFrame)) {
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  if (!(low <= high) || !Number.isFinite(high - low)) return { gain: 1, baseline: 0 };
  const { most } = ranges[format];
  const centered = Math.max(Math.abs(low), Math.abs(high)) > 2 * (high - low) && high > low;
  const middle = centered ? (low + high) / 2 : 0;
  const reach = Math.max(high - middle, middle - low) || 1;
  const power = 10 ** Math.floor(Math.log10(most / reach));
  const gain = [5, 2, 1].map((step) => step * power).find((g) => reach * g <= most - 1) ?? power;
  return { gain, baseline: -Math.round(middle * gain) };
}

function writeSamples(
  handle: number,
  recording: Recording,
  leads: readonly WrittenLead[],
  { format, start, end, progress }: Required<Omit<WriteOptions, 'comments'>>,
): void {
  const range = ranges[format];
  const frameSize = leads.reduce((sum, { info }) => sum + info.samplesPerFrame, 0);
  // An even number of frames: pairs of format 212 end with a block.
  for (let from = start; from < end; from += block) {
    const to = Math.min(end, from + block);
    const values = new Int32Array((to - from) * frameSize);
    let offset = 0;
    for (const lead of leads) {
      const { samplesPerFrame: n, name } = lead.info;
      const samples = lead.read(from * n, to * n);
      for (let i = 0; i < samples.length; i++) {
        const value = samples[i] === missingSample ? range.missing : samples[i];
        if ((value < range.least && value !== range.missing) || value > range.most) {
          throw doesNotFit(recording, name, value, format);
        }
        lead.first ??= value;
        lead.sum = (lead.sum + value) | 0;
        values[Math.floor(i / n) * frameSize + offset + (i % n)] = value;
      }
      offset += n;
    }
    fs.writeSync(handle, format === 16 ? encode16(values) : encode212(values));
    progress(to - start);
  }
}

function doesNotFit(recording: Recording, lead: string, value: number, format: WrittenFormat): UserError {
  const { least, most } = ranges[format];
  return new UserError(
    `${lead} has the value ${value}, format ${format} holds ${least} to ${most}`,
    { record: recording.name },
    format === 212 ? 'Write format 16.' : 'Write it as CSV.',
  );
}

function encode16(values: Int32Array): Uint8Array {
  const bytes = new Uint8Array(values.length * 2);
  for (let i = 0; i < values.length; i++) {
    bytes[2 * i] = values[i];
    bytes[2 * i + 1] = values[i] >> 8;
  }
  return bytes;
}

function encode212(values: Int32Array): Uint8Array {
  const bytes = new Uint8Array(Math.ceil(values.length * 1.5));
  for (let i = 0, at = 0; i < values.length; i += 2, at += 3) {
    const [first, second] = [values[i], values[i + 1] ?? 0];
    bytes[at] = first;
    bytes[at + 1] = ((first >> 8) & 0x0f) | ((second >> 4) & 0xf0);
    // Of an odd number the last sample has no third byte.
    if (i + 1 < values.length) bytes[at + 2] = second;
  }
  return bytes;
}

function headerText(
  { rate }: Recording,
  name: string,
  leads: readonly WrittenLead[],
  format: WrittenFormat,
  frames: number,
  comments: readonly string[],
): string {
  const { bits } = ranges[format];
  const lines = leads.map(({ info, first, sum }) => {
    const n = info.samplesPerFrame > 1 ? `x${info.samplesPerFrame}` : '';
    const units = info.units.replaceAll(/\s+/g, '_') || 'NU';
    const checksum = (sum << 16) >> 16;
    const lead = info.name.replaceAll(/\s+/g, ' ');
    return `${name}.dat ${format}${n} ${info.gain}(${info.baseline})/${units} ${bits} 0 ${first ?? 0} ${checksum} 0 ${lead}`;
  });
  const notes = comments.map((comment) => `# ${comment}`);
  return [`${name} ${leads.length} ${rate} ${frames}`, ...lines, ...notes, ''].join('\n');
}
