import * as fs from 'node:fs';
import { RandomAccessReader } from 'yauzl';

const blockBytes = 1 << 20;

/**
 * Reads a file for yauzl in blocks of a megabyte: the central directory of 14,000 entries is 28,000 small reads, which take
 * a second when each goes to the system.
 */
export class BlockReader extends RandomAccessReader {
  readonly #handle: number;
  #block: Buffer = Buffer.alloc(0);
  #start = 0;

  constructor(handle: number) {
    super();
    this.#handle = handle;
  }

  override read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null) => void,
  ): void {
    let failure: Error | null = null;
    try {
      this.#copy(buffer, offset, length, position);
    } catch (error) {
      failure = error as Error;
    }
    // Not at once: yauzl reads the next entry from within the callback.
    process.nextTick(callback, failure);
  }

  override close(callback: (error: Error | null) => void): void {
    fs.close(this.#handle, callback);
  }

  #copy(buffer: Buffer, offset: number, length: number, position: number): void {
    for (let done = 0; done < length;) {
      const at = position + done;
      const inside = at - this.#start;
      if (inside < 0 || inside >= this.#block.length) {
        this.#load(at);
        continue;
      }
      done += this.#block.copy(
        buffer,
        offset + done,
        inside,
        Math.min(inside + length - done, this.#block.length),
      );
    }
  }

  #load(position: number): void {
    const block = Buffer.alloc(blockBytes);
    // Offsets of zip64 can be anything.
    if (!Number.isSafeInteger(position)) throw new Error('it points behind its end');
    const read = fs.readSync(this.#handle, block, 0, blockBytes, position);
    if (read === 0) throw new Error('unexpected end of file');
    this.#block = block.subarray(0, read);
    this.#start = position;
  }
}
