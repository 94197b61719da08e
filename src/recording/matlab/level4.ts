import { UserError } from '../../common/errors.ts';
import type { ByteFile } from '../byte-file.ts';
import { elements, type ElementType } from '../matrix/elements.ts';
import { mostVariables, type MatlabVariable } from './variable.ts';

const headerBytes = 20;
const types: readonly ElementType[] = ['float64', 'float32', 'int32', 'int16', 'uint16', 'uint8'];
const longestName = 1024;

/**
 * Byte order of a version 4 file ("MAT-File Format", The MathWorks, appendix on version 4): its first integer, MOPT, has the
 * decimal digits machine (0: little-endian, 1: big-endian), 0, precision, kind of matrix. Undefined where it is no such file.
 */
export function level4ByteOrder(file: ByteFile): 'little' | 'big' | undefined {
  const bytes = file.read(0, 4);
  if (bytes.length < 4) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, 4);
  if (isType(view.getUint32(0, true), 0)) return 'little';
  return isType(view.getUint32(0, false), 1) ? 'big' : undefined;
}

function isType(mopt: number, machine: number): boolean {
  const precision = Math.floor(mopt / 10) % 10;
  return Math.floor(mopt / 100) === machine * 10 && precision < types.length && mopt % 10 <= 2;
}

/** All variables of a version 4 file. Sizes are checked against the file. Throws a UserError that names the variable. */
export function level4Variables(file: ByteFile, byteOrder: 'little' | 'big'): MatlabVariable[] {
  const little = byteOrder === 'little';
  const variables: MatlabVariable[] = [];
  for (let at = 0; at < file.size;) {
    const refuse = (what: string): never => {
      throw new UserError(
        `its variable ${variables.length + 1} ${what}`,
        { file: file.location },
        'The file is damaged, cut off, or not a MATLAB version 4 file.',
      );
    };
    const head = file.read(at, headerBytes);
    if (head.length < headerBytes) refuse('is cut off within its header');
    const view = new DataView(head.buffer, head.byteOffset, headerBytes);
    const [mopt, rows, columns, imaginary, nameLength] = [0, 4, 8, 12, 16].map((field) =>
      view.getUint32(field, little),
    );
    if (!isType(mopt, little ? 0 : 1)) refuse(`has the unknown type ${mopt}`);
    if (nameLength < 1 || nameLength > longestName) refuse(`has a name of ${nameLength} bytes`);
    const type = types[Math.floor(mopt / 10) % 10];
    const offset = at + headerBytes + nameLength;
    const end = offset + rows * columns * elements[type].bytes * (imaginary ? 2 : 1);
    if (end > file.size) {
      refuse(`is ${rows} × ${columns}, which takes ${end} bytes; the file has ${file.size}`);
    }
    const name = Buffer.from(file.read(at + headerBytes, nameLength))
      .toString('latin1')
      .replace(/\0.*$/s, '');
    const kind = imaginary ? 'complex numbers' : ['numbers', 'text', 'sparse'][mopt % 10];
    const place = { offset, rows, columns, type, littleEndian: little };
    variables.push({ name, kind, rows, columns, locate: () => ({ file, place }) });
    if (variables.length > mostVariables) refuse('is more than a file has');
    at = end;
  }
  return variables;
}
