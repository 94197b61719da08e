import type { RandomStream } from '../../src/common/random.ts';

/** Bytes that formats give a meaning, and the edges of their integers. */
const bytes = [
  0, 1, 0x7f, 0x80, 0xff, 0xfe, 0x0a, 0x0d, 0x20, 0x09, 0x2c, 0x22, 0x27, 0x2e, 0x2d, 0x30, 0x39, 0x14, 0x15,
];
const integers = [
  0, 1, 2, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xffffffff,
  0xfffffffe, 0x40000000,
];
/** What a number in text is replaced by. */
const numbers = [
  ...['0', '-1', '1', '2', '-0', '00', '', '.', '-', '+1', '1e3', '1e308', '1e-308', '1e999', '0.5', '-0.5'],
  ...['NaN', 'Infinity', '255', '256', '1024', '1025', '32767', '-32768', '65535', '65536', '100000'],
  ...['2147483647', '-2147483648', '4294967295', '4294967296', '9000000000000', '9007199254740993'],
  ...['999999999999999', '18446744073709551615', '0x10', '1,5', '1.5', '3', '7', '1e15'],
];
const tokens = [
  ...[
    '/',
    '..',
    '../',
    '/etc/passwd',
    'C:\\x',
    '\\',
    '~',
    '-',
    ' ',
    '\t',
    '\n',
    '\r',
    '\r\n',
    '\0',
    ',',
    ';',
  ],
  ...[
    '"',
    "'",
    '(',
    ')',
    ':',
    '+',
    '@@',
    '\x14',
    '\x15',
    '#',
    '%',
    '{',
    '}',
    '[',
    ']',
    '&a',
    '*a',
    '!!js',
    '|',
  ],
  ...['x2', ':9', '+24', 'x100000', ':999999999', '+999999999999', '\xff', '\xc3\xa9', '\u2028'],
];

/** One to six changes of a file; `other` is what it may be spliced with. Deterministic in `random`. */
export function mutate(file: Uint8Array, other: Uint8Array, random: RandomStream): Uint8Array {
  let changed: Buffer = Buffer.from(file);
  // Small steps find what big ones run past: one change is the commonest number of them.
  const most = random.integer(3) === 0 ? 6 : 2;
  for (let left = 1 + random.integer(most); left > 0; left--) {
    changed = changes[random.integer(changes.length)](changed, random, other);
    changed = changed.subarray(0, 2 * file.length + 65536);
  }
  return changed;
}

type Change = (file: Buffer, random: RandomStream, other: Uint8Array) => Buffer;

/** Heads are where the sizes are: half of the changes go there. */
function place(file: Buffer, random: RandomStream): number {
  const reach = random.integer(2) ? file.length : Math.min(file.length, 256);
  return random.integer(reach + 1);
}

function span(file: Buffer, random: RandomStream): [number, number] {
  const start = place(file, random);
  return [start, Math.min(file.length, start + 1 + random.integer(random.integer(2) ? 8 : file.length + 1))];
}

function pick<T>(items: readonly T[], random: RandomStream): T {
  return items[random.integer(items.length)];
}

function replaced(file: Buffer, start: number, end: number, by: Uint8Array): Buffer {
  return Buffer.concat([file.subarray(0, start), by, file.subarray(end)]);
}

function setByte(value: (before: number, random: RandomStream) => number): Change {
  return (file, random) => {
    const at = place(file, random);
    if (at < file.length) file[at] = value(file[at], random);
    return file;
  };
}

/** A run of digits, with its sign and point; the same length is kept where fields are of fixed width. */
const changeNumber: Change = (file, random) => {
  const found = numberFrom(file, place(file, random)) ?? numberFrom(file, 0);
  if (!found) return file;
  const [start, end] = found;
  let text = pick(numbers, random);
  if (random.integer(2)) text = text.padEnd(end - start).slice(0, end - start);
  return replaced(file, start, end, Buffer.from(text, 'latin1'));
};

const changes: readonly Change[] = [
  setByte((before, random) => before ^ (1 << random.integer(8))),
  setByte((_, random) => pick(bytes, random)),
  setByte((_, random) => random.integer(256)),
  setByte((before, random) => (before + random.integer(3) - 1) & 0xff),
  changeNumber,
  changeNumber,
  changeNumber,
  // An integer of 2 or 4 bytes.
  (file, random) => {
    const width = random.integer(2) ? 4 : 2;
    const at = place(file, random);
    if (at + width > file.length) return file;
    const value = pick(integers, random) % 2 ** (8 * width);
    if (random.integer(2)) file.writeUIntLE(value, at, width);
    else file.writeUIntBE(value, at, width);
    return file;
  },
  // Cut off.
  (file, random) => file.subarray(0, place(file, random)),
  // Twice, or gone.
  (file, random) => {
    const [start, end] = span(file, random);
    return replaced(file, end, end, file.subarray(start, end));
  },
  (file, random) => {
    const [start, end] = span(file, random);
    return replaced(file, start, end, Buffer.alloc(0));
  },
  // A piece of another file, or its end.
  (file, random, other) => {
    const [start, end] = span(file, random);
    const from = random.integer(other.length + 1);
    const to = random.integer(2) ? other.length : Math.min(other.length, from + random.integer(64));
    return replaced(file, start, end, other.subarray(from, to));
  },
  // Two pieces change places.
  (file, random) => {
    const [a, b] = span(file, random);
    const [c, d] = span(file, random);
    if (c < b) return file;
    return Buffer.concat([
      file.subarray(0, a),
      file.subarray(c, d),
      file.subarray(b, c),
      file.subarray(a, b),
      file.subarray(d),
    ]);
  },
  // A longer number.
  (file, random) => {
    const [start, end] = numberFrom(file, place(file, random)) ?? [0, 0];
    const digits = file.subarray(start, end);
    return replaced(
      file,
      end,
      end,
      Buffer.concat(Array.from({ length: 1 + random.integer(20) }, () => digits)),
    );
  },
  // Something between.
  (file, random) => {
    const at = place(file, random);
    return replaced(file, at, at, Buffer.from(pick(tokens, random), 'latin1'));
  },
  (file, random) => {
    const at = place(file, random);
    return replaced(
      file,
      at,
      at,
      Buffer.from(Array.from({ length: 1 + random.integer(16) }, () => random.integer(256))),
    );
  },
  (file, random) => file.fill(pick(bytes, random), ...span(file, random)),
  // Lines: one is doubled, or many times there.
  (file, random) => {
    const at = place(file, random);
    const start = file.lastIndexOf(10, Math.max(0, at - 1)) + 1;
    const found = file.indexOf(10, at);
    const line = file.subarray(start, found < 0 ? file.length : found + 1);
    const times = Math.min(random.integer(2) ? 1 : 40, Math.ceil(4096 / (line.length + 1)));
    return replaced(file, start, start, Buffer.concat(Array.from({ length: times }, () => line)));
  },
];

function numberFrom(file: Buffer, from: number): [number, number] | undefined {
  const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39;
  let start = from;
  while (start < file.length && !isDigit(file[start])) start++;
  if (start === file.length) return undefined;
  let end = start;
  while (end < file.length && (isDigit(file[end]) || file[end] === 0x2e)) end++;
  if (start > 0 && file[start - 1] === 0x2d) start--;
  return [start, end];
}
