import { RandomStream } from '../common/random.ts';

/** Records of like length are looked for among this many batches' worth: less padding, still random. */
const poolBatches = 16;

/**
 * The batches of one epoch as lists of indices: shuffled, sorted by number of windows within pools so that few windows
 * are padding, cut, and the batches shuffled. A function of (seed, epoch) and the counts alone.
 */
export function planBatches(
  windowCounts: readonly number[],
  batch: number,
  seed: number,
  epoch: number,
): number[][] {
  const order = new RandomStream(seed, 'shuffle', epoch).shuffle(windowCounts.map((_, i) => i));
  const batches: number[][] = [];
  const pool = batch * poolBatches;
  for (let start = 0; start < order.length; start += pool) {
    // The sort is stable, so ties keep their random order.
    const members = order.slice(start, start + pool).sort((a, b) => windowCounts[a] - windowCounts[b]);
    for (let i = 0; i < members.length; i += batch) batches.push(members.slice(i, i + batch));
  }
  return new RandomStream(seed, 'shuffle-batches', epoch).shuffle(batches);
}
