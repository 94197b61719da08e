import * as zlib from 'node:zlib';

/** Encoders of MATLAB files for tests ("MAT-File Format", The MathWorks), of their own; columns of a matrix follow each other. */
export interface Matrix {
  name: string;
  rows: number;
  columns: number;
  values: readonly number[];
  /** Storage of the numbers. */
  type?: keyof typeof storage;
}

/** Bytes, precision digit of version 4, data type and class of version 5. */
const storage = {
  float64: { bytes: 8, level4: 0, dataType: 9, classNumber: 6 },
  float32: { bytes: 4, level4: 1, dataType: 7, classNumber: 7 },
  int32: { bytes: 4, level4: 2, dataType: 5, classNumber: 12 },
  int16: { bytes: 2, level4: 3, dataType: 3, classNumber: 10 },
  uint16: { bytes: 2, level4: 4, dataType: 4, classNumber: 11 },
  uint8: { bytes: 1, level4: 5, dataType: 2, classNumber: 9 },
  int8: { bytes: 1, level4: -1, dataType: 1, classNumber: 8 },
};

function numbers(values: readonly number[], type: keyof typeof storage, big: boolean): Buffer {
  const { bytes } = storage[type];
  const out = Buffer.alloc(values.length * bytes);
  values.forEach((value, i) => {
    const at = i * bytes;
    if (type === 'float64') out[big ? 'writeDoubleBE' : 'writeDoubleLE'](value, at);
    else if (type === 'float32') out[big ? 'writeFloatBE' : 'writeFloatLE'](value, at);
    else out[big ? 'writeIntBE' : 'writeIntLE'](value, at, bytes);
  });
  return out;
}

export interface Level4Options {
  big?: boolean;
  imaginary?: boolean;
  /** 0: numbers, 1: text, 2: sparse. */
  kind?: number;
}

export function level4(
  matrix: Matrix,
  { big = false, imaginary = false, kind = 0 }: Level4Options = {},
): Buffer {
  const { name, rows, columns, values, type = 'float64' } = matrix;
  const head = [
    (big ? 1000 : 0) + storage[type].level4 * 10 + kind,
    rows,
    columns,
    imaginary ? 1 : 0,
    name.length + 1,
  ];
  return Buffer.concat([numbers(head, 'int32', big), Buffer.from(`${name}\0`), numbers(values, type, big)]);
}

/** An element of version 5; at most 4 bytes go into the tag. */
function element(type: number, data: Buffer, big: boolean): Buffer {
  if (data.length <= 4) {
    const small = Buffer.alloc(8);
    if (big) small.writeUInt32BE((data.length << 16) | type);
    else small.writeUInt32LE((data.length << 16) | type);
    data.copy(small, 4);
    return small;
  }
  return Buffer.concat([numbers([type, data.length], 'int32', big), data, Buffer.alloc(-data.length & 7)]);
}

export interface Level5Array {
  name: string;
  classNumber: number;
  /** Bits of the array flags: 8 complex, 2 logical. */
  flags?: number;
  dimensions: readonly number[];
  rest: readonly Buffer[];
}

function arrayElement({ name, classNumber, flags = 0, dimensions, rest }: Level5Array, big: boolean): Buffer {
  const body = Buffer.concat([
    element(6, numbers([classNumber | (flags << 8), 0], 'int32', big), big),
    element(5, numbers(dimensions, 'int32', big), big),
    element(1, Buffer.from(name), big),
    ...rest,
  ]);
  return Buffer.concat([numbers([14, body.length], 'int32', big), body]);
}

/** A matrix; `stored` is how a double is stored where it is shorter. */
export function matrix5(matrix: Matrix, big = false, stored = matrix.type ?? 'float64', flags = 0): Buffer {
  const { name, rows, columns, values, type = 'float64' } = matrix;
  const { classNumber } = storage[type];
  const rest = [element(storage[stored].dataType, numbers(values, stored, big), big)];
  return arrayElement({ name, classNumber, flags, dimensions: [rows, columns], rest }, big);
}

/** An array of numbers with any dimensions. */
export function array5(name: string, dimensions: readonly number[], values: readonly number[]): Buffer {
  return arrayElement(
    { name, classNumber: 6, dimensions, rest: [element(9, numbers(values, 'float64', false), false)] },
    false,
  );
}

export function text5(name: string, text: string, big = false): Buffer {
  const rest = [element(16, Buffer.from(text), big)];
  return arrayElement({ name, classNumber: 4, dimensions: [1, text.length], rest }, big);
}

/** A structure whose fields are arrays without a name. */
export function struct5(name: string, fields: Record<string, Buffer>, big = false): Buffer {
  const width = 16;
  const names = Buffer.concat(Object.keys(fields).map((field) => Buffer.from(field.padEnd(width, '\0'))));
  const rest = [
    element(5, numbers([width], 'int32', big), big),
    element(1, names, big),
    ...Object.values(fields),
  ];
  return arrayElement({ name, classNumber: 2, dimensions: [1, 1], rest }, big);
}

export function level5(variables: readonly Buffer[], { big = false, compress = false } = {}): Buffer {
  const head = Buffer.alloc(128, ' ');
  head.write('MATLAB 5.0 MAT-file');
  head.set(big ? [1, 0, 0x4d, 0x49] : [0, 1, 0x49, 0x4d], 124);
  const packed = variables.map((variable) => {
    const data = zlib.deflateSync(variable);
    return Buffer.concat([numbers([15, data.length], 'int32', big), data]);
  });
  return Buffer.concat([head, ...(compress ? packed : variables)]);
}
