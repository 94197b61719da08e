import { UserError } from '../../common/errors.ts';
import type { ByteFile } from '../byte-file.ts';
import {
  blank,
  cellBounds,
  cellNumber,
  cellText,
  comma,
  mostColumns,
  semicolon,
  splitCells,
  tab,
  type Dialect,
} from './cells.ts';
import { LineReader } from './line-reader.ts';
import { timeForm } from './time-cell.ts';

/** What the caller knows of a file's form; what is undefined is found. */
export interface GivenLayout {
  delimiter?: ',' | ';' | '\t' | ' ';
  /** The first line that is no comment holds names. */
  header?: boolean;
}

/** The form of a file, from its first lines. */
export interface Layout {
  dialect: Dialect;
  /** '' where a column has no name; empty where there is no header. */
  headings: readonly string[];
  /** Of the line below the names, as `rdsamp` writes it. */
  unitCells: readonly string[];
  comments: readonly string[];
  /** Where the first line of data is. */
  offset: number;
  line: number;
  /** Some lines of data. */
  rows: readonly { line: number; cells: readonly string[] }[];
}

interface Line {
  line: number;
  offset: number;
  text: Buffer;
}

const sampledLines = 64;
/** Characters of a heading or comment that are kept. */
const longestName = 200;
const candidates = [tab, semicolon, comma, blank];
const byteOrderMark = Buffer.of(0xef, 0xbb, 0xbf);

/** Whether a line is a comment or empty: neither is counted as a row. */
export function isSkipped(bytes: Uint8Array, from: number, to: number): boolean {
  let at = from;
  while (at < to && (bytes[at] === blank || bytes[at] === tab)) at++;
  return at === to || bytes[at] === 0x23 || bytes[at] === 0x25;
}

/** Find delimiter, decimal mark, header and units in the first lines. Throws a UserError that names the line. */
export function findLayout(file: ByteFile, given: GivenLayout): Layout {
  const { lines, comments } = firstLines(file);
  if (lines.length === 0) {
    throw new UserError(
      'holds no lines of numbers',
      { file: file.location },
      'Check that it is the right file.',
    );
  }
  const refuse = (what: string, { line }: Line): never => {
    throw new UserError(what, { file: file.location, line }, 'All lines need the same columns, of numbers.');
  };
  const delimiter = given.delimiter?.charCodeAt(0) ?? likeliestDelimiter(lines);
  const split = (line: Line): string[] => {
    const cells = lineCells(line.text, delimiter);
    if (!cells) return refuse('a quote is not closed', line);
    return cells.length > mostColumns ? refuse(`has more than ${mostColumns} columns`, line) : cells;
  };
  const loose = { delimiter, point: true, comma: delimiter !== comma };
  const table = lines.map(split);

  const hasHeader = given.header ?? table[0].some((cell) => isText(cell, loose));
  const hasUnits = hasHeader && table.length > 1 && isUnitsRow(table[1], loose);
  const first = (hasHeader ? 1 : 0) + (hasUnits ? 1 : 0);
  if (first >= lines.length) refuse('no line of numbers follows the header', lines[first - 1]);
  const rows = lines.slice(first).map(({ line }, i) => ({ line, cells: table[first + i] }));
  let headings = hasHeader ? table[0] : [];
  if (!hasHeader) {
    // numpy.savetxt and others write the names as a comment.
    const last = comments.at(-1);
    const names = last === undefined ? undefined : lineCells(Buffer.from(last), delimiter);
    if (names?.length === rows[0].cells.length && names.every((cell) => isText(cell, loose)))
      headings = names;
  }
  return {
    dialect: { delimiter, ...decimalMarks(rows, delimiter) },
    headings: headings.map(shortened),
    unitCells: hasUnits ? table[1].map((cell) => shortened(cell).replace(/^[([](.*)[)\]]$/, '$1')) : [],
    comments,
    offset: lines[first].offset,
    line: lines[first].line,
    rows,
  };
}

function firstLines(file: ByteFile): { lines: Line[]; comments: string[] } {
  const start = file.read(0, 4);
  if ((start[0] === 0xff && start[1] === 0xfe) || (start[0] === 0xfe && start[1] === 0xff)) {
    throw new UserError('is text in UTF-16', { file: file.location }, 'Save it as UTF-8.');
  }
  const reader = new LineReader(file, byteOrderMark.equals(start.subarray(0, 3)) ? 3 : 0);
  const lines: Line[] = [];
  const comments: string[] = [];
  while (lines.length < sampledLines && reader.next()) {
    const { bytes, from, to, line, offset } = reader;
    if (!isSkipped(bytes, from, to)) lines.push({ line, offset, text: bytes.subarray(from, to) });
    else if (lines.length === 0 && comments.length < sampledLines) {
      const comment = bytes
        .toString('utf8', from, to)
        .replace(/^\s*[#%]+/, '')
        .trim();
      if (comment) comments.push(shortened(comment));
    }
  }
  return { lines, comments };
}

function shortened(text: string): string {
  return text.slice(0, longestName);
}

/** Undefined where a quote is not closed. */
function lineCells(text: Buffer, delimiter: number): string[] | undefined {
  const bounds = cellBounds();
  const count = splitCells(text, 0, text.length, delimiter, bounds);
  if (count < 0) return undefined;
  return Array.from({ length: count }, (_, i) => cellText(text, bounds[2 * i], bounds[2 * i + 1]));
}

/** The one with which most lines have equally many columns, more than one, of numbers and times. */
function likeliestDelimiter(lines: readonly Line[]): number {
  const below = lines.slice(Math.min(2, lines.length - 1));
  let best = { delimiter: comma, score: 0 };
  for (const delimiter of candidates) {
    const dialect = { delimiter, point: true, comma: delimiter !== comma };
    const rows = below.map(({ text }) => lineCells(text, delimiter) ?? []);
    const width = mode(rows.map(({ length }) => length));
    if (width < 2) continue;
    const fitting = rows.filter(({ length }) => length === width);
    const numeric = fitting.filter((cells) => !cells.some((cell) => isText(cell, dialect)));
    const score = numeric.length * lines.length + fitting.length;
    if (score > best.score) best = { delimiter, score };
  }
  return best.delimiter;
}

function mode(values: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].reduce((best, entry) => (entry[1] > best[1] ? entry : best))[0];
}

/** Neither a number, nor one that is missing, nor a time. */
function isText(cell: string, dialect: Dialect): boolean {
  const bytes = Buffer.from(cell);
  return cellNumber(bytes, 0, bytes.length, dialect) === undefined && timeForm(cell, dialect) === undefined;
}

function isUnitsRow(cells: readonly string[], dialect: Dialect): boolean {
  const texts = cells.filter((cell) => isText(cell, dialect));
  return texts.length > 0 && cells.every((cell) => cell === '' || cell === '-' || isText(cell, dialect));
}

/** A file has points or commas before its decimals; both pass where the first lines have no decimals. */
function decimalMarks(rows: Layout['rows'], delimiter: number): { point: boolean; comma: boolean } {
  if (delimiter === comma) return { point: true, comma: false };
  const cells = rows.flatMap((row) => row.cells);
  const commas = cells.some((cell) => /^[+-]?\d*,\d+(e[+-]?\d+)?$/i.test(cell));
  const points = cells.some((cell) => /^[+-]?\d*\.\d+(e[+-]?\d+)?$/i.test(cell));
  return points || commas ? { point: points, comma: commas && !points } : { point: true, comma: true };
}
