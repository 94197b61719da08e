import { UserError } from '../common/errors.ts';
import type { ByteFile } from './byte-file.ts';
import type { Facts } from './facts.ts';
import { elements, type ElementType } from './matrix/elements.ts';
import { matrixRecording } from './matrix/matrix-recording.ts';
import type { Recording } from './recording.ts';

const magic = '\x93NUMPY';
const longestHeader = 1 << 16;
const types: Readonly<Record<string, ElementType>> = {
  i1: 'int8',
  u1: 'uint8',
  i2: 'int16',
  u2: 'uint16',
  i4: 'int32',
  u4: 'uint32',
  i8: 'int64',
  u8: 'uint64',
  f2: 'float16',
  f4: 'float32',
  f8: 'float64',
};

/**
 * A NumPy array (`.npy`, versions 1 to 3; NEP 1) of one or two axes; the longer one is the time (of two alike, the one that
 * goes more slowly through the file). Read by range. Throws a UserError that names the field, a MissingFactError where `facts` do not say rate and units.
 */
export function openNumpy(file: ByteFile, name: string, facts: Facts = {}): Recording {
  const refuse = (what: string, advice = 'The file is damaged or cut off; get it again.'): never => {
    throw new UserError(what, { file: file.location }, advice);
  };
  const start = Buffer.from(file.read(0, 12));
  if (start.toString('latin1', 0, 6) !== magic)
    refuse('is no NumPy array', 'Check that it is the right file.');
  if (start.length < 12) refuse('is cut off within its header');
  const version = start[6];
  if (version < 1 || version > 3)
    refuse(`is of version ${version}; 1 to 3 can be read`, 'Save it with `numpy.save`.');
  // Version 1 has 16 bits for the length of the header, those after it 32.
  const headerAt = version === 1 ? 10 : 12;
  const length = version === 1 ? start.readUInt16LE(8) : start.readUInt32LE(8);
  if (length > longestHeader || headerAt + length > file.size)
    refuse(`announces a header of ${length} bytes`);
  const text = Buffer.from(file.read(headerAt, length)).toString(version === 3 ? 'utf8' : 'latin1');
  const header =
    parseDictionary(text) ?? refuse(`has a header that is no dictionary (\`${text.slice(0, 80).trim()}\`)`);

  const [, order, code] = /^([<>|=])?([a-z]\d+)$/.exec(header.descr) ?? [];
  const type = types[code ?? ''];
  if (type === undefined) {
    return refuse(
      `has \`descr\` ${header.descr}, which are no numbers`,
      'Save integers or floats: `array.astype(float)`.',
    );
  }
  const { shape } = header;
  const long = shape.filter((axis) => axis !== 1);
  if (shape.length === 0 || long.length > 2) {
    return refuse(
      `has \`shape\` (${shape.join(', ')}); one or two axes can be read`,
      'Save each recording by itself.',
    );
  }
  const [first, second] = long.length === 2 ? long : [1, long[0] ?? 1];
  const offset = headerAt + length;
  const needed = offset + first * second * elements[type].bytes;
  if (needed > file.size) {
    return refuse(
      `has \`shape\` (${shape.join(', ')}), which takes ${needed} bytes; the file has ${file.size}`,
    );
  }
  // Row by row is column by column of the transposed array.
  const [rows, columns] = header.fortranOrder ? [first, second] : [second, first];
  return matrixRecording(
    file,
    { offset, rows, columns, type, littleEndian: order !== '>' },
    { format: 'NumPy', name, rate: undefined, matrix: `of ${header.descr}` },
    facts,
    () => file.close(),
  );
}

interface Header {
  descr: string;
  fortranOrder: boolean;
  shape: number[];
}

/** `{'descr': '<i2', 'fortran_order': False, 'shape': (2, 5000), }`, keys in any order; undefined for anything else. */
function parseDictionary(text: string): Header | undefined {
  const body = /^\{(.*)\}\s*$/s.exec(text)?.[1];
  if (body === undefined) return undefined;
  const entry =
    /\s*'(descr|fortran_order|shape)'\s*:\s*('[^']*'|True|False|\([\d,\sL]*\)|\[[^\]]*\])\s*(?:,|$)\s*/y;
  const found = new Map<string, string>();
  for (let at = 0; at < body.length; at = entry.lastIndex) {
    entry.lastIndex = at;
    const match = entry.exec(body);
    if (!match) return undefined;
    found.set(match[1], match[2]);
  }
  const [descr, order, shape] = ['descr', 'fortran_order', 'shape'].map((key) => found.get(key));
  if (!descr || !/^(True|False)$/.test(order ?? '') || !shape?.startsWith('(')) return undefined;
  const axes = shape
    .slice(1, -1)
    .split(',')
    .map((axis) => axis.trim().replace(/L$/, ''));
  // One axis has a comma after it.
  if (axes.at(-1) === '') axes.pop();
  if (!axes.every((axis) => /^\d{1,15}$/.test(axis))) return undefined;
  return { descr: descr.replaceAll("'", ''), fortranOrder: order === 'True', shape: axes.map(Number) };
}
