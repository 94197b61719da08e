import { windowCount } from '../signal/windows.ts';
import { LANES, LINE, type Address } from './kernels.ts';
import type { Plan } from './plan.ts';

/** One record as the engine takes it. */
export interface BatchRecord {
  /** Already filtered, scaled and at the network's rate; any length from 1. */
  signal: Float32Array;
  /** Class probabilities, hard (one-hot) or soft; softened already where the step has a temperature. */
  target?: Float32Array;
  /** True class, for the hard part of a mixed loss and for counting right records; else the largest of `target`. */
  label?: number;
  /** What dropout's draws of this record depend on; by default its place in the batch. */
  key?: number;
  /** What the layer of the engine's `features` shall give at the last window: then that is the loss, alone. */
  features?: Float32Array;
  /** Factor on the record's loss. Default 1. */
  weight?: number;
}

/** Up to 16 records that are computed together, and the windows of the longest. */
export interface RecordGroup {
  /** Indices into the batch. */
  records: number[];
  counts: number[];
  windows: number;
}

/** Groups of records of similar length: sorted by windows, longest first, the batch's order among equals. */
export function groupRecords(records: readonly BatchRecord[], window: number, hop: number): RecordGroup[] {
  const counts = records.map(({ signal }) => windowCount(signal.length, { window, hop }));
  const order = records.map((_record, index) => index).sort((a, b) => counts[b] - counts[a] || a - b);
  const groups: RecordGroup[] = [];
  for (let first = 0; first < order.length; first += LANES) {
    const members = order.slice(first, first + LANES);
    groups.push({
      records: members,
      counts: members.map((index) => counts[index]),
      windows: counts[members[0]],
    });
  }
  return groups;
}

/** Addresses of a batch or of a stretch of windows of one: groups' blocks, then signals, then items. */
export interface BatchPlace {
  groups: Address;
  items: Address;
  end: Address;
}

/** Windows [firstWindow, firstWindow + windows) of some groups. */
export interface Slice {
  groups: readonly RecordGroup[];
  firstWindow: number;
  windows: number;
}

/** Windows of a group within a slice. */
export function windowsWithin(slice: Slice, group: RecordGroup): number {
  return Math.max(0, Math.min(slice.windows, group.windows - slice.firstWindow));
}

/** Samples of a record that a slice reads: [from, to). */
function samples(slice: Slice, length: number, window: number, hop: number): { from: number; to: number } {
  const from = slice.firstWindow * hop;
  const to = Math.min(length, from + (slice.windows - 1) * hop + window);
  return { from: Math.min(from, to), to };
}

/** How much memory a slice needs, from the plan's batch address on. */
export function placeSlice(
  plan: Plan,
  slice: Slice,
  records: readonly BatchRecord[],
  window: number,
  hop: number,
): BatchPlace {
  const groups = plan.batch;
  let floats = 0;
  let items = 0;
  for (const group of slice.groups) {
    items += windowsWithin(slice, group);
    for (const index of group.records) {
      const { from, to } = samples(slice, records[index].signal.length, window, hop);
      floats += to - from;
    }
  }
  const signals = groups + slice.groups.length * plan.group.bytes;
  const first = signals + Math.ceil((floats * 4) / LINE) * LINE;
  return { groups, items: first, end: first + items * plan.item.bytes };
}

/** Write the groups' blocks (all but states, targets and results) and the signals. */
export function writeSlice(
  plan: Plan,
  slice: Slice,
  records: readonly BatchRecord[],
  window: number,
  hop: number,
  buffer: ArrayBufferLike,
): void {
  const layout = plan.group;
  const ints = new Int32Array(buffer);
  const floats = new Float32Array(buffer);
  let signal = plan.batch + slice.groups.length * layout.bytes;
  let firstItem = 0;
  slice.groups.forEach((group, g) => {
    const block = plan.batch + g * layout.bytes;
    const windows = windowsWithin(slice, group);
    ints[(block + layout.extent) / 4] = firstItem;
    ints[(block + layout.extent) / 4 + 1] = windows;
    firstItem += windows;
    for (let lane = 0; lane < LANES; lane++) {
      const at = block / 4 + lane;
      const index = group.records[lane];
      const present = index !== undefined;
      const count = present ? group.counts[lane] - slice.firstWindow : 0;
      ints[at + layout.counts / 4] = Math.max(0, Math.min(count, slice.windows));
      ints[at + layout.signals / 4] = signal;
      ints[at + layout.lengths / 4] = 0;
      if (!present) continue;
      ints[at + layout.keys / 4] = records[index].key ?? index;
      const { from, to } = samples(slice, records[index].signal.length, window, hop);
      floats.set(records[index].signal.subarray(from, to), signal / 4);
      ints[at + layout.lengths / 4] = to - from;
      signal += (to - from) * 4;
    }
  });
}

/** Recurrent states of the first `groups` groups to zero. */
export function clearStates(plan: Plan, memory: WebAssembly.Memory, groups: number): void {
  const floats = new Float32Array(memory.buffer);
  for (let g = 0; g < groups; g++) {
    const block = plan.batch + g * plan.group.bytes;
    floats.fill(0, (block + plan.group.states) / 4, (block + plan.group.bytes) / 4);
  }
}
