/**
 * Places for tensors in one memory: two tensors share bytes only where no block needs both. Largest first, each at the
 * lowest place that is free for its whole life (the greedy-by-size method of Pisarchyk and Lee 2020); a chain of layers
 * becomes ping-pong by itself. The result is exact: `bytes` is the end of the highest tensor.
 */
export interface PlannedTensor {
  bytes: number;
  /** First and last step at which it is needed, both included. */
  from: number;
  to: number;
}

const alignment = 4;

export function alignedSize(bytes: number): number {
  return Math.ceil(bytes / alignment) * alignment;
}

export function planMemory(tensors: readonly PlannedTensor[]): { offsets: number[]; bytes: number } {
  const offsets = new Array<number>(tensors.length).fill(0);
  const order = tensors.map((_, i) => i).sort((a, b) => tensors[b].bytes - tensors[a].bytes || a - b);
  const placed: number[] = [];
  let end = 0;
  for (const index of order) {
    const tensor = tensors[index];
    const rivals = placed
      .filter((other) => tensors[other].from <= tensor.to && tensor.from <= tensors[other].to)
      .sort((a, b) => offsets[a] - offsets[b]);
    const size = alignedSize(tensor.bytes);
    let offset = 0;
    for (const rival of rivals) {
      if (offset + size <= offsets[rival]) break;
      offset = Math.max(offset, offsets[rival] + alignedSize(tensors[rival].bytes));
    }
    offsets[index] = offset;
    placed.push(index);
    end = Math.max(end, offset + size);
  }
  return { offsets, bytes: end };
}
