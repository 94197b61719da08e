import type { BlockContent } from './fixed-binding.ts';

/**
 * Weights of 4 bits: two a byte, the first in the lower half; each row of the matrix begins with a byte of its own, so that
 * the last half of a row with an odd number of columns is 0.
 */
export function packFourBits(values: Int8Array, rows: number): Int8Array {
  const columns = values.length / rows;
  const bytes = Math.ceil(columns / 2);
  const packed = new Int8Array(rows * bytes);
  values.forEach((value, i) => {
    const [row, column] = [Math.floor(i / columns), i % columns];
    packed[row * bytes + (column >> 1)] |= (value & 15) << (column % 2 === 0 ? 0 : 4);
  });
  return packed;
}

/** Weights as int8 again. */
export function unpackFourBits(packed: Int8Array, rows: number, columns: number): Int8Array {
  const bytes = Math.ceil(columns / 2);
  return Int8Array.from({ length: rows * columns }, (_, i) => {
    const [row, column] = [Math.floor(i / columns), i % columns];
    const byte = packed[row * bytes + (column >> 1)];
    return column % 2 === 0 ? (byte << 28) >> 28 : byte >> 4;
  });
}

/** Rows that a kernel expands at a time. */
export const expandedRows = 4;

/**
 * A block with its matrices packed where its weights have 4 bits, and with the scratch memory in which its kernel expands
 * rows of them. A bias belongs to each row.
 */
export function packedContent(content: BlockContent): BlockContent {
  const { bias, weights, recurrent, scratchBytes } = content;
  if (content.weightBits === 8 || !bias || !weights) return content;
  const rows = bias.length;
  const columns = Math.max(weights.length, recurrent?.length ?? 0) / rows;
  return {
    ...content,
    weights: packFourBits(weights, rows),
    recurrent: recurrent && packFourBits(recurrent, rows),
    scratchBytes: scratchBytes + expandedRows * columns,
  };
}
