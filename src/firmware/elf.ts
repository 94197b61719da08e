import { UserError } from '../common/errors.ts';
import { readFile } from '../common/files.ts';

interface Section {
  type: number;
  address: number;
  offset: number;
  size: number;
  link: number;
}

const symbolTable = 2;
const withoutContent = 8;

/** Symbols and contents of a 32-bit little-endian ELF file (System V ABI, chapter 4). */
export class ElfImage {
  readonly file: string;
  readonly #bytes: Buffer;
  readonly #sections: Section[] = [];
  readonly #symbols = new Map<string, { address: number; size: number }>();

  constructor(file: string) {
    this.file = file;
    this.#bytes = readFile(file);
    try {
      this.#readSections();
      this.#readSymbols();
    } catch (error) {
      if (error instanceof UserError || !(error instanceof RangeError)) throw error;
      throw new UserError('the ELF file is cut off', { file }, 'Build the firmware again.');
    }
  }

  symbol(name: string): { address: number; size: number } {
    const found = this.#symbols.get(name);
    if (found) return found;
    throw new UserError(
      `the image has no symbol ${name}`,
      { file: this.file },
      'Generate and build the firmware again.',
    );
  }

  /** The bytes that a symbol stands for. */
  content(name: string): Buffer {
    const { address, size } = this.symbol(name);
    const section = this.#sections.find(
      (s) => s.type !== withoutContent && s.address <= address && address + size <= s.address + s.size,
    );
    if (!section)
      throw new UserError(`${name} has no content`, { file: this.file }, 'Build the firmware again.');
    const start = section.offset + address - section.address;
    return this.#bytes.subarray(start, start + size);
  }

  #readSections(): void {
    const bytes = this.#bytes;
    if (bytes.length < 52 || bytes.readUInt32BE(0) !== 0x7f454c46 || bytes[4] !== 1 || bytes[5] !== 1) {
      throw new UserError(
        'not a 32-bit little-endian ELF file',
        { file: this.file },
        'Build the firmware again.',
      );
    }
    const table = bytes.readUInt32LE(0x20);
    const entrySize = bytes.readUInt16LE(0x2e);
    const count = bytes.readUInt16LE(0x30);
    for (let at = table; at < table + count * entrySize; at += entrySize) {
      this.#sections.push({
        type: bytes.readUInt32LE(at + 4),
        address: bytes.readUInt32LE(at + 12),
        offset: bytes.readUInt32LE(at + 16),
        size: bytes.readUInt32LE(at + 20),
        link: bytes.readUInt32LE(at + 24),
      });
    }
  }

  #readSymbols(): void {
    const bytes = this.#bytes;
    for (const table of this.#sections.filter((section) => section.type === symbolTable)) {
      const names = this.#sections[table.link];
      for (let at = table.offset; at < table.offset + table.size; at += 16) {
        const start = names.offset + bytes.readUInt32LE(at);
        const name = bytes.toString('latin1', start, bytes.indexOf(0, start));
        const symbol = { address: bytes.readUInt32LE(at + 4), size: bytes.readUInt32LE(at + 8) };
        if (name) this.#symbols.set(name, symbol);
      }
    }
  }
}
