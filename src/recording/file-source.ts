import * as fs from 'node:fs';
import { UserError } from '../common/errors.ts';
import { fileError } from '../common/files.ts';
import type { ByteFile } from './byte-file.ts';
import { FolderSource } from './folder-source.ts';
import { ZipSource } from './zip-source.ts';

/**
 * Where a record's files come from. Names use `/`, are relative, and never lead out of it. Throws a UserError that names a
 * file which is not there or cannot be read.
 */
export interface FileSource {
  /** For messages: the path of the folder or zip. */
  readonly location: string;
  has(name: string): boolean;
  open(name: string): ByteFile;
}

/** A folder or zip whose files can be listed as well. */
export interface Archive extends FileSource {
  names(): readonly string[];
  /** Changes when the file does; undefined where there is none, or where it is too new to tell. */
  stamp(name: string): string | undefined;
  close(): void;
}

/** Open a `.zip` or a folder. Throws a UserError that says what is wrong with it. */
export async function openArchive(location: string): Promise<Archive> {
  let stat: fs.Stats;
  try {
    stat = fs.statSync(location);
  } catch (error) {
    throw fileError(error, location);
  }
  if (stat.isDirectory()) return new FolderSource(location);
  // A pipe or a device would be waited for without end.
  if (!stat.isFile()) throw new UserError('is neither a file nor a folder', { file: location });
  return ZipSource.open(location);
}

/** Tables and headers of real datasets stay far below this. */
const largestWhole = 256 * 1024 * 1024;

/** A whole file. Throws a UserError where it has more than `most` bytes. */
export function readWhole(source: FileSource, name: string, most = largestWhole): Uint8Array {
  const file = source.open(name);
  try {
    if (file.size > most) {
      throw new UserError(
        `it has ${file.size} bytes, more than the ${most} that such a file can have`,
        { file: file.location },
        'It is damaged, or no file of this kind.',
      );
    }
    return file.read(0, file.size);
  } finally {
    file.close();
  }
}

export function readText(
  source: FileSource,
  name: string,
  encoding: 'utf8' | 'latin1',
  most?: number,
): string {
  return Buffer.from(readWhole(source, name, most)).toString(encoding);
}
