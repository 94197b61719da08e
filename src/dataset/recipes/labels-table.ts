import { parse } from 'csv-parse/sync';
import { UserError } from '../../common/errors.ts';
import { readText, type Archive } from '../../recording/file-source.ts';
import { shown } from '../../recording/shown.ts';

/** A CSV with a header line. */
export interface LabelsTable {
  file: string;
  columns: readonly string[];
  rows: readonly TableRow[];
}

export interface TableRow {
  /** 1-based line that the row ends in. */
  line: number;
  cells: readonly string[];
}

/** Read a CSV (RFC 4180; comma, semicolon or tab) of a zip or folder. Throws a UserError that names file and line. */
export function readLabelsTable(archive: Archive, name: string): LabelsTable {
  const file = `${archive.location}/${name}`;
  const text = readText(archive, name, 'utf8');
  let parsed: { record: string[]; info: { lines: number } }[];
  try {
    parsed = parse(text, {
      bom: true,
      delimiter: delimiterOf(text),
      info: true,
      skip_empty_lines: true,
      trim: true,
    }) as unknown as typeof parsed;
  } catch (error) {
    const { message, lines } = error as Error & { lines?: number };
    throw new UserError(`not a table (${shown(message)})`, { file, ...(lines && { line: lines }) });
  }
  const [head, ...rows] = parsed;
  if (!head || rows.length === 0) throw new UserError('the table has no rows', { file });
  return {
    file,
    columns: head.record,
    rows: rows.map(({ record, info }) => ({ line: info.lines, cells: record })),
  };
}

function delimiterOf(text: string): string {
  const [first] = text.split('\n', 1);
  const count = (delimiter: string): number => first.split(delimiter).length;
  return [',', ';', '\t'].sort((a, b) => count(b) - count(a))[0];
}

/** Index of a column by its name. Throws a UserError that lists those there are. */
export function columnIndex({ file, columns }: LabelsTable, name: string): number {
  const index = columns.findIndex((column) => column.toLowerCase() === name.toLowerCase());
  if (index < 0) {
    throw new UserError(
      `there is no column \`${name}\``,
      { file, line: 1 },
      `There are ${shown(columns.join(', '))}.`,
    );
  }
  return index;
}
