import type { Annotation } from '../annotation.ts';

/** Frames `start` up to `end`. */
export interface Episode {
  start: number;
  end: number;
}

export interface RhythmEpisode extends Episode {
  /** Without WFDB's bracket: `N`, `AFIB`, `VFL` …; '' where the annotator named none. */
  rhythm: string;
}

export interface NoiseEpisode extends Episode {
  /** Leads with noise, from 0; WFDB has room for the first four. */
  noisy: number[];
  /** Leads that cannot be read, from 0; `all` where the annotator gave up. */
  unreadable: number[] | 'all';
}

/**
 * Rhythms of a recording of so many frames, from `+` annotations. A rhythm lasts up to the next; before the first nothing is
 * known, and there is no episode.
 */
export function rhythms(annotations: readonly Annotation[], frames: number): RhythmEpisode[] {
  const changes = inOrder(annotations, ['+']).map(({ sample, text }) => ({
    sample,
    rhythm: text.trim().replace(/^\(/, ''),
  }));
  return lasting(changes, frames, ({ rhythm }) => rhythm).map(({ start, end, rhythm }) => ({
    start,
    end,
    rhythm,
  }));
}

/**
 * Stretches where a lead is noisy or cannot be read, from `~` annotations, whose subtype has a bit for each of four leads:
 * noise in the low half, unreadable in the high half; -1 is unreadable as a whole.
 */
export function noise(annotations: readonly Annotation[], frames: number): NoiseEpisode[] {
  const changes = inOrder(annotations, ['~']);
  return lasting(changes, frames, ({ subtype }) => String(subtype))
    .filter(({ subtype }) => subtype !== 0)
    .map(({ start, end, subtype }) => ({
      start,
      end,
      noisy: subtype === -1 ? [] : bits(subtype & 0x0f),
      unreadable: subtype === -1 ? 'all' : bits((subtype >> 4) & 0x0f),
    }));
}

/** Ventricular flutter and fibrillation: from `[` to `]`, or to the end of the recording where that is missing. */
export function flutter(annotations: readonly Annotation[], frames: number): Episode[] {
  const marks = inOrder(annotations, ['[', ']']);
  return lasting(marks, frames, ({ symbol }) => symbol)
    .filter(({ symbol }) => symbol === '[')
    .map(({ start, end }) => ({ start, end }));
}

function bits(mask: number): number[] {
  return [0, 1, 2, 3].filter((lead) => mask & (1 << lead));
}

/** By time; of the same time as in the file. */
function inOrder(annotations: readonly Annotation[], symbols: readonly string[]): Annotation[] {
  return annotations.filter(({ symbol }) => symbols.includes(symbol)).sort((a, b) => a.sample - b.sample);
}

/** Each change lasts up to the next that says something else, within the recording. */
function lasting<T extends { sample: number }>(
  changes: readonly T[],
  frames: number,
  state: (change: T) => string,
): (T & Episode)[] {
  const within = (sample: number): number => Math.max(0, Math.min(frames, sample));
  const different = changes.filter((change, i) => i === 0 || state(change) !== state(changes[i - 1]));
  return different
    .map((change, i) => ({
      ...change,
      start: within(change.sample),
      end: within(different[i + 1]?.sample ?? frames),
    }))
    .filter(({ start, end }) => end > start);
}
