import { UserError } from '../../common/errors.ts';
import type { Annotation } from '../annotation.ts';
import type { ByteFile } from '../byte-file.ts';
import type { Facts } from '../facts.ts';
import { checkRange, type Checksum, type LeadInfo, type Recording, type Segment } from '../recording.ts';
import { shown } from '../shown.ts';
import { cellBounds, cellNumber, splitCells, tab, type Dialect } from './cells.ts';
import { findColumns, type LeadColumn } from './columns.ts';
import { findLayout, isSkipped, type GivenLayout } from './layout.ts';
import { LineReader } from './line-reader.ts';
import { knownRate, rateOfTimes } from './rate.ts';
import { indexRows, rowsPerEntry, type RowIndex } from './row-index.ts';
import { dateAsIso } from './time-cell.ts';

/**
 * Text files of numbers, a column for each lead: CSV (RFC 4180), with semicolons, tabs or blanks. Goes through the file once to
 * find its rows. Throws a UserError that names line and column, a MissingFactError where neither file nor `facts` say rate or
 * units.
 */
export function openDelimited(
  file: ByteFile,
  name: string,
  facts: Facts = {},
  given: GivenLayout = {},
): Recording {
  const layout = findLayout(file, given);
  const columns = findColumns(layout, facts, file.location);
  const known = knownRate(layout.comments, columns.time, facts, file.location);
  const index = indexRows(file, layout, columns);
  const { time } = columns;
  const rate = time ? rateOfTimes(index, time, known, file.location) : known!;
  const started = time?.form === 'date' ? dateAsIso(layout.rows[0].cells[time.column]) : undefined;
  const leftOut = columns.texts.map((column) => `The column ${column} holds text, and is no lead`);
  return new DelimitedRecording(
    file,
    { name, rate, started, comments: [...layout.comments, ...leftOut] },
    layout.dialect,
    columns.leads,
    index,
  );
}

class DelimitedRecording implements Recording {
  readonly format: string;
  readonly name: string;
  readonly rate: number;
  readonly frames: number;
  readonly leads: readonly LeadInfo[];
  readonly segments: readonly Segment[];
  readonly comments: readonly string[];
  readonly started: string | undefined;
  readonly digital = undefined;
  readonly #file: ByteFile;
  readonly #dialect: Dialect;
  readonly #columns: readonly LeadColumn[];
  readonly #index: RowIndex;

  constructor(
    file: ByteFile,
    what: Pick<Recording, 'name' | 'rate' | 'started' | 'comments'>,
    dialect: Dialect,
    columns: readonly LeadColumn[],
    index: RowIndex,
  ) {
    this.#file = file;
    this.#dialect = dialect;
    this.#columns = columns;
    this.#index = index;
    this.format = dialect.delimiter === tab ? 'TSV' : 'CSV';
    this.name = what.name;
    this.rate = what.rate;
    this.started = what.started;
    this.comments = what.comments;
    this.frames = index.rows;
    this.segments = [{ name: what.name, start: 0, frames: index.rows }];
    this.leads = columns.map(({ name, units }) => ({
      name,
      units,
      gain: undefined,
      baseline: 0,
      samplesPerFrame: 1,
    }));
  }

  annotations(): readonly Annotation[] {
    return [];
  }

  read(lead: number, start: number, end: number): Float64Array {
    checkRange(this, lead, start, end);
    const values = new Float64Array(end - start);
    if (start === end) return values;
    const { column, name } = this.#columns[lead];
    const { delimiter } = this.#dialect;
    const entry = Math.floor(start / rowsPerEntry);
    const reader = new LineReader(this.#file, this.#index.offsets[entry], this.#index.lines[entry]);
    const bounds = cellBounds();
    for (let row = entry * rowsPerEntry; row < end && reader.next();) {
      const { bytes, from, to } = reader;
      if (isSkipped(bytes, from, to)) continue;
      if (row++ < start) continue;
      const count = splitCells(bytes, from, to, delimiter, bounds);
      const [first, last] = [bounds[2 * column], bounds[2 * column + 1]];
      const value = column < count ? cellNumber(bytes, first, last, this.#dialect) : undefined;
      if (value === undefined) {
        const cell = bytes.toString('utf8', first, Math.min(last, first + 40));
        throw new UserError(
          `\`${cell}\` in the column \`${shown(name)}\` is no number`,
          { file: this.#file.location, line: reader.line },
          'Correct it; an empty cell, `-` or `NaN` is a missing sample.',
        );
      }
      values[row - 1 - start] = value;
    }
    return values;
  }

  checksum(): Checksum {
    return 'absent';
  }

  close(): void {
    this.#file.close();
  }
}
