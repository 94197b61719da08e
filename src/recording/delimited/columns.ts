import { UserError } from '../../common/errors.ts';
import { MissingFactError, type Facts } from '../facts.ts';
import { cellNumber, type Dialect } from './cells.ts';
import { columnName, timeHeading, timeUnit, voltage, type TimeUnit } from './column-name.ts';
import { shown } from '../shown.ts';
import type { Layout } from './layout.ts';
import { cellTime, timeForm, type TimeForm } from './time-cell.ts';

export interface TimeColumn {
  /** From 0. */
  column: number;
  /** For messages. */
  name: string;
  form: TimeForm;
  /** Undefined where nothing says what its numbers are. */
  unit: TimeUnit | undefined;
}

export interface LeadColumn {
  column: number;
  name: string;
  units: string;
}

export interface Columns {
  /** Cells of each line. */
  width: number;
  time: TimeColumn | undefined;
  leads: readonly LeadColumn[];
  /** Names of columns that hold text, as the class of each beat, and so are no leads. */
  texts: readonly string[];
}

/** Fewer lines than this say nothing of whether a column without a name counts time. */
const enoughToSeeTime = 8;

/**
 * What each column is. Throws a UserError where the header does not fit, a MissingFactError where neither the file nor `facts`
 * say the units.
 */
export function findColumns(layout: Layout, facts: Facts, file: string): Columns {
  const { rows, dialect } = layout;
  const first = rows[0].cells;
  const headings = fittedHeadings(layout, file);
  const time = findTime(layout, headings);
  // A file may count samples and seconds, and give the date by itself.
  const isTime = (column: number): boolean =>
    column === time?.column || timeHeading(headings[column] ?? '') !== undefined;
  const leads: LeadColumn[] = [];
  const texts: string[] = [];
  for (let column = 0; column < first.length; column++) {
    const heading = columnName(headings[column] ?? '');
    if (isTime(column) || (heading.name === '' && isEmpty(rows, column, dialect))) continue;
    const units = layout.unitCells[column] || heading.units;
    const name = heading.name || `column ${column + 1}`;
    if (isText(rows, column, dialect)) texts.push(name);
    else leads.push({ column, name, units });
  }
  if (leads.length === 0) {
    throw new UserError(
      'has no column of numbers but that of the time',
      { file, line: layout.line },
      'Check that it is the right file.',
    );
  }
  return {
    width: first.length,
    time,
    leads: leads.map((lead) => ({ ...lead, units: settledUnits(lead, facts, file) })),
    texts,
  };
}

/** One name of each column: '' for a last column that is empty, and for row names, which R writes without a name. */
function fittedHeadings({ headings, rows, dialect, line }: Layout, file: string): readonly string[] {
  const width = rows[0].cells.length;
  if (headings.length === 0 || headings.length === width) return headings;
  if (headings.length === width - 1) {
    if (isEmpty(rows, width - 1, dialect)) return [...headings, ''];
    if (isEven(rows, 0, 'number', dialect)) return ['', ...headings];
  }
  if (headings.length === width + 1 && headings.at(-1) === '') return headings.slice(0, -1);
  throw new UserError(
    `has ${width} columns, and its header ${headings.length} names`,
    { file, line },
    'All lines need the same columns; names with blanks need quotes where blanks separate columns.',
  );
}

function findTime({ rows, dialect, unitCells }: Layout, headings: readonly string[]): TimeColumn | undefined {
  const form = (column: number): TimeForm | undefined => timeForm(rows[0].cells[column] ?? '', dialect);
  const named = headings.flatMap((heading, column): TimeColumn[] => {
    const time = timeHeading(heading);
    if (!time) return [];
    const unit = timeUnit(unitCells[column] ?? '') ?? time.unit ?? likeliestUnit(rows, column, dialect);
    return [{ column, name: shown(heading), form: form(column) ?? 'number', unit }];
  });
  const saysRate = named.find(({ form, unit }) => form !== 'number' || typeof unit === 'number');
  if (named.length > 0) return saysRate ?? named[0];
  const found = form(0);
  const isLead = voltage(unitCells[0] || columnName(headings[0] ?? '').units) !== undefined;
  if (isLead || found === undefined || rows[0].cells.length < 2 || !isEven(rows, 0, found, dialect))
    return undefined;
  return {
    column: 0,
    name: shown(headings[0] || 'column 1'),
    form: found,
    unit: likeliestUnit(rows, 0, dialect),
  };
}

/**
 * Unit of times that nothing names: seconds where they rise by less than one; samples where they rise by one; and by what is
 * usual for times since 1970.
 */
function likeliestUnit(rows: Layout['rows'], column: number, dialect: Dialect): TimeUnit | undefined {
  const values = columnTimes(rows, column, 'number', dialect);
  const [first, second] = values;
  if (first === undefined || second === undefined) return undefined;
  if (first > 1e17) return 1e-9;
  if (first > 1e14) return 1e-6;
  if (first > 1e11) return 1e-3;
  const step = (values[values.length - 1]! - first) / (values.length - 1);
  if (step < 1) return 1;
  return step === 1 ? 'samples' : undefined;
}

function columnTimes(
  rows: Layout['rows'],
  column: number,
  form: TimeForm,
  dialect: Dialect,
): (number | undefined)[] {
  return rows.map(({ cells }) => {
    const bytes = Buffer.from(cells[column] ?? '');
    return cellTime(bytes, 0, bytes.length, form, dialect);
  });
}

/** Whether a column rises as time does: each step a tenth of the mean one from it at most, or what rounding makes of it. */
function isEven(rows: Layout['rows'], column: number, form: TimeForm, dialect: Dialect): boolean {
  const values = columnTimes(rows, column, form, dialect);
  const steps = values.slice(1).map((value, i) => value! - values[i]!);
  if (rows.length < enoughToSeeTime || values.includes(undefined)) return false;
  const mean = steps.reduce((sum, step) => sum + step, 0) / steps.length;
  const decimals = Math.max(...rows.map(({ cells }) => /[.,](\d+)$/.exec(cells[column])?.[1].length ?? 0));
  const slack = Math.max(0.1 * mean, Math.min(1.5 * 10 ** -decimals, 0.5 * mean));
  return mean > 0 && steps.every((step) => Math.abs(step - mean) <= slack);
}

/** No cell has a number, and one has something else. */
function isText(rows: Layout['rows'], column: number, dialect: Dialect): boolean {
  const values = rows.map(({ cells }) => {
    const bytes = Buffer.from(cells[column] ?? '');
    return cellNumber(bytes, 0, bytes.length, dialect);
  });
  return values.includes(undefined) && values.every((value) => value === undefined || Number.isNaN(value));
}

function isEmpty(rows: Layout['rows'], column: number, dialect: Dialect): boolean {
  return rows.every(({ cells }) => {
    const bytes = Buffer.from(cells[column] ?? '');
    return Number.isNaN(cellNumber(bytes, 0, bytes.length, dialect));
  });
}

/** `facts` are of all columns; what is no voltage, as a breath or a temperature, keeps the units that its column says. */
function settledUnits({ name, units }: LeadColumn, facts: Facts, file: string): string {
  if (facts.units === undefined) {
    if (units) return units;
    throw new MissingFactError(
      'units',
      file,
      `the column \`${shown(name)}\` does not say in what units it is`,
    );
  }
  const stated = voltage(units);
  if (stated !== undefined && stated !== voltage(facts.units)) {
    throw new UserError(
      `the column \`${shown(name)}\` is in ${shown(units)}, not in ${facts.units}`,
      { file },
      'Leave out the units: the file says them.',
    );
  }
  return units || facts.units;
}
