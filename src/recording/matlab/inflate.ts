import * as zlib from 'node:zlib';
import { UserError } from '../../common/errors.ts';
import { shown } from '../shown.ts';

/** What deflate makes of a byte at most. */
const largestRatio = 1032;
/** More than this is not kept in memory. */
export const mostInflated = 2 ** 29;
const peekBytes = 1024;

/** The beginning of compressed data, a megabyte at most. Throws a UserError where it is damaged. */
export function inflateStart(packed: Uint8Array, file: string): Uint8Array {
  return unpack(packed.subarray(0, peekBytes), largestRatio * peekBytes, zlib.constants.Z_SYNC_FLUSH, file);
}

/** Compressed data that announces `bytes`. Throws a UserError where it is damaged, or is more than is kept in memory. */
export function inflate(packed: Uint8Array, bytes: number, variable: string, file: string): Uint8Array {
  if (bytes > mostInflated) {
    throw new UserError(
      `its variable \`${variable}\` has ${bytes} bytes, and is compressed as a whole`,
      { file },
      "Save it uncompressed, with `save('file.mat', '-v6')`: then it is read piece by piece.",
    );
  }
  const inflated =
    bytes > largestRatio * packed.length
      ? new Uint8Array(0)
      : unpack(packed, bytes, zlib.constants.Z_FINISH, file, variable);
  if (inflated.length < bytes)
    throw damage(`its variable \`${variable}\` announces ${bytes} bytes and has fewer`, file);
  return inflated;
}

function unpack(
  packed: Uint8Array,
  most: number,
  finishFlush: number,
  file: string,
  variable?: string,
): Uint8Array {
  try {
    return zlib.inflateSync(packed, { finishFlush, maxOutputLength: Math.max(1, most) });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const of = variable === undefined ? '' : ` of \`${shown(variable)}\``;
    if (code === 'ERR_BUFFER_TOO_LARGE')
      throw damage(`its compressed data${of} have more than ${most} bytes`, file);
    throw damage(`its compressed data${of} are damaged (${message})`, file);
  }
}

function damage(what: string, file: string): UserError {
  return new UserError(what, { file }, 'The file is damaged or cut off; get it again.');
}
