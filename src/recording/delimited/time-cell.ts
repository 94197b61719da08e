import { cellNumber, type Dialect } from './cells.ts';

/** What the cells of a time column are. */
export type TimeForm = 'number' | 'clock' | 'date';

const number = '\\d{1,15}(?:[.,]\\d*)?';
const clockForm = new RegExp(`^\\[?(?:\\d{1,6}:)?\\d{1,6}:${number}\\]?$`);
const isoForm = new RegExp(
  `^(\\d{4})-(\\d\\d)-(\\d\\d)[T ](\\d\\d):(\\d\\d)(?::(${number}))?(?: ?(Z|[+-]\\d\\d:?\\d\\d))?$`,
);
/** As `rdsamp -v` writes the time of day. */
const rdsampForm = new RegExp(`^\\[(\\d\\d):(\\d\\d):(${number}) (\\d\\d)/(\\d\\d)/(\\d{4})\\]$`);

/** Form of a cell of a time column; undefined where it is none. */
export function timeForm(text: string, dialect: Dialect): TimeForm | undefined {
  if (clockForm.test(text)) return 'clock';
  if (dateSeconds(text) !== undefined) return 'date';
  const bytes = Buffer.from(text);
  const value = cellNumber(bytes, 0, bytes.length, dialect);
  return value === undefined || Number.isNaN(value) ? undefined : 'number';
}

/** Time in a cell: a number as it is, of the others seconds; undefined where it is none. */
export function cellTime(
  bytes: Buffer,
  from: number,
  to: number,
  form: TimeForm,
  dialect: Dialect,
): number | undefined {
  if (form === 'number') {
    const value = cellNumber(bytes, from, to, dialect);
    return Number.isNaN(value) ? undefined : value;
  }
  const text = bytes.toString('latin1', from, to);
  return form === 'clock' ? clockSeconds(text) : dateSeconds(text);
}

/** `mm:ss.mmm` or `hh:mm:ss.mmm`. */
function clockSeconds(text: string): number | undefined {
  if (!clockForm.test(text)) return undefined;
  const parts = text.replace(/[[\]]/g, '').split(':');
  return parts.reduce((sum, part) => sum * 60 + decimal(part), 0);
}

/** s since 1970, as if in UTC where no zone is given. */
function dateSeconds(text: string): number | undefined {
  const parts = dateParts(text);
  if (!parts) return undefined;
  const { year, month, day, hours, minutes, seconds, zone } = parts;
  const [, sign, zoneHours, zoneMinutes] = /^([+-])(\d\d):?(\d\d)$/.exec(zone) ?? [undefined, '+', '0', '0'];
  const ahead = (Number(zoneHours) * 60 + Number(zoneMinutes)) * (sign === '-' ? -60 : 60);
  const whole = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hours), Number(minutes)) / 1000;
  return Number.isFinite(whole) ? whole + decimal(seconds) - ahead : undefined;
}

/** Local time that a date says, `2009-12-10T12:44:02`. */
export function dateAsIso(text: string): string | undefined {
  const parts = dateParts(text);
  if (!parts) return undefined;
  const { year, month, day, hours, minutes, seconds } = parts;
  return `${year}-${month}-${day}T${hours}:${minutes}:${seconds.slice(0, 2).padStart(2, '0')}`;
}

function dateParts(
  text: string,
): Record<'year' | 'month' | 'day' | 'hours' | 'minutes' | 'seconds' | 'zone', string> | undefined {
  const iso = isoForm.exec(text);
  if (iso) {
    const [, year, month, day, hours, minutes, seconds = '00', zone = ''] = iso;
    return { year, month, day, hours, minutes, seconds, zone };
  }
  const printed = rdsampForm.exec(text);
  if (!printed) return undefined;
  const [, hours, minutes, seconds, day, month, year] = printed;
  return { year, month, day, hours, minutes, seconds, zone: '' };
}

function decimal(text: string): number {
  return Number(text.replace(',', '.'));
}

/** What the last printed digit of a time is worth, in the unit of the number (of the others, s). */
export function resolution(text: string): number {
  const [, decimals] = /[.,](\d+)\]?(?:Z|[+-]\d\d:?\d\d)?(?: .*)?$/.exec(text) ?? [];
  return /e/i.test(text) ? 1e-9 : 10 ** -(decimals?.length ?? 0);
}
