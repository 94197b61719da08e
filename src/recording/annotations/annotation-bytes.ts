import { UserError } from '../../common/errors.ts';

/** No annotation is further from the start, in frames: 34 years at 1000 Hz. */
export const farthestFrame = 2 ** 40;

/** The longest text of an annotation, in bytes. */
export const longestText = 255;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** An error at a byte of an annotation file. */
export function badAnnotations(file: string, byte: number, what: string): UserError {
  return new UserError(
    `byte ${byte}: ${what}`,
    { file },
    'The file is damaged or cut off, or is no annotation file; get it again.',
  );
}

/** Annotation files are made of 16-bit words, low byte first. Errors name the file, the byte and what was expected there. */
export class WordReader {
  offset = 0;
  readonly #bytes: Uint8Array;
  readonly #file: string;

  constructor(bytes: Uint8Array, file: string) {
    this.#bytes = bytes;
    this.#file = file;
  }

  get atEnd(): boolean {
    return this.offset >= this.#bytes.length;
  }

  /** The next bytes; they stay the file's. */
  take(length: number, what: string): Uint8Array {
    const left = this.#bytes.length - this.offset;
    if (length > left) {
      throw badAnnotations(this.#file, this.offset, `the file ends where ${what} should be`);
    }
    this.offset += length;
    return this.#bytes.subarray(this.offset - length, this.offset);
  }

  word(what: string): number {
    const [low, high] = this.take(2, what);
    return low | (high << 8);
  }

  /** A signed PDP-11 long: the high word first. */
  long(what: string): number {
    const [b0, b1, b2, b3] = this.take(4, what);
    return (b1 << 24) | (b0 << 16) | (b3 << 8) | b2;
  }
}

/** The low 8 bits as a signed number. */
export function signedByte(value: number): number {
  return (value << 24) >> 24;
}

/** Text as it is stored: UTF-8, and what is not that Latin-1, as older files have it. NULs at its end are C's, not the text's. */
export function textOf(bytes: Uint8Array): string {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end--;
  const text = bytes.subarray(0, end);
  try {
    return utf8.decode(text);
  } catch {
    return Buffer.from(text).toString('latin1');
  }
}

/** Bytes that `textOf` makes the text of, the fewest. */
export function bytesOfText(text: string): Uint8Array {
  const latin1 = Buffer.from(text, 'latin1');
  return textOf(latin1) === text ? latin1 : Buffer.from(text, 'utf8');
}
