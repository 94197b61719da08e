import { philox } from '../common/random.ts';
import { keptOf31 } from '../layers/dropout-train.ts';

/** What draws depend on beside layer, record, window and place. */
export interface Draws {
  seed: number;
  step: number;
  /** Of each record, by rank. */
  keys: readonly number[];
}

/** A row of factors: of which record, and which window of it (0 where all windows share one). */
export interface DropoutRow {
  rank: number;
  window: number;
}

/**
 * What values are multiplied with, [rows][length][channels]: 0, or 1 / (1 - rate). The same draws as the C engine's
 * (kernels/dropout.c).
 * @param part which of a layer's dropouts
 */
export function dropoutFactors(
  { seed, step, keys }: Draws,
  { layer, part, rate }: { layer: number; part: 0 | 1; rate: number },
  rows: readonly DropoutRow[],
  channels: number,
  length: number,
): Float32Array {
  const kept = keptOf31(rate);
  const scale = Math.fround(2 ** 31 / kept);
  const size = channels * length;
  const factors = new Float32Array(rows.length * size);
  rows.forEach(({ rank, window }, row) => {
    let words: Uint32Array = new Uint32Array(4);
    for (let e = 0; e < size; e++) {
      if (e % 4 === 0) words = philox([e >> 2, window, layer * 2 + part, keys[rank]], [seed, step]);
      const place = (e % length) * channels + Math.floor(e / length);
      if (words[e % 4] >>> 1 < kept) factors[row * size + place] = scale;
    }
  });
  return factors;
}
