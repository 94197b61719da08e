import type { ByteFile } from './byte-file.ts';

/** Reads a file in larger blocks than are asked for, and keeps the last one: for readers that go forward in small steps. */
export class ReadAhead {
  readonly file: ByteFile;
  readonly #blockBytes: number;
  #block: Uint8Array = new Uint8Array(0);
  #start = 0;

  constructor(file: ByteFile, blockBytes = 1 << 18) {
    this.file = file;
    this.#blockBytes = blockBytes;
  }

  /** Bytes from `offset`, fewer than `length` only where the file ends. A view: it is not to be written or kept. */
  bytes(offset: number, length: number): Uint8Array {
    const wanted = Math.max(0, Math.min(length, this.file.size - offset));
    if (offset < this.#start || offset + wanted > this.#start + this.#block.length) {
      this.#block = this.file.read(offset, Math.max(wanted, this.#blockBytes));
      this.#start = offset;
    }
    return this.#block.subarray(offset - this.#start, offset - this.#start + wanted);
  }
}
