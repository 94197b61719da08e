/** Intervals on each side that a heart rate is taken over, the interval itself beside them. */
const reach = 3;
/** An interval that differs from those around it by more than this share is no sinus interval, or has a missed or extra beat. */
const tolerance = 0.2;

/** s from each beat to the next: one fewer than there are beats. `beats` are samples in order, `rate` in Hz. */
export function rrIntervals(beats: ArrayLike<number>, rate: number): Float64Array {
  const intervals = new Float64Array(Math.max(0, beats.length - 1));
  for (let i = 0; i < intervals.length; i++) intervals[i] = (beats[i + 1] - beats[i]) / rate;
  return intervals;
}

/**
 * Heart rate in beats a minute during each interval of `rrIntervals`: 60 over the mean of the middle ones of up to seven
 * intervals around it, without the two shortest and the two longest. So one missed beat (one interval twice as
 * long) or one extra beat (two short ones) changes nothing, and bigeminy gives the mean of its long and short intervals, nearly.
 * At the ends there are fewer around, and fewer are left out: a third on each side.
 */
export function heartRate(intervals: ArrayLike<number>): Float64Array {
  return around(intervals, (sorted) => {
    const out = Math.min(2, Math.floor(sorted.length / 3));
    const middle = sorted.slice(out, sorted.length - out);
    return (60 * middle.length) / middle.reduce((a, b) => a + b, 0);
  });
}

/** Time-domain measures of heart rate variability. */
export interface Variability {
  /** Intervals that were counted. */
  intervals: number;
  /** ms. */
  meanRr: number;
  /** Standard deviation of the intervals (n - 1), ms; undefined for fewer than two. */
  sdnn: number | undefined;
  /** Root mean square of differences between adjacent intervals, ms; undefined where no two are adjacent. */
  rmssd: number | undefined;
}

/**
 * Mean, SDNN and RMSSD as the Task Force of the ESC and NASPE has them ("Heart rate variability", Circulation 93(5), 1996). They
 * are about normal beats; a detector does not know which are, so intervals are left out that differ by more than 20 % from
 * the median of the seven around them: ectopic beats with their pauses, missed and extra beats. Undefined where no interval is
 * left.
 */
export function variability(intervals: ArrayLike<number>): Variability | undefined {
  const medians = around(intervals, (sorted) => sorted[sorted.length >> 1]);
  const normal = Array.from(medians, (median, i) => Math.abs(intervals[i] - median) <= tolerance * median);
  const counted: number[] = [];
  const differences: number[] = [];
  for (let i = 0; i < intervals.length; i++) {
    if (!normal[i]) continue;
    counted.push(1000 * intervals[i]);
    if (i > 0 && normal[i - 1]) differences.push(1000 * (intervals[i] - intervals[i - 1]));
  }
  if (counted.length === 0) return undefined;
  const meanRr = sum(counted) / counted.length;
  const squares = sum(counted.map((rr) => (rr - meanRr) ** 2));
  return {
    intervals: counted.length,
    meanRr,
    sdnn: counted.length > 1 ? Math.sqrt(squares / (counted.length - 1)) : undefined,
    rmssd:
      differences.length > 0 ? Math.sqrt(sum(differences.map((d) => d * d)) / differences.length) : undefined,
  };
}

/** A figure of each interval from the sorted ones around it, fewer at the ends. */
function around(intervals: ArrayLike<number>, figure: (sorted: number[]) => number): Float64Array {
  const figures = new Float64Array(intervals.length);
  for (let i = 0; i < figures.length; i++) {
    const near: number[] = [];
    for (let k = Math.max(0, i - reach); k <= Math.min(figures.length - 1, i + reach); k++)
      near.push(intervals[k]);
    figures[i] = figure(near.sort((a, b) => a - b));
  }
  return figures;
}

function sum(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}
