import * as fs from 'node:fs';
import { fileError } from '../common/files.ts';

/** Bytes that are read by range: a file of a folder, or an entry of a zip. Whoever opened it closes it. */
export interface ByteFile {
  /** For messages: path of the file, or of the zip and the entry. */
  readonly location: string;
  readonly size: number;
  /** Bytes from `offset`; fewer than `length` only where the file ends. The caller may keep them. */
  read(offset: number, length: number): Uint8Array;
  close(): void;
}

/** A file of the file system. Throws a UserError that names it. */
export class DiskFile implements ByteFile {
  readonly location: string;
  readonly size: number;
  readonly #handle: number;

  constructor(location: string) {
    this.location = location;
    try {
      this.#handle = fs.openSync(location, 'r');
      const stat = fs.fstatSync(this.#handle);
      if (stat.isDirectory()) {
        fs.closeSync(this.#handle);
        throw Object.assign(new Error('a folder'), { code: 'EISDIR' });
      }
      this.size = stat.size;
    } catch (error) {
      throw fileError(error, location);
    }
  }

  read(offset: number, length: number): Uint8Array {
    const bytes = new Uint8Array(Math.max(0, Math.min(length, this.size - offset)));
    let done = 0;
    try {
      while (done < bytes.length) {
        const count = fs.readSync(this.#handle, bytes, done, bytes.length - done, offset + done);
        if (count === 0) break;
        done += count;
      }
    } catch (error) {
      throw fileError(error, this.location);
    }
    return bytes.subarray(0, done);
  }

  close(): void {
    fs.closeSync(this.#handle);
  }
}

/** Bytes that are in memory already. */
export class MemoryFile implements ByteFile {
  readonly location: string;
  readonly #bytes: Uint8Array;

  constructor(location: string, bytes: Uint8Array) {
    this.location = location;
    this.#bytes = bytes;
  }

  get size(): number {
    return this.#bytes.length;
  }

  read(offset: number, length: number): Uint8Array {
    // Not `slice`, which of a Buffer is a view.
    return new Uint8Array(this.#bytes.subarray(offset, offset + length));
  }

  close(): void {}
}
