import { UserError } from '../../common/errors.ts';
import type { ByteFile } from '../byte-file.ts';

const blockBytes = 1 << 20;
/** No line of numbers is longer. */
const longestLine = 1 << 20;
const [lineFeed, carriageReturn] = [10, 13];

/** Goes through the lines of a file from an offset on, a megabyte at a time. */
export class LineReader {
  readonly #file: ByteFile;
  /** The line that `next` has found is `bytes` from `from` up to `to`, without its end. */
  bytes: Buffer = Buffer.alloc(0);
  from = 0;
  to = 0;
  /** 1-based. */
  line: number;
  /** Of the line in the file. */
  offset = 0;
  /** Where the line after it starts in `bytes`, and where `bytes` starts in the file. */
  #next = 0;
  #start: number;

  /** From a line that starts at `offset` and has the number `line`. */
  constructor(file: ByteFile, offset = 0, line = 1) {
    this.#file = file;
    this.#start = offset;
    this.line = line - 1;
  }

  /** Find the next line; false at the end. Throws a UserError where it is too long. */
  next(): boolean {
    let end = this.bytes.indexOf(lineFeed, this.#next);
    if (end < 0) {
      this.#load();
      end = this.bytes.indexOf(lineFeed);
    }
    if (this.#next === this.bytes.length) return false;
    this.line++;
    if (end < 0 && this.#start + this.bytes.length < this.#file.size) {
      throw new UserError(
        `is longer than ${longestLine} bytes`,
        { file: this.#file.location, line: this.line },
        'This is no text file of numbers in lines.',
      );
    }
    this.from = this.#next;
    this.offset = this.#start + this.#next;
    this.#next = end < 0 ? this.bytes.length : end + 1;
    this.to = end < 0 ? this.bytes.length : end;
    if (this.to > this.from && this.bytes[this.to - 1] === carriageReturn) this.to--;
    return true;
  }

  /** What is left of the block, and another one. */
  #load(): void {
    this.#start += this.#next;
    const left = this.bytes.length - this.#next;
    const wanted = left < longestLine ? blockBytes + left : left;
    const bytes = this.#file.read(this.#start, wanted);
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#next = 0;
  }
}
