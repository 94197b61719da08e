import { UserError } from '../../common/errors.ts';

/** A two-dimensional array of a MATLAB version 4 file, column-major as stored. */
export interface MatlabMatrix {
  name: string;
  rows: number;
  columns: number;
  data: Int16Array | Int32Array | Float32Array | Float64Array | Uint8Array | Uint16Array;
}

const headerBytes = 20;
const elementBytes = [8, 4, 4, 2, 2, 1];

/**
 * First matrix of a MATLAB v4 file ("MAT-File Format", The MathWorks, appendix on version 4): five little-endian int32
 * (type MOPT, rows, columns, imaginary flag, length of the name), name, data. Sizes are checked against the file
 * before anything is allocated.
 */
export function readMatlab4(bytes: Uint8Array, file: string, record?: string): MatlabMatrix {
  const refuse = (what: string): never => {
    throw new UserError(
      what,
      { file, record },
      'The file is damaged, cut off, or not a MATLAB version 4 file.',
    );
  };
  if (bytes.length < headerBytes)
    return refuse(`${bytes.length} bytes are fewer than a MATLAB v4 header has`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [type, rows, columns, imaginary, nameLength] = [0, 4, 8, 12, 16].map((at) => view.getInt32(at, true));
  const machine = Math.floor(type / 1000);
  const precision = Math.floor(type / 10) % 10;
  if (type < 0 || machine !== 0 || type % 10 !== 0 || elementBytes[precision] === undefined) {
    return refuse(`its type ${type} is no little-endian numeric matrix`);
  }
  if (imaginary !== 0) return refuse('it holds complex numbers');
  if (rows < 0 || columns < 0 || nameLength < 1 || nameLength > 64)
    return refuse('its header gives impossible sizes');
  const start = headerBytes + nameLength;
  const count = rows * columns;
  const needed = start + count * elementBytes[precision];
  if (needed > bytes.length)
    return refuse(`its header asks for ${needed} bytes, the file has ${bytes.length}`);
  const name = Buffer.from(bytes.subarray(headerBytes, start)).toString('latin1').replace(/\0.*$/, '');
  const payload = new Uint8Array(bytes.subarray(start, needed)).buffer;
  const constructors = [Float64Array, Float32Array, Int32Array, Int16Array, Uint16Array, Uint8Array];
  return { name, rows, columns, data: new constructors[precision](payload) };
}

/** A row of 16-bit integers → bytes of a MATLAB v4 file. A three-letter name makes the header 24 bytes long. */
export function encodeMatlab4(name: string, row: Int16Array): Uint8Array {
  const start = headerBytes + name.length + 1;
  const bytes = Buffer.alloc(start + 2 * row.length);
  const int16Matrix = 30;
  [int16Matrix, 1, row.length, 0, name.length + 1].forEach((value, i) => bytes.writeInt32LE(value, 4 * i));
  bytes.write(name, headerBytes, 'latin1');
  bytes.set(new Uint8Array(row.buffer, row.byteOffset, row.byteLength), start);
  return bytes;
}
