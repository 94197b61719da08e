import { UserError } from '../../common/errors.ts';
import type { Segment } from '../recording.ts';

/** Where the data records of a file stand on its time line. */
export interface Timeline {
  frames: number;
  segments: readonly Segment[];
  hasGaps: boolean;
  /** First frame of a data record. */
  start(record: number): number;
  /** The last data record that starts at a frame or before. */
  recordAt(frame: number): number;
}

/** Longest time line: what a record far away in time would make of a small file must have an end. */
const mostSeconds = 366 * 86400;

/** One record after the other. */
export function contiguous(records: number, framesPerRecord: number, name: string): Timeline {
  const frames = records * framesPerRecord;
  return {
    frames,
    segments: [{ name, start: 0, frames }],
    hasGaps: false,
    start: (record) => record * framesPerRecord,
    recordAt: (frame) => Math.floor(frame / framesPerRecord),
  };
}

/**
 * Records of EDF+D at their own times (`onsets`, s), counted from the first. A record may start a frame early, as times are
 * rounded. Throws a UserError where one starts before the one before has ended.
 */
export function placeRecords(
  onsets: Float64Array,
  framesPerRecord: number,
  rate: number,
  file: string,
): Timeline {
  const starts = new Float64Array(onsets.length);
  const segments: Segment[] = [];
  let end = 0;
  let parts = 0;
  for (const [record, onset] of onsets.entries()) {
    const seconds = onset - onsets[0];
    const at = Math.round(seconds * rate);
    const refuse = (what: string): never => {
      throw new UserError(
        `data record ${record + 1} starts at ${onset} s in \`EDF Annotations\`, ${what}`,
        { file },
        'The file is damaged, or no EDF+D file; convert it anew.',
      );
    };
    if (at < end - 1) refuse('before the one before it ends');
    if (seconds > mostSeconds) refuse('more than a year after the first');
    if (at > end) segments.push({ name: '', start: end, frames: at - end });
    starts[record] = Math.max(at, end);
    if (record === 0 || at > end)
      segments.push({ name: `part ${++parts}`, start: starts[record], frames: 0 });
    segments[segments.length - 1].frames += framesPerRecord;
    end = starts[record] + framesPerRecord;
  }
  return {
    frames: end,
    segments,
    hasGaps: segments.length > 1,
    start: (record) => starts[record],
    recordAt: (frame) => lastAtOrBefore(starts, frame),
  };
}

function lastAtOrBefore(starts: Float64Array, frame: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (starts[middle] <= frame) low = middle;
    else high = middle - 1;
  }
  return low;
}
