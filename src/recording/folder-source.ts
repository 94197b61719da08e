import * as fs from 'node:fs';
import * as path from 'node:path';
import { UserError } from '../common/errors.ts';
import { fileError } from '../common/files.ts';
import { DiskFile, type ByteFile } from './byte-file.ts';
import type { Archive } from './file-source.ts';
import { unsafeName } from './safe-name.ts';
import { shown } from './shown.ts';

/** The largest collections have some 100,000 records of two files; beyond this somebody has named a disk. */
const mostFiles = 2_000_000;

/** ms: FAT keeps times to two seconds. */
const youngest = 2500;

/** A folder. Symbolic links below it are not followed: they lead to where the dataset is not. */
export class FolderSource implements Archive {
  readonly location: string;
  #names: ReadonlySet<string> | undefined;
  #list: string[] = [];

  constructor(location: string) {
    this.location = location;
  }

  /** Files at any depth, hidden ones and links left out, sorted. */
  names(): readonly string[] {
    this.#listed();
    return this.#list;
  }

  has(name: string): boolean {
    if (this.#names?.has(name)) return true;
    if (unsafeName(name) !== undefined) return false;
    const { stat } = this.#find(name);
    // A link is there: opening it says why it is not read.
    return stat !== undefined && !stat.isDirectory();
  }

  stamp(name: string): string | undefined {
    if (unsafeName(name) !== undefined) return undefined;
    const { stat } = this.#find(name);
    // A file may change again within what the file system's clock can tell apart.
    if (!stat || Date.now() - stat.mtimeMs < youngest) return undefined;
    return `${stat.mtimeMs} ${stat.size}`;
  }

  open(name: string): ByteFile {
    const unsafe = unsafeName(name);
    if (unsafe !== undefined)
      throw new UserError(`the name \`${shown(name)}\` ${unsafe}`, { file: this.location });
    const { at, stat } = this.#find(name);
    if (!stat) throw missingFile(this.location, name);
    if (stat.isSymbolicLink()) {
      throw new UserError(
        'is a symbolic link, which is not followed',
        { file: at },
        'Put the file itself there, or name the folder that it is in.',
      );
    }
    if (!stat.isFile()) throw new UserError('is not a file', { file: at });
    return new DiskFile(at);
  }

  close(): void {}

  /** What is there of a safe name, or the first link on the way to it. */
  #find(name: string): { at: string; stat: fs.Stats | undefined } {
    let at = this.location;
    let stat: fs.Stats | undefined;
    for (const part of name.split('/')) {
      at = path.join(at, part);
      stat = linkStat(at);
      if (!stat || stat.isSymbolicLink()) break;
    }
    return { at, stat };
  }

  #listed(): void {
    if (this.#names) return;
    const names: string[] = [];
    const waiting = [''];
    for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
      for (const entry of entriesOf(path.join(this.location, folder))) {
        if (entry.name.startsWith('.')) continue;
        if (entry.isDirectory()) waiting.push(`${folder}${entry.name}/`);
        else if (entry.isFile()) names.push(`${folder}${entry.name}`);
      }
      if (names.length > mostFiles) {
        throw new UserError(
          `more than ${mostFiles} files are in it`,
          { file: this.location },
          'Name the folder that the recordings are in.',
        );
      }
    }
    this.#list = names.sort();
    this.#names = new Set(names);
  }
}

/** Undefined where there is nothing, and of a name that no file can have. */
function linkStat(file: string): fs.Stats | undefined {
  try {
    return fs.lstatSync(file, { throwIfNoEntry: false });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENAMETOOLONG' || code === 'ENOTDIR') return undefined;
    throw fileError(error, file);
  }
}

function entriesOf(folder: string): fs.Dirent[] {
  try {
    return fs.readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    throw fileError(error, folder);
  }
}

export function missingFile(location: string, name: string): UserError {
  return new UserError(
    `lacks the file ${shown(name)}`,
    { file: location },
    'Check that the dataset is complete.',
  );
}
