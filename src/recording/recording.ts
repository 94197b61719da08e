import type { Annotation } from './annotation.ts';

/** One lead, as its source describes it. */
export interface LeadInfo {
  name: string;
  /** As the source has it: `mV`, `uV`, `mmHg`, `NU`; '' where it does not say. */
  units: string;
  /** ADC units in one of `units`; undefined where the source holds values in `units` already. */
  gain: number | undefined;
  /** ADC value that 0 of `units` has. */
  baseline: number;
  /** Samples in each frame: the lead's rate is so many times the recording's. */
  samplesPerFrame: number;
}

/** A stretch of a recording that was stored by itself, or that was not recorded at all. */
export interface Segment {
  /** '' for a gap. */
  name: string;
  /** First frame, and how many. */
  start: number;
  frames: number;
}

/** What a source's checksum of a lead says of its samples. */
export type Checksum = 'match' | 'absent' | 'mismatch';

/** A value of `digital` that was not recorded. */
export const missingSample = -0x80000000;

/**
 * A recording that is open: what it is, and ranges of its samples. Nothing is read before it is asked for. Whoever opened it
 * closes it.
 */
export interface Recording {
  /** `WFDB`, `EDF+C`, `BDF`, `CSV`, `MATLAB 5`, `NumPy` … */
  readonly format: string;
  readonly name: string;
  /** Frames a second, Hz. */
  readonly rate: number;
  /** Frames: samples of a lead with one sample a frame. */
  readonly frames: number;
  readonly leads: readonly LeadInfo[];
  /** At least one, in order and without overlap; together they are all frames. */
  readonly segments: readonly Segment[];
  /** Local time of the first frame, `2009-12-10T12:44:02`; undefined where the source does not say. */
  readonly started?: string;
  /** Comment lines of the header, without their mark. */
  readonly comments: readonly string[];
  /** Annotations inside the file (EDF+); those in files beside it are `readAnnotations`'s. */
  annotations(): readonly Annotation[];
  /**
   * Samples `start` up to `end` of a lead, counted in its own samples (frames × samplesPerFrame), in its units; NaN where
   * missing. Throws a RangeError outside of the lead, a UserError that names the file where it is damaged.
   */
  read(lead: number, start: number, end: number): Float64Array;
  /**
   * The same as the integers that are stored, `missingSample` where missing; undefined where the source holds no integers, or
   * not all with the lead's gain and baseline.
   */
  readonly digital: ((lead: number, start: number, end: number) => Int32Array) | undefined;
  /** Compare a whole lead with the checksum that its source gives, block by block. */
  checksum(lead: number): Checksum;
  close(): void;
}

/** Samples of a whole lead. */
export function leadLength(recording: Recording, lead: number): number {
  return recording.frames * recording.leads[lead].samplesPerFrame;
}

/** Throws a RangeError where a lead has no samples `start` up to `end`: a caller's mistake, not the user's. */
export function checkRange(recording: Recording, lead: number, start: number, end: number): void {
  const length = leadLength(recording, lead);
  if (!(Number.isInteger(start) && Number.isInteger(end) && start >= 0 && start <= end && end <= length)) {
    throw new RangeError(`samples ${start} to ${end} of lead ${lead}, which has ${length}`);
  }
}

/** Integers as stored → values in the lead's units, NaN where missing. */
export function physical(digital: Int32Array, { gain, baseline }: LeadInfo): Float64Array {
  const values = new Float64Array(digital.length);
  const scale = 1 / (gain ?? 1);
  for (let i = 0; i < values.length; i++) {
    values[i] = digital[i] === missingSample ? NaN : (digital[i] - baseline) * scale;
  }
  return values;
}

/** Samples `start` up to `end` of a lead by reading the frames that they are in. */
export function wholeFrames<T extends Int32Array | Float64Array>(
  samplesPerFrame: number,
  start: number,
  end: number,
  read: (startFrame: number, endFrame: number) => T,
): T {
  const first = Math.floor(start / samplesPerFrame);
  const samples = read(first, Math.ceil(end / samplesPerFrame));
  const skip = start - first * samplesPerFrame;
  return samples.subarray(skip, skip + end - start) as T;
}
