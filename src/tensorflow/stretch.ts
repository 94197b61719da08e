import { groupRecords, type BatchRecord } from '../engine/batch.ts';
import type { InputSpec } from '../model/network.ts';

/** Records with the longest first, as indices into the batch, and the windows of each. */
export interface Ranking {
  records: readonly number[];
  counts: readonly number[];
}

export function rankRecords(records: readonly BatchRecord[], { window, hop }: InputSpec): Ranking {
  const groups = groupRecords(records, window, hop);
  return {
    records: groups.flatMap((group) => group.records),
    counts: groups.flatMap((group) => group.counts),
  };
}

/**
 * Windows [firstWindow, firstWindow + live.length) of ranked records. Tensors have an item for each window that there is,
 * all records' first one, then their second, and so on: since the longest records come first, those that still have a window
 * are always the first ones, and nothing has to be padded or masked.
 */
export interface Stretch {
  firstWindow: number;
  /** Of each window, how many records have it. */
  live: readonly number[];
  items: number;
}

export function stretchOf(counts: readonly number[], firstWindow: number, windows: number): Stretch {
  const live: number[] = [];
  for (let n = firstWindow; n < Math.min(counts[0], firstWindow + windows); n++) {
    live.push(counts.filter((count) => count > n).length);
  }
  return { firstWindow, live, items: live.reduce((sum, count) => sum + count, 0) };
}

/** Calls with each item's place in the order of the items, its record's rank, and its window. */
export function eachItem(
  { firstWindow, live }: Stretch,
  use: (item: number, rank: number, window: number) => void,
): void {
  let item = 0;
  live.forEach((count, k) => {
    for (let rank = 0; rank < count; rank++) use(item++, rank, firstWindow + k);
  });
}

/** Samples of the items, [items][window]; zeros behind the end of a record that is shorter than a window. */
export function itemSamples(
  stretch: Stretch,
  ranked: readonly BatchRecord[],
  { window, hop }: InputSpec,
): Float32Array {
  const samples = new Float32Array(stretch.items * window);
  eachItem(stretch, (item, rank, n) => {
    samples.set(ranked[rank].signal.subarray(n * hop, n * hop + window), item * window);
  });
  return samples;
}
