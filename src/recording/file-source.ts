import * as fs from 'node:fs';
import * as path from 'node:path';
import * as zlib from 'node:zlib';
import * as yauzl from 'yauzl';
import { UserError } from '../common/errors.ts';
import { fileError } from '../common/files.ts';
import { BlockReader } from './block-reader.ts';
import type { FileSource } from './wfdb.ts';

/** A folder or zip whose files can be listed and read. Names use `/` and are relative. */
export interface Archive extends FileSource {
  names(): readonly string[];
  has(name: string): boolean;
  close(): void;
}

/** No recording file here is larger; a zip entry that claims more is a bomb. */
const largestFile = 256 * 1024 * 1024;
const deflated = 8;
const stored = 0;
const localHeaderBytes = 30;

/** Open a `.zip` or a folder. Throws a UserError that says what is wrong with it. */
export async function openArchive(location: string): Promise<Archive> {
  try {
    if (fs.statSync(location).isDirectory()) return new FolderArchive(location);
  } catch (error) {
    throw fileError(error, location);
  }
  return ZipArchive.open(location);
}

class FolderArchive implements Archive {
  readonly location: string;
  readonly #names: string[] = [];
  readonly #set: Set<string>;

  constructor(location: string) {
    this.location = location;
    // The zip's layout: the record files directly in the folder, or one folder below.
    for (const entry of fs.readdirSync(location, { withFileTypes: true })) {
      if (entry.isFile()) this.#names.push(entry.name);
      else if (entry.isDirectory()) {
        for (const inner of fs.readdirSync(path.join(location, entry.name), { withFileTypes: true })) {
          if (inner.isFile()) this.#names.push(`${entry.name}/${inner.name}`);
        }
      }
    }
    this.#names.sort();
    this.#set = new Set(this.#names);
  }

  names(): readonly string[] {
    return this.#names;
  }

  has(name: string): boolean {
    return this.#set.has(name);
  }

  read(name: string): Uint8Array {
    if (!this.#set.has(name)) throw missingFile(this.location, name);
    const file = path.join(this.location, name);
    try {
      if (fs.statSync(file).size > largestFile) {
        throw new UserError(
          `larger than ${largestFile} bytes`,
          { file },
          'No recording of this kind is that large.',
        );
      }
      return fs.readFileSync(file);
    } catch (error) {
      throw fileError(error, file);
    }
  }

  close(): void {}
}

/** What is kept of an entry. yauzl's own objects carry buffers and dates, and 14,000 of them keep the collector busy. */
interface Entry {
  headerOffset: number;
  compressedSize: number;
  uncompressedSize: number;
  compressionMethod: number;
  crc32: number;
  encrypted: boolean;
}

function entryOf(entry: yauzl.Entry): Entry {
  const { relativeOffsetOfLocalHeader, compressedSize, uncompressedSize, compressionMethod, crc32 } = entry;
  return {
    headerOffset: relativeOffsetOfLocalHeader,
    compressedSize,
    uncompressedSize,
    compressionMethod,
    crc32,
    encrypted: entry.isEncrypted(),
  };
}

/** Entries are found through yauzl's central directory and read on demand, so 14,000 entries open in a moment. */
class ZipArchive implements Archive {
  readonly location: string;
  readonly #handle: number;
  readonly #entries: ReadonlyMap<string, Entry>;

  private constructor(location: string, handle: number, entries: ReadonlyMap<string, Entry>) {
    this.location = location;
    this.#handle = handle;
    this.#entries = entries;
  }

  static async open(location: string): Promise<ZipArchive> {
    let entries: Map<string, Entry>;
    try {
      entries = await centralDirectory(location);
    } catch (error) {
      if (error instanceof UserError) throw error;
      throw new UserError(
        `not a whole zip file (${(error as Error).message})`,
        { file: location },
        'The file is damaged or its download was cut off; get it again.',
      );
    }
    return new ZipArchive(location, fs.openSync(location, 'r'), entries);
  }

  names(): readonly string[] {
    return [...this.#entries.keys()];
  }

  has(name: string): boolean {
    return this.#entries.has(name);
  }

  read(name: string): Uint8Array {
    const entry = this.#entries.get(name);
    if (!entry) throw missingFile(this.location, name);
    const file = `${this.location}/${name}`;
    const refuse = (why: string): never => {
      throw new UserError(
        `cannot be read from the zip: ${why}`,
        { file },
        'The zip is damaged; get it again.',
      );
    };
    if (entry.uncompressedSize > largestFile || entry.compressedSize > largestFile) {
      return refuse(`it claims ${entry.uncompressedSize} bytes, more than any recording has`);
    }
    if (entry.encrypted) return refuse('it is encrypted');
    const header = this.#bytes(entry.headerOffset, localHeaderBytes) ?? refuse('the zip is cut off');
    if (header.readUInt32LE(0) !== 0x04034b50) return refuse('its local header is damaged');
    const start = entry.headerOffset + localHeaderBytes + header.readUInt16LE(26) + header.readUInt16LE(28);
    const packed = this.#bytes(start, entry.compressedSize) ?? refuse('the zip is cut off');
    const data = unpack(packed, entry) ?? refuse('its compressed data is damaged');
    if (data.length !== entry.uncompressedSize) return refuse('its size is not the announced one');
    if (zlib.crc32(data) !== entry.crc32) return refuse('its CRC does not match');
    return data;
  }

  #bytes(offset: number, length: number): Buffer | undefined {
    const buffer = Buffer.alloc(length);
    return fs.readSync(this.#handle, buffer, 0, length, offset) === length ? buffer : undefined;
  }

  close(): void {
    fs.closeSync(this.#handle);
  }
}

function unpack(packed: Buffer, entry: Entry): Buffer | undefined {
  if (entry.compressionMethod === stored) return packed;
  if (entry.compressionMethod !== deflated) return undefined;
  try {
    return zlib.inflateRawSync(packed, { maxOutputLength: Math.max(1, entry.uncompressedSize) });
  } catch {
    // The caller reports it with the file's name.
    return undefined;
  }
}

function centralDirectory(location: string): Promise<Map<string, Entry>> {
  return new Promise((resolve, reject) => {
    const handle = fs.openSync(location, 'r');
    const reader = new BlockReader(handle);
    // yauzl refuses absolute paths, `..` and backslashes in names by itself, and closes the reader at the end.
    const options = { lazyEntries: false, autoClose: true, strictFileNames: true };
    yauzl.fromRandomAccessReader(reader, fs.fstatSync(handle).size, options, (error, zip) => {
      if (error) {
        fs.closeSync(handle);
        return reject(error);
      }
      const entries = new Map<string, Entry>();
      zip.on('entry', (entry: yauzl.Entry) => {
        if (entry.fileName.endsWith('/')) return;
        if (entries.has(entry.fileName)) {
          reject(new UserError(`two entries are named ${entry.fileName}`, { file: location }));
        }
        entries.set(entry.fileName, entryOf(entry));
      });
      zip.on('error', reject);
      zip.on('end', () => resolve(entries));
    });
  });
}

function missingFile(location: string, name: string): UserError {
  return new UserError(`lacks the file ${name}`, { file: location }, 'Check that the dataset is complete.');
}
