import * as fs from 'node:fs';
import * as path from 'node:path';
import { createHash, randomBytes } from 'node:crypto';
import { UserError } from './errors.ts';

/**
 * Write a file so that it is either whole or not there: temporary file in the same folder, fsync, rename, fsync of
 * the folder. Throws a UserError that names the file where the disk is full or the folder cannot be written.
 */
export function writeFileAtomic(file: string, data: string | Uint8Array): void {
  writeAtomic(file, (handle) => fs.writeFileSync(handle, data));
}

/** The same for what is written piece by piece. What `write` throws passes through, and leaves nothing. */
export function writeAtomic(file: string, write: (handle: number) => void): void {
  const folder = path.dirname(file);
  const [before, after] = temporaryAffixes(file);
  const temporary = path.join(folder, before + randomBytes(6).toString('hex') + after);
  try {
    fs.mkdirSync(folder, { recursive: true });
    const handle = fs.openSync(temporary, 'wx');
    try {
      write(handle);
      fs.fsyncSync(handle);
    } finally {
      fs.closeSync(handle);
    }
    fs.renameSync(temporary, file);
    syncFolder(folder);
  } catch (error) {
    removeQuietly(temporary);
    throw fileError(error, file);
  }
}

/** Remove what writers of a file that were killed have left beside it. Only for a file that nobody is writing now. */
export function removeLeftovers(file: string): void {
  const folder = path.dirname(file);
  const [before, after] = temporaryAffixes(file);
  if (!fs.existsSync(folder)) return;
  for (const name of fs.readdirSync(folder)) {
    if (name.startsWith(before) && name.endsWith(after)) removeQuietly(path.join(folder, name));
  }
}

function temporaryAffixes(file: string): [string, string] {
  return [`.${path.basename(file)}.`, '.tmp'];
}

/** After an error: the file may never have been made, and the first error is the one to tell. */
function removeQuietly(file: string): void {
  try {
    fs.rmSync(file, { force: true });
  } catch {
    // Its folder is no folder, or is gone.
  }
}

export function writeJsonAtomic(file: string, value: unknown): void {
  writeFileAtomic(file, JSON.stringify(value, null, 2) + '\n');
}

/** Append one line to a file, flushed to the disk before returning. */
export function appendLine(file: string, line: string): void {
  try {
    const handle = fs.openSync(file, 'a');
    try {
      fs.writeSync(handle, line + '\n');
      fs.fsyncSync(handle);
    } finally {
      fs.closeSync(handle);
    }
  } catch (error) {
    throw fileError(error, file);
  }
}

/** Read a text or binary file; a missing or unreadable one is a UserError that names it. */
export function readFile(file: string): Buffer {
  try {
    return fs.readFileSync(file);
  } catch (error) {
    throw fileError(error, file);
  }
}

export function readJson(file: string): unknown {
  const text = readFile(file).toString('utf8');
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UserError(`not valid JSON (${(error as Error).message})`, { file });
  }
}

/** What a JSON file keeps; undefined where it is not there, damaged, or does not fit: what can be made anew. */
export function readKept<T>(file: string, fits: (kept: T) => boolean): T | undefined {
  try {
    const kept = JSON.parse(fs.readFileSync(file, 'utf8')) as T;
    return fits(kept) ? kept : undefined;
  } catch {
    return undefined;
  }
}

export function sha256(...parts: (string | Uint8Array)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
}

/** Errors of the file system in the user's words; anything else passes through. */
export function fileError(error: unknown, file: string): unknown {
  const code = (error as NodeJS.ErrnoException).code;
  switch (code) {
    case 'ENOENT':
      return new UserError('no such file or folder', { file }, 'Check the path.');
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new UserError(
        'permission denied',
        { file },
        'Check the permissions of the file and its folder.',
      );
    case 'ENOSPC':
    case 'EDQUOT':
      return new UserError(
        'the disk is full',
        { file },
        'Free some space and run the command again; nothing half-written was left.',
      );
    case 'EISDIR':
      return new UserError('is a folder, a file was expected', { file });
    case 'ENOTDIR':
    case 'EEXIST':
      return new UserError('part of the path is a file, not a folder', { file });
    default:
      return error;
  }
}

function syncFolder(folder: string): void {
  // Windows cannot open a folder for syncing; the rename is still atomic there.
  if (process.platform === 'win32') return;
  const handle = fs.openSync(folder, 'r');
  try {
    fs.fsyncSync(handle);
  } finally {
    fs.closeSync(handle);
  }
}
