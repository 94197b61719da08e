/** How a file separates cells, and which marks its numbers may have before their decimals. */
export interface Dialect {
  /** A byte; a blank stands for any run of blanks. */
  delimiter: number;
  point: boolean;
  comma: boolean;
}

export const mostColumns = 1024;
export const [blank, tab, comma, semicolon] = [0x20, 0x09, 0x2c, 0x3b];
const [doubleQuote, singleQuote, point] = [0x22, 0x27, 0x2e];

/** Bounds of the cells of one line: cell `i` is the bytes `2 * i` up to `2 * i + 1`. */
export type CellBounds = Int32Array;

export function cellBounds(): CellBounds {
  return new Int32Array(2 * (mostColumns + 1));
}

/**
 * Find the cells of a line, without quotes (RFC 4180, and the single ones of `rdsamp`) and blanks around them. Returns how many
 * there are, `mostColumns + 1` where there are more; -1 where a quote is not closed.
 */
export function splitCells(
  bytes: Uint8Array,
  from: number,
  to: number,
  delimiter: number,
  out: CellBounds,
): number {
  const blanks = delimiter === blank;
  let count = 0;
  let at = from;
  if (blanks) while (at < to && isBlank(bytes[at])) at++;
  for (;;) {
    if (count > mostColumns) return count;
    let start = at;
    while (start < to && isBlank(bytes[start]) && bytes[start] !== delimiter) start++;
    const quote = bytes[start];
    let end: number;
    if (start < to && (quote === doubleQuote || quote === singleQuote)) {
      end = closingQuote(bytes, start + 1, to, quote);
      if (end < 0) return -1;
      start++;
      at = end + 1;
      while (at < to && bytes[at] !== delimiter && !(blanks && isBlank(bytes[at]))) at++;
    } else {
      while (at < to && bytes[at] !== delimiter && !(blanks && isBlank(bytes[at]))) at++;
      end = at;
      while (end > start && isBlank(bytes[end - 1])) end--;
    }
    out[2 * count] = start;
    out[2 * count + 1] = end;
    count++;
    if (blanks) while (at < to && isBlank(bytes[at])) at++;
    if (at >= to) return count;
    if (!blanks) at++;
  }
}

function isBlank(byte: number): boolean {
  return byte === blank || byte === tab;
}

/** A doubled quote is one of the text. */
function closingQuote(bytes: Uint8Array, from: number, to: number, quote: number): number {
  for (let at = from; at < to; at++) {
    if (bytes[at] !== quote) continue;
    if (bytes[at + 1] !== quote || at + 1 >= to) return at;
    at++;
  }
  return -1;
}

/** A cell as text; quotes that were doubled in it are single. */
export function cellText(bytes: Buffer, from: number, to: number): string {
  return bytes.toString('utf8', from, to).replaceAll('""', '"').trim();
}

/** Powers of ten that float64 has exactly. */
const powers = Array.from({ length: 23 }, (_, i) => Number(`1e${i}`));

/** Number in a cell, NaN where it says that there is none (empty, `-`, `NaN`, `NA`), undefined where it is anything else. */
export function cellNumber(bytes: Buffer, from: number, to: number, dialect: Dialect): number | undefined {
  let at = from;
  const sign = bytes[at];
  if (at < to && (sign === 0x2d || sign === 0x2b)) at++;
  let digits = 0;
  let decimals = -1;
  let value = 0;
  for (; at < to; at++) {
    const byte = bytes[at];
    if (byte >= 0x30 && byte <= 0x39) {
      value = value * 10 + (byte - 0x30);
      digits++;
      if (decimals >= 0) decimals++;
    } else if (decimals < 0 && ((byte === point && dialect.point) || (byte === comma && dialect.comma))) {
      decimals = 0;
    } else {
      break;
    }
  }
  // Up to 15 digits are exact, and so is their quotient rounded once; the rest goes by the language's own way.
  if (at === to && digits > 0 && digits <= 15) {
    if (decimals > 0) value /= powers[decimals];
    return sign === 0x2d ? -value : value;
  }
  return numberOfText(bytes.toString('latin1', from, to), dialect);
}

const longestNumber = 64;

function numberOfText(text: string, dialect: Dialect): number | undefined {
  if (/^(|-|n\/?a|nan)$/i.test(text)) return NaN;
  if (text.length > longestNumber) return undefined;
  const mark = text.includes(',') ? ',' : '.';
  if (text.includes(mark) && !(mark === ',' ? dialect.comma : dialect.point)) return undefined;
  const plain = text.replace(',', '.');
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(plain)) return undefined;
  const value = Number(plain);
  return Number.isFinite(value) ? value : undefined;
}
