/** How many values there are in intervals of one width. */
export interface Histogram {
  /** Where the first interval begins. */
  start: number;
  /** Of each: 1, 2 or 5 times a power of ten. A value on an edge belongs to the interval that begins there. */
  width: number;
  counts: number[];
}

/**
 * Values, in any order, in at most `most` intervals and the one that the largest may stand at the edge of. Empty where there are
 * none; values that are all the same are in one interval.
 */
export function histogram(values: readonly number[], most = 24): Histogram {
  if (values.length === 0) return { start: 0, width: 1, counts: [] };
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  const width = high > low ? roundUp((high - low) / (most - 1)) : 1;
  const first = Math.floor(low / width + tolerance);
  const counts = new Array<number>(Math.floor(high / width + tolerance) - first + 1).fill(0);
  for (const value of values) counts[Math.floor(value / width + tolerance) - first]++;
  return { start: first * width, width, counts };
}

/** 0.3 / 0.1 is a little less than 3. */
const tolerance = 1e-9;

/** The next of 1, 2 and 5 times a power of ten. */
function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return power * ([1, 2, 5].find((step) => step * power >= value * (1 - tolerance)) ?? 10);
}
