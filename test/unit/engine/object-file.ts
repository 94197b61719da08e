/** What the header and the tables of a shared object say of it. */
export interface ObjectFile {
  format: 'ELF' | 'PE' | 'Mach-O';
  machine: 'x64' | 'arm64';
  /** Names that it gives and that it needs from whoever loads it. */
  exports: string[];
  imports: string[];
  /** Libraries that it names. */
  libraries: string[];
  /** Mach-O: it has a signature, without which arm64 Macs load nothing. */
  signed: boolean;
}

export function readObjectFile(bytes: Buffer): ObjectFile {
  if (bytes.readUInt32BE(0) === 0x7f454c46) return readElf(bytes);
  if (bytes.readUInt32LE(0) === 0xfeedfacf) return readMachO(bytes);
  if (bytes.toString('latin1', 0, 2) === 'MZ') return readPe(bytes);
  throw new Error('neither ELF, PE nor Mach-O');
}

function textAt(bytes: Buffer, at: number): string {
  return bytes.toString('latin1', at, bytes.indexOf(0, at));
}

function machineOf(value: number, x64: number, arm64: number): ObjectFile['machine'] {
  if (value === x64) return 'x64';
  if (value === arm64) return 'arm64';
  throw new Error(`machine ${value.toString(16)}`);
}

/** System V ABI: 64-bit, little endian, shared object. */
function readElf(bytes: Buffer): ObjectFile {
  if (bytes[4] !== 2 || bytes[5] !== 1 || bytes.readUInt16LE(16) !== 3) throw new Error('no shared object');
  const file: ObjectFile = {
    format: 'ELF',
    machine: machineOf(bytes.readUInt16LE(18), 62, 183),
    exports: [],
    imports: [],
    libraries: [],
    signed: false,
  };
  const [headers, size, count] = [
    Number(bytes.readBigUInt64LE(40)),
    bytes.readUInt16LE(58),
    bytes.readUInt16LE(60),
  ];
  const section = (i: number) => {
    const at = headers + i * size;
    const word = (offset: number) => Number(bytes.readBigUInt64LE(at + offset));
    const link = bytes.readUInt32LE(at + 40);
    return { type: bytes.readUInt32LE(at + 4), offset: word(24), bytes: word(32), link };
  };
  for (let i = 0; i < count; i++) {
    const { type, offset, bytes: length, link } = section(i);
    const names = type === 11 || type === 6 ? section(link).offset : 0;
    if (type === 11) {
      // Symbols for the loader, from the second on.
      for (let at = offset + 24; at < offset + length; at += 24) {
        const list = bytes.readUInt16LE(at + 6) === 0 ? file.imports : file.exports;
        list.push(textAt(bytes, names + bytes.readUInt32LE(at)));
      }
    } else if (type === 6) {
      for (let at = offset; at < offset + length; at += 16) {
        if (bytes.readBigUInt64LE(at) !== 1n) continue;
        file.libraries.push(textAt(bytes, names + Number(bytes.readBigUInt64LE(at + 8))));
      }
    }
  }
  return file;
}

/** <mach-o/loader.h>: a bundle and its table of symbols. */
function readMachO(bytes: Buffer): ObjectFile {
  if (bytes.readUInt32LE(12) !== 8) throw new Error('no bundle');
  const file: ObjectFile = {
    format: 'Mach-O',
    machine: machineOf(bytes.readUInt32LE(4), 0x01000007, 0x0100000c),
    exports: [],
    imports: [],
    libraries: [],
    signed: false,
  };
  let at = 32;
  for (let i = 0; i < bytes.readUInt32LE(16); i++, at += bytes.readUInt32LE(at + 4)) {
    const command = bytes.readUInt32LE(at);
    if (command === 0x1d) file.signed = true;
    if (command === 0xc) file.libraries.push(textAt(bytes, at + bytes.readUInt32LE(at + 8)));
    if (command !== 2) continue;
    const [symbols, count, names] = [8, 12, 16].map((offset) => bytes.readUInt32LE(at + offset));
    for (let s = 0; s < count; s++) {
      const entry = symbols + 16 * s;
      const type = bytes[entry + 4];
      if ((type & 1) === 0 || (type & 0xe0) !== 0) continue;
      // External; C's names have an underscore before them.
      const name = textAt(bytes, names + bytes.readUInt32LE(entry)).replace(/^_/, '');
      ((type & 0x0e) === 0 ? file.imports : file.exports).push(name);
    }
  }
  return file;
}

/** Microsoft's "PE Format": PE32+, a library, with its export, import and delay-load directories. */
function readPe(bytes: Buffer): ObjectFile {
  const header = bytes.readUInt32LE(0x3c);
  const optional = header + 24;
  if (bytes.readUInt32LE(header) !== 0x4550 || bytes.readUInt16LE(optional) !== 0x20b)
    throw new Error('no PE32+');
  if ((bytes.readUInt16LE(header + 22) & 0x2000) === 0) throw new Error('no DLL');
  const sections = Array.from({ length: bytes.readUInt16LE(header + 6) }, (_s, i) => {
    const at = optional + bytes.readUInt16LE(header + 20) + 40 * i;
    return {
      from: bytes.readUInt32LE(at + 12),
      size: bytes.readUInt32LE(at + 16),
      raw: bytes.readUInt32LE(at + 20),
    };
  });
  const place = (address: number): number => {
    const found = sections.find(({ from, size }) => address >= from && address < from + size);
    if (!found) throw new Error(`nothing at ${address.toString(16)}`);
    return address - found.from + found.raw;
  };
  const word = (at: number): number => bytes.readUInt32LE(at);
  const directory = (i: number): number => word(optional + 112 + 8 * i);
  const file: ObjectFile = {
    format: 'PE',
    machine: machineOf(bytes.readUInt16LE(header + 4), 0x8664, 0xaa64),
    exports: [],
    imports: [],
    libraries: [],
    signed: false,
  };
  const names = (table: number): void => {
    for (let at = place(table); bytes.readBigUInt64LE(at) !== 0n; at += 8) {
      file.imports.push(textAt(bytes, place(word(at)) + 2));
    }
  };
  const exported = place(directory(0));
  for (let i = 0; i < word(exported + 24); i++) {
    file.exports.push(textAt(bytes, place(word(place(word(exported + 32)) + 4 * i))));
  }
  for (let at = place(directory(1)); word(at) !== 0; at += 20) {
    file.libraries.push(textAt(bytes, place(word(at + 12))));
    names(word(at));
  }
  for (let at = place(directory(13)); word(at + 4) !== 0; at += 32) {
    file.libraries.push(textAt(bytes, place(word(at + 4))));
    names(word(at + 16));
  }
  return file;
}
