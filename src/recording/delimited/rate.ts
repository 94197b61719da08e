import { UserError } from '../../common/errors.ts';
import { MissingFactError, type Facts } from '../facts.ts';
import type { TimeColumn } from './columns.ts';
import { rowsPerEntry, type RowIndex } from './row-index.ts';

/** Steps of time may be off by this share of one, or by what is lost in printing them. */
const jitter = 0.1;
/** The rate of a thousand rows may be off by this share. */
const drift = 0.01;

/** Hz that a comment or the caller gives. Throws a MissingFactError where only the time column could say it, and does not. */
export function knownRate(
  comments: readonly string[],
  time: TimeColumn | undefined,
  facts: Facts,
  file: string,
): number | undefined {
  const commented = comments.map(rateOfComment).find((rate) => rate !== undefined);
  const known = facts.rate ?? commented;
  if (known !== undefined) {
    if (commented !== undefined) checkSame(known, commented, 1e-6, 'a comment in it', file);
    return known;
  }
  if (!time) throw new MissingFactError('rate', file, 'has no column of the time');
  if (time.unit === 'samples') {
    throw new MissingFactError('rate', file, `its column \`${time.name}\` counts samples, not time`);
  }
  if (time.unit === undefined && time.form === 'number') {
    throw new MissingFactError(
      'rate',
      file,
      `its column \`${time.name}\` does not say in what units it counts time`,
    );
  }
  return undefined;
}

/** `Sample Rate = 250.0 Hz`, `"sampling rate": 1000`, `fs: 360`. */
function rateOfComment(comment: string): number | undefined {
  const found =
    /\b(?:sampl(?:e|ing)[ _]?(?:rate|frequency)|fs|rate)\b["']?\s*(?:\(hz\)\s*)?[:=]\s*(\d+(?:\.\d+)?)/i.exec(
      comment,
    );
  const rate = Number(found?.[1]);
  return rate > 0 ? rate : undefined;
}

/**
 * Hz of a time column whose steps were looked at. Throws a UserError that names the line where time does not go evenly, or
 * where its rate is not the one that is known.
 */
export function rateOfTimes(
  index: RowIndex,
  time: TimeColumn,
  known: number | undefined,
  file: string,
): number {
  const { rows, times, smallestStep, largestStep, lines } = index;
  if (rows < 2) {
    if (known !== undefined) return known;
    throw new MissingFactError('rate', file, 'has one line alone, which says no rate');
  }
  const span = times[times.length - 1] - times[0];
  const step = span / (rows - 1);
  const advice = 'Give it equal steps of time; a recording with gaps can be cut into several files.';
  const refuse = (what: string, line: number): never => {
    throw new UserError(`the time in the column \`${time.name}\` ${what}`, { file, line }, advice);
  };
  if (step <= 0) refuse('does not rise', lines[0]);
  const printed = time.unit === 'samples' ? 0 : index.resolution;
  const slack = Math.max(1.5 * printed, jitter * step);
  for (const [{ size, line }, other] of [
    [largestStep, smallestStep],
    [smallestStep, largestStep],
  ]) {
    if (Math.abs(size - step) > slack)
      refuse(`rises by ${neat(size)} here, and by ${neat(other.size)} elsewhere`, line);
  }
  for (let entry = 0; entry + 1 < times.length; entry++) {
    const here = entryStep(index, entry);
    const length = entryRows(index, entry);
    if (Math.abs(here - step) > drift * step + (2 * printed) / length) {
      refuse(`rises by ${neat(here)} a line from here, and by ${neat(step)} in the whole file`, lines[entry]);
    }
  }
  const seconds = time.form === 'number' ? time.unit : 1;
  if (typeof seconds !== 'number') return known!;
  const uncertainty = Math.max(1e-9, printed / span);
  const rate = rounded(1 / (step * seconds), uncertainty);
  if (known === undefined) return rate;
  checkSame(known, rate, Math.max(1e-3, uncertainty), `its column \`${time.name}\``, file);
  return known;
}

function entryRows({ rows, times }: RowIndex, entry: number): number {
  return entry + 2 < times.length ? rowsPerEntry : Math.max(1, rows - 1 - entry * rowsPerEntry);
}

/** Mean step between an entry of the index and the next. */
function entryStep(index: RowIndex, entry: number): number {
  return (index.times[entry + 1] - index.times[entry]) / entryRows(index, entry);
}

/** A whole number of Hz, where printed times allow it. */
function rounded(rate: number, uncertainty: number): number {
  const whole = Math.round(rate);
  return Math.abs(whole - rate) <= rate * uncertainty ? whole : Number(rate.toPrecision(9));
}

function checkSame(known: number, found: number, tolerance: number, source: string, file: string): void {
  if (Math.abs(known - found) <= found * tolerance) return;
  throw new UserError(
    `${source} says ${neat(found)} Hz, not ${neat(known)} Hz`,
    { file },
    'Leave out the rate where the file says it; else correct the file.',
  );
}

function neat(value: number): string {
  return String(Number(value.toPrecision(6)));
}
