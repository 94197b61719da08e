import * as fs from 'node:fs';
import * as zlib from 'node:zlib';
import { UserError } from '../common/errors.ts';
import { fileError } from '../common/files.ts';
import { DiskFile, MemoryFile, type ByteFile } from './byte-file.ts';
import type { Archive } from './file-source.ts';
import { missingFile } from './folder-source.ts';
import { localHeaderBytes, readZipDirectory, type ZipEntry } from './zip-directory.ts';

/** An entry is unpacked into memory: one that claims more is not. */
const largestUnpacked = 512 * 1024 * 1024;
/** A stored entry up to this size is read whole and compared with its CRC; a larger one is read by range. */
const largestChecked = 16 * 1024 * 1024;
const deflated = 8;
const stored = 0;
/** A data descriptor after the entry has what its local header lacks. */
const descriptorFlag = 8;

/**
 * A zip, read where it lies: nothing is ever extracted to the disk. Entries are found through yauzl's central directory and
 * read on demand, so 14,000 entries open in a moment.
 */
export class ZipSource implements Archive {
  readonly location: string;
  readonly #handle: number;
  #names: readonly string[] | undefined;
  readonly #entries: ReadonlyMap<string, ZipEntry>;

  private constructor(location: string, handle: number, entries: ReadonlyMap<string, ZipEntry>) {
    this.location = location;
    this.#handle = handle;
    this.#entries = entries;
  }

  static async open(location: string): Promise<ZipSource> {
    let entries: Map<string, ZipEntry>;
    try {
      entries = await readZipDirectory(location);
    } catch (caught) {
      const error = fileError(caught, location);
      if (error instanceof UserError) throw error;
      throw new UserError(
        `not a whole zip file (${(error as Error).message})`,
        { file: location },
        'The file is damaged or its download was cut off; get it again.',
      );
    }
    return new ZipSource(location, fs.openSync(location, 'r'), entries);
  }

  /** What macOS and others put beside the files is no file of the dataset: hidden ones and `__MACOSX`. */
  names(): readonly string[] {
    return (this.#names ??= [...this.#entries.keys()].filter((name) => !/(^|\/)(\.|__MACOSX\/)/.test(name)));
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
    const { size } = fs.fstatSync(this.#handle);
    // Offsets of zip64 can be anything.
    if (entry.headerOffset + localHeaderBytes + entry.nameBytes > size) return refuse('the zip is cut off');
    const header =
      this.#bytes(entry.headerOffset, localHeaderBytes + entry.nameBytes) ?? refuse('the zip is cut off');
    const problem = localProblem(header, entry);
    if (problem !== undefined) return refuse(problem);
    const start = entry.headerOffset + localHeaderBytes + header.readUInt16LE(26) + header.readUInt16LE(28);
    if (start + entry.compressedSize > size) return refuse('the zip is cut off');
    if (entry.compressionMethod === stored && entry.uncompressedSize > largestChecked) {
      if (entry.compressedSize !== entry.uncompressedSize) return refuse('its two sizes differ');
      return new ZipRange(file, this.location, start, entry.uncompressedSize);
    }
    if (entry.uncompressedSize > largestUnpacked || entry.compressedSize > largestUnpacked) {
      return refuse(`it claims ${entry.uncompressedSize} bytes, too many to unpack`, 'Unpack the zip first.');
    }
    const packed = this.#bytes(start, entry.compressedSize) ?? refuse('the zip is cut off');
    const data = unpack(packed, entry);
    if (typeof data === 'string') return refuse(data);
    if (data.length !== entry.uncompressedSize) {
      return refuse(`it has ${data.length} bytes, ${entry.uncompressedSize} are announced`);
    }
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

/** What a local header (APPNOTE 4.3.7) says that the central directory does not; undefined where they agree. */
function localProblem(header: Buffer, entry: ZipEntry): string | undefined {
  if (header.readUInt32LE(0) !== 0x04034b50) return 'its local header is damaged';
  const differs = (what: string): string => `its local header has another ${what} than the central directory`;
  if (
    header.readUInt16LE(26) !== entry.nameBytes ||
    zlib.crc32(header.subarray(localHeaderBytes)) !== entry.nameCrc
  ) {
    return differs('name');
  }
  const flags = header.readUInt16LE(6);
  if (header.readUInt16LE(8) !== entry.compressionMethod) return differs('compression method');
  if (((flags & 1) !== 0) !== entry.encrypted) return differs('encryption');
  // Sizes of zip64 are elsewhere.
  const sizes = [header.readUInt32LE(18), header.readUInt32LE(22)];
  if (flags & descriptorFlag || sizes.includes(0xffffffff)) return undefined;
  return sizes[0] === entry.compressedSize && sizes[1] === entry.uncompressedSize
    ? undefined
    : differs('size');
}

/** The content of an entry, or what is wrong with it. */
function unpack(packed: Buffer, entry: ZipEntry): Buffer | string {
  if (entry.compressionMethod === stored) return packed;
  try {
    return zlib.inflateRawSync(packed, { maxOutputLength: Math.max(1, entry.uncompressedSize) });
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE'
      ? `it has more than the ${entry.uncompressedSize} bytes that are announced`
      : 'its compressed data is damaged';
  }
}
