import type { ByteFile } from '../byte-file.ts';
import { readMatlab4 } from '../matlab/matlab4.ts';

export function matlabDataOffset(file: ByteFile): number {
  const matrix = readMatlab4(file.read(0, file.size), file.location);
  return file.size - matrix.data.byteLength;
}
