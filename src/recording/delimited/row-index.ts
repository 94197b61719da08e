import { UserError } from '../../common/errors.ts';
import type { ByteFile } from '../byte-file.ts';
import { cellBounds, splitCells } from './cells.ts';
import type { Columns } from './columns.ts';
import { isSkipped, type Layout } from './layout.ts';
import { LineReader } from './line-reader.ts';
import { cellTime, resolution } from './time-cell.ts';

export const rowsPerEntry = 1024;

/** Where rows are, and what their times are: one pass over the file. */
export interface RowIndex {
  rows: number;
  /** Of every 1024th row: its byte offset and its line. */
  offsets: readonly number[];
  lines: readonly number[];
  /** Times of these and of the last row, as the column counts them; empty where there is no time column. */
  times: readonly number[];
  smallestStep: Step;
  largestStep: Step;
  /** What the last printed digit of a time is worth. */
  resolution: number;
}

/** From the row before to that of `line`. */
export interface Step {
  size: number;
  line: number;
}

/** Half a day: a clock that falls back by more has passed midnight. */
const midnightFall = 43200;
const day = 86400;

/** Throws a UserError that names the line whose cells are too many or too few, or whose time is none or falls. */
export function indexRows(file: ByteFile, layout: Layout, columns: Columns): RowIndex {
  const reader = new LineReader(file, layout.offset, layout.line);
  const bounds = cellBounds();
  const { delimiter } = layout.dialect;
  const { time, width } = columns;
  const refuse = (what: string, advice: string): never => {
    throw new UserError(what, { file: file.location, line: reader.line }, advice);
  };
  const offsets: number[] = [];
  const lines: number[] = [];
  const times: number[] = [];
  const smallestStep = { size: Infinity, line: 0 };
  const largestStep = { size: -Infinity, line: 0 };
  let [rows, previous, days] = [0, 0, 0];
  while (reader.next()) {
    const { bytes, from, to } = reader;
    if (isSkipped(bytes, from, to)) continue;
    const count = splitCells(bytes, from, to, delimiter, bounds);
    if (count < 0) refuse('a quote is not closed', 'Close it, or remove it.');
    if (count !== width)
      refuse(`has ${count} columns, the lines before it ${width}`, 'All lines need the same columns.');
    const isEntry = rows % rowsPerEntry === 0;
    if (isEntry) {
      offsets.push(reader.offset);
      lines.push(reader.line);
    }
    if (time) {
      const [start, end] = [bounds[2 * time.column], bounds[2 * time.column + 1]];
      const cell = cellTime(bytes, start, end, time.form, layout.dialect);
      if (cell === undefined) {
        return refuse(
          `\`${shown(bytes, start, end)}\` in the column \`${time.name}\` is no time`,
          'Each line needs its time.',
        );
      }
      let now = cell + days * day;
      if (time.form === 'clock' && now < previous - midnightFall) {
        days++;
        now += day;
      }
      if (rows > 0) {
        const size = now - previous;
        if (size < 0) {
          refuse(
            `the time in the column \`${time.name}\` falls from ${previous} to ${now}`,
            'Sort the lines by time.',
          );
        }
        if (size < smallestStep.size) Object.assign(smallestStep, { size, line: reader.line });
        if (size > largestStep.size) Object.assign(largestStep, { size, line: reader.line });
      }
      if (isEntry) times.push(now);
      previous = now;
    }
    rows++;
  }
  if (time) times.push(previous);
  // Zeros at the end may be left out: the longest of the first rows counts.
  const printed = time ? layout.rows.map(({ cells }) => resolution(cells[time.column])) : [];
  return { rows, offsets, lines, times, smallestStep, largestStep, resolution: Math.min(1, ...printed) };
}

function shown(bytes: Buffer, from: number, to: number): string {
  return bytes.toString('utf8', from, Math.min(to, from + 40));
}
