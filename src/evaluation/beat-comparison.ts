import type { Episode } from '../recording/annotations/episodes.ts';

export interface ComparisonSettings {
  /** Frames a second. */
  rate: number;
  /** s; a pair is at most so far apart. */
  window?: number;
  /** s from the start that are left out, in which a detector may learn. */
  learning?: number;
  /** Left out as well, for instance ventricular flutter. */
  excluded?: readonly Episode[];
}

export interface BeatCounts {
  truePositives: number;
  falseNegatives: number;
  falsePositives: number;
}

export interface BeatComparison extends BeatCounts {
  /** Frames of the beats of the reference that were not found, and of those found that are none. */
  missed: number[];
  extra: number[];
}

export interface BeatScores {
  /** TP / (TP + FN); undefined where there is no beat. */
  sensitivity: number | undefined;
  /** TP / (TP + FP); undefined where none was found. */
  positivePredictivity: number | undefined;
}

/** ANSI/AAMI EC57:2012: 150 ms, and the first 5 minutes of a record are not scored. */
const standardWindow = 0.15;
const standardLearning = 300;

/**
 * Compare found beats with those of a reference, beat by beat, by the rules of ANSI/AAMI EC57 as WFDB's `bxb` has them: going
 * through both in the order of time, the earlier beat is paired with the next one of the other side if they are at most
 * `window` apart and no following beat on its own side is nearer to that one; no beat is paired twice. A pair counts
 * where its reference beat is; what is unpaired where it is itself. Linear in the number of beats, which need not be in order.
 *
 * @param reference frames of beats
 * @param found frames of beats, at the same rate
 */
export function compareBeats(
  reference: ArrayLike<number>,
  found: ArrayLike<number>,
  { rate, window = standardWindow, learning = standardLearning, excluded = [] }: ComparisonSettings,
): BeatComparison {
  const a = Float64Array.from(reference).sort();
  const b = Float64Array.from(found).sort();
  const reach = window * rate;
  const scored = scoredFrames(learning * rate, excluded);
  const missed: number[] = [];
  const extra: number[] = [];
  let truePositives = 0;
  let i = 0;
  let k = 0;
  while (i < a.length || k < b.length) {
    const apart = Math.abs(a[i] - b[k]);
    const first = !(k < b.length) || a[i] <= b[k];
    const following = first ? Math.abs(a[i + 1] - b[k]) : Math.abs(b[k + 1] - a[i]);
    // Beyond the last beat of a side there is undefined, and comparisons with NaN are false.
    if (apart <= reach && !(following < apart)) {
      if (scored(a[i])) truePositives++;
      i++;
      k++;
    } else if (first) {
      if (scored(a[i])) missed.push(a[i]);
      i++;
    } else {
      if (scored(b[k])) extra.push(b[k]);
      k++;
    }
  }
  return { truePositives, falseNegatives: missed.length, falsePositives: extra.length, missed, extra };
}

export function scoresOf({ truePositives, falseNegatives, falsePositives }: BeatCounts): BeatScores {
  const share = (others: number): number | undefined =>
    truePositives + others > 0 ? truePositives / (truePositives + others) : undefined;
  return { sensitivity: share(falseNegatives), positivePredictivity: share(falsePositives) };
}

/** All records as one: beats count alike, so that long and fast records weigh more. EC57 calls it gross. */
export function grossCounts(records: readonly BeatCounts[]): BeatCounts {
  const sum = (of: (counts: BeatCounts) => number): number => records.reduce((total, r) => total + of(r), 0);
  return {
    truePositives: sum((r) => r.truePositives),
    falseNegatives: sum((r) => r.falseNegatives),
    falsePositives: sum((r) => r.falsePositives),
  };
}

/** Each record counts alike; one without a figure is left out of its mean. */
export function averageScores(records: readonly BeatCounts[]): BeatScores {
  const scores = records.map(scoresOf);
  const mean = (values: (number | undefined)[]): number | undefined => {
    const known = values.filter((value) => value !== undefined);
    return known.length > 0 ? known.reduce((a, b) => a + b, 0) / known.length : undefined;
  };
  return {
    sensitivity: mean(scores.map((s) => s.sensitivity)),
    positivePredictivity: mean(scores.map((s) => s.positivePredictivity)),
  };
}

/** Whether a frame is scored; asked for frames that mostly rise, so that it steps through the stretches once. */
function scoredFrames(start: number, excluded: readonly Episode[]): (frame: number) => boolean {
  const stretches = [...excluded].sort((a, b) => a.start - b.start);
  // The latest end of all stretches up to each one: they may overlap.
  const ends: number[] = [];
  for (const { end } of stretches) ends.push(Math.max(end, ends.at(-1) ?? -Infinity));
  let next = 0;
  return (frame) => {
    while (next < stretches.length && stretches[next].start <= frame) next++;
    while (next > 0 && stretches[next - 1].start > frame) next--;
    return frame >= start && !(next > 0 && frame < ends[next - 1]);
  };
}
