import * as fs from 'node:fs';
import * as zlib from 'node:zlib';
import * as yauzl from 'yauzl';
import { UserError } from '../common/errors.ts';
import { BlockReader } from './block-reader.ts';
import { DiskFile, MemoryFile, type ByteFile } from './byte-file.ts';
import type { Archive } from './file-source.ts';
import { missingFile } from './folder-source.ts';
import { unsafeName } from './safe-name.ts';

/** An entry is unpacked into memory: one that claims more is not. */
const largestUnpacked = 512 * 1024 * 1024;
/** A stored entry up to this size is read whole and compared with its CRC; a larger one is read by range. */
const largestChecked = 16 * 1024 * 1024;
/** Recordings shrink to a half or a tenth. Whole zips that claim this much more than they are, are bombs. */
const mostExpansion = 200;
const expansionAllowed = 64 * 1024 * 1024;
const deflated = 8;
const stored = 0;
const localHeaderBytes = 30;

/** What is kept of an entry. yauzl's own objects carry buffers and dates, and 14,000 of them keep the collector busy. */
interface Entry {
  headerOffset: number;
  compressedSize: number;
  uncompressedSize: number;
  compressionMethod: number;
  crc32: number;
  encrypted: boolean;
  link: boolean;
}

function entryOf(entry: yauzl.Entry): Entry {
  const { relativeOffsetOfLocalHeader, compressedSize, uncompressedSize, compressionMethod, crc32 } = entry;
  // The upper half of the external attributes is the Unix mode where Unix made the entry (APPNOTE 4.4.15, Info-ZIP).
  const mode = entry.externalFileAttributes >>> 16;
  return {
    headerOffset: relativeOffsetOfLocalHeader,
    compressedSize,
    uncompressedSize,
    compressionMethod,
    crc32,
    encrypted: entry.isEncrypted(),
    link: (mode & 0o170000) === 0o120000,
  };
}

/**
 * A zip, read where it lies: nothing is ever extracted to the disk. Entries are found through yauzl's central directory and
 * read on demand, so 14,000 entries open in a moment.
 */
export class ZipSource implements Archive {
  readonly location: string;
  readonly #handle: number;
  readonly #entries: ReadonlyMap<string, Entry>;

  private constructor(location: string, handle: number, entries: ReadonlyMap<string, Entry>) {
    this.location = location;
    this.#handle = handle;
    this.#entries = entries;
  }

  static async open(location: string): Promise<ZipSource> {
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
    return new ZipSource(location, fs.openSync(location, 'r'), entries);
  }

  names(): readonly string[] {
    return [...this.#entries.keys()];
  }

  has(name: string): boolean {
    return this.#entries.has(name);
  }

  stamp(name: string): string | undefined {
    const entry = this.#entries.get(name);
    return entry && `${entry.crc32} ${entry.uncompressedSize}`;
  }

  open(name: string): ByteFile {
    const entry = this.#entries.get(name);
    if (!entry) throw missingFile(this.location, name);
    const file = `${this.location}/${name}`;
    const refuse = (why: string, advice = 'The zip is damaged; get it again.'): never => {
      throw new UserError(`cannot be read from the zip: ${why}`, { file }, advice);
    };
    if (entry.link) return refuse('it is a symbolic link', 'Links are not followed.');
    if (entry.encrypted)
      return refuse('it is encrypted', 'Unpack it with its password, and name the folder.');
    if (entry.compressionMethod !== stored && entry.compressionMethod !== deflated) {
      return refuse(`its compression method ${entry.compressionMethod} is not known`, 'Unpack it first.');
    }
    const header = this.#bytes(entry.headerOffset, localHeaderBytes) ?? refuse('the zip is cut off');
    if (header.readUInt32LE(0) !== 0x04034b50) return refuse('its local header is damaged');
    const start = entry.headerOffset + localHeaderBytes + header.readUInt16LE(26) + header.readUInt16LE(28);
    if (start + entry.compressedSize > fs.fstatSync(this.#handle).size) return refuse('the zip is cut off');
    if (entry.compressionMethod === stored && entry.uncompressedSize > largestChecked) {
      if (entry.compressedSize !== entry.uncompressedSize) return refuse('its two sizes differ');
      return new ZipRange(file, this.location, start, entry.uncompressedSize);
    }
    if (entry.uncompressedSize > largestUnpacked || entry.compressedSize > largestUnpacked) {
      return refuse(`it claims ${entry.uncompressedSize} bytes, too many to unpack`, 'Unpack the zip first.');
    }
    const packed = this.#bytes(start, entry.compressedSize) ?? refuse('the zip is cut off');
    const data = unpack(packed, entry) ?? refuse('its compressed data is damaged');
    if (data.length !== entry.uncompressedSize) return refuse('its size is not the announced one');
    if (zlib.crc32(data) !== entry.crc32) return refuse('its CRC does not match');
    return new MemoryFile(file, data);
  }

  #bytes(offset: number, length: number): Buffer | undefined {
    const buffer = Buffer.alloc(length);
    return fs.readSync(this.#handle, buffer, 0, length, offset) === length ? buffer : undefined;
  }

  close(): void {
    fs.closeSync(this.#handle);
  }
}

/** A stored entry as a file: bytes of the zip, which may be closed meanwhile. */
class ZipRange implements ByteFile {
  readonly location: string;
  readonly size: number;
  readonly #zip: DiskFile;
  readonly #start: number;

  constructor(location: string, zip: string, start: number, size: number) {
    this.location = location;
    this.size = size;
    this.#zip = new DiskFile(zip);
    this.#start = start;
  }

  read(offset: number, length: number): Uint8Array {
    return this.#zip.read(this.#start + offset, Math.max(0, Math.min(length, this.size - offset)));
  }

  close(): void {
    this.#zip.close();
  }
}

function unpack(packed: Buffer, entry: Entry): Buffer | undefined {
  if (entry.compressionMethod === stored) return packed;
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
    const { size } = fs.fstatSync(handle);
    // yauzl refuses absolute paths, `..` and backslashes in names by itself, and closes the reader at the end.
    const options = { lazyEntries: false, autoClose: true, strictFileNames: true };
    yauzl.fromRandomAccessReader(reader, size, options, (error, zip) => {
      if (error) {
        fs.closeSync(handle);
        return reject(error);
      }
      const entries = new Map<string, Entry>();
      let claimed = 0;
      zip.on('entry', (entry: yauzl.Entry) => {
        if (entry.fileName.endsWith('/')) return;
        claimed += entry.uncompressedSize;
        const name = entry.fileName;
        const unsafe = unsafeName(name);
        if (unsafe !== undefined) {
          reject(
            new UserError(`the entry \`${name}\` ${unsafe}`, { file: location }, 'Do not use this zip.'),
          );
        }
        if (entries.has(name)) {
          reject(new UserError(`two entries are named ${name}`, { file: location }));
        }
        entries.set(name, entryOf(entry));
      });
      zip.on('error', reject);
      zip.on('end', () => {
        if (claimed > expansionAllowed + mostExpansion * size) {
          const what = `its ${size} bytes claim to hold ${claimed}: a zip bomb`;
          reject(new UserError(what, { file: location }, 'Do not use this zip.'));
        }
        resolve(entries);
      });
    });
  });
}
