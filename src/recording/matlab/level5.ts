import { UserError } from '../../common/errors.ts';
import { MemoryFile, type ByteFile } from '../byte-file.ts';
import { elements, type ElementType } from '../matrix/elements.ts';
import { inflate, inflateStart, mostInflated } from './inflate.ts';
import { mostVariables, type MatlabVariable } from './variable.ts';

/** Data types of elements ("MAT-File Format", The MathWorks, table 1-1). */
const [miInt8, miInt32, miUint32, miMatrix, miCompressed] = [1, 5, 6, 14, 15];
const numberTypes: Readonly<Record<number, ElementType>> = {
  1: 'int8',
  2: 'uint8',
  3: 'int16',
  4: 'uint16',
  5: 'int32',
  6: 'uint32',
  7: 'float32',
  9: 'float64',
  12: 'int64',
  13: 'uint64',
};
/** Classes of arrays that are no numbers (table 1-3); those from 6 to 15 are. */
const otherClasses = ['', 'cells', 'a structure', 'an object', 'text', 'sparse'];
const structure = 2;
const headerBytes = 128;
const deepestStructure = 4;

/** Part of a file, in memory where it was compressed. */
interface Part {
  file: ByteFile;
  end: number;
  littleEndian: boolean;
}

interface Tag {
  type: number;
  bytes: number;
  /** Offset of its data, and of the element after it. */
  data: number;
  next: number;
}

/** Heads of a miMATRIX. */
interface ArrayHead {
  classNumber: number;
  isComplex: boolean;
  isLogical: boolean;
  dimensions: number[];
  name: string;
  /** Offset of what follows. */
  next: number;
}

/** Byte order of a version 5 file: `MI`, or `IM` where it was written the other way round. Undefined where it is no such file. */
export function level5ByteOrder(file: ByteFile): 'little' | 'big' | undefined {
  const mark = Buffer.from(file.read(124, 4));
  if (mark.toString('latin1', 2) === 'IM' && mark[1] === 1) return 'little';
  return mark.toString('latin1', 2) === 'MI' && mark[0] === 1 ? 'big' : undefined;
}

/**
 * All variables of a version 5 file ("MAT-File Format", chapter 1), and the fields of structures. Sizes are checked against the
 * file; what is compressed is inflated where it is asked for, structures at once. Throws a UserError.
 */
export function level5Variables(file: ByteFile, byteOrder: 'little' | 'big'): MatlabVariable[] {
  return new Level5(file, byteOrder === 'little').variables();
}

class Level5 {
  readonly #file: ByteFile;
  readonly #littleEndian: boolean;
  readonly #found: MatlabVariable[] = [];
  /** Of all structures, which are kept while the file is open. */
  #inflated = 0;

  constructor(file: ByteFile, littleEndian: boolean) {
    this.#file = file;
    this.#littleEndian = littleEndian;
  }

  variables(): MatlabVariable[] {
    const part: Part = { file: this.#file, end: this.#file.size, littleEndian: this.#littleEndian };
    let count = 0;
    for (let at = headerBytes; at < part.end;) {
      if (++count > mostVariables) throw this.#damage(`has more than ${mostVariables} elements`);
      const tag = this.#tag(part, at);
      if (tag.type === miMatrix) this.#array(part, tag, '', 0);
      else if (tag.type === miCompressed) this.#compressed(tag);
      // Compressed data are not padded.
      at = tag.type === miCompressed ? tag.data + tag.bytes : tag.next;
    }
    return this.#found;
  }

  #compressed(tag: Tag): void {
    const packed = (length: number): Uint8Array => this.#file.read(tag.data, Math.min(length, tag.bytes));
    const start = inflateStart(packed(1024), this.#file.location);
    const startFile = new MemoryFile(this.#file.location, start);
    const view = new DataView(start.buffer, start.byteOffset, start.length);
    if (start.length < 8 || view.getUint32(0, this.#littleEndian) !== miMatrix) return;
    const bytes = 8 + view.getUint32(4, this.#littleEndian);
    const head = this.#head({ file: startFile, end: start.length, littleEndian: this.#littleEndian }, 8, '');
    const whole = (): Part => {
      const inflated = inflate(packed(Infinity), bytes, head.name, this.#file.location);
      const file = new MemoryFile(this.#file.location, inflated);
      return { file, end: inflated.length, littleEndian: this.#littleEndian };
    };
    if (head.classNumber === structure) {
      this.#inflated += bytes;
      if (this.#inflated > mostInflated)
        throw this.#damage(`its structures have more than ${mostInflated} bytes`);
      const part = whole();
      this.#array(part, this.#tag(part, 0), '', 0);
    } else {
      this.#add(head.name, head, () => {
        const part = whole();
        return this.#locate(part, this.#head(part, 8, ''), head.name);
      });
    }
  }

  /** A miMATRIX. `prefix` is the structure that it is a field of. */
  #array(part: Part, tag: Tag, prefix: string, depth: number, field?: string): void {
    const within = { ...part, end: tag.data + tag.bytes };
    // An empty field has nothing in it.
    if (tag.bytes === 0) return;
    const head = this.#head(within, tag.data, prefix);
    const name = prefix + (field ?? head.name);
    if (head.classNumber !== structure) this.#add(name, head, () => this.#locate(within, head, name));
    else if (head.dimensions.every((d) => d === 1) && depth < deepestStructure)
      this.#fields(within, head, name, depth);
    else this.#add(name, head, undefined);
  }

  #fields(part: Part, head: ArrayHead, name: string, depth: number): void {
    const lengthTag = this.#tag(part, head.next);
    const length =
      lengthTag.bytes >= 4 ? this.#view(part, lengthTag.data, 4).getInt32(0, part.littleEndian) : 0;
    const namesTag = this.#tag(part, lengthTag.next);
    const count = namesTag.bytes / length;
    if (lengthTag.type !== miInt32 || length < 1 || !Number.isInteger(count) || count > mostVariables) {
      throw this.#damage(`the names of the fields of \`${name}\` are damaged`);
    }
    const names = Buffer.from(part.file.read(namesTag.data, namesTag.bytes));
    let at = namesTag.next;
    for (let i = 0; i < count; i++) {
      const field = names.toString('latin1', i * length, (i + 1) * length).replace(/\0.*$/s, '');
      const tag = this.#tag(part, at);
      if (tag.type !== miMatrix) throw this.#damage(`the field \`${name}.${field}\` is no array`);
      this.#array(part, tag, `${name}.`, depth + 1, field);
      at = tag.next;
    }
  }

  #head(part: Part, at: number, prefix: string): ArrayHead {
    const where = prefix ? `a field of \`${prefix.slice(0, -1)}\`` : `variable ${this.#found.length + 1}`;
    const flags = this.#tag(part, at);
    if (flags.type !== miUint32 || flags.bytes < 8)
      throw this.#damage(`the array flags of ${where} are damaged`);
    const bits = this.#view(part, flags.data, 4).getUint32(0, part.littleEndian);
    const sizes = this.#tag(part, flags.next);
    if (sizes.type !== miInt32 || sizes.bytes < 8 || sizes.bytes > 128) {
      throw this.#damage(`the dimensions of ${where} are damaged`);
    }
    const view = this.#view(part, sizes.data, sizes.bytes);
    const dimensions = Array.from({ length: sizes.bytes >> 2 }, (_, i) =>
      view.getInt32(4 * i, part.littleEndian),
    );
    if (dimensions.some((d) => d < 0))
      throw this.#damage(`the dimensions of ${where} are ${dimensions.join(' × ')}`);
    const name = this.#tag(part, sizes.next);
    if (name.type !== miInt8 || name.bytes > 1024) throw this.#damage(`the name of ${where} is damaged`);
    return {
      classNumber: bits & 0xff,
      isComplex: (bits & 0x800) !== 0,
      isLogical: (bits & 0x200) !== 0,
      dimensions,
      name: Buffer.from(part.file.read(name.data, name.bytes)).toString('latin1').replace(/\0.*$/s, ''),
      next: name.next,
    };
  }

  #add(name: string, head: ArrayHead, locate: MatlabVariable['locate'] | undefined): void {
    const { classNumber, isComplex, isLogical, dimensions } = head;
    // Axes of one element are no axes.
    const long = dimensions.filter((d) => d !== 1);
    const [rows, columns] = dimensions.length > 2 ? [long[0] ?? 1, long[1] ?? 1] : dimensions;
    let kind = classNumber >= 6 && classNumber <= 15 ? 'numbers' : (otherClasses[classNumber] ?? 'an object');
    if (kind === 'numbers' && isComplex) kind = 'complex numbers';
    else if (kind === 'numbers' && isLogical) kind = 'truth values';
    else if (kind === 'numbers' && long.length > 2) kind = `numbers of ${dimensions.length} dimensions`;
    const missing = (): never => {
      throw new Error(`${name} holds no numbers`);
    };
    this.#found.push({ name, kind, rows, columns, locate: locate ?? missing });
    if (this.#found.length > mostVariables) throw this.#damage(`has more than ${mostVariables} variables`);
  }

  #locate(part: Part, head: ArrayHead, name: string): ReturnType<MatlabVariable['locate']> {
    const tag = this.#tag(part, head.next);
    const type = numberTypes[tag.type];
    if (type === undefined)
      throw this.#damage(`the numbers of \`${name}\` have the unknown type ${tag.type}`);
    const [rows, columns] = [
      head.dimensions[0],
      head.dimensions.slice(1).reduce((product, d) => product * d, 1),
    ];
    const needed = rows * columns * elements[type].bytes;
    if (needed > tag.bytes) {
      throw this.#damage(
        `\`${name}\` is ${rows} × ${columns}, which takes ${needed} bytes; it has ${tag.bytes}`,
      );
    }
    return {
      file: part.file,
      place: { offset: tag.data, rows, columns, type, littleEndian: part.littleEndian },
    };
  }

  /** The tag of an element: type and size in 8 bytes, or in 4 and the data in the other 4. */
  #tag(part: Part, at: number): Tag {
    const view = this.#view(part, at, 8);
    const first = view.getUint32(0, part.littleEndian);
    if (first >>> 16 !== 0) {
      if (first >>> 16 > 4) throw this.#damage(`the element at byte ${at} is of ${first >>> 16} bytes, in 4`);
      return { type: first & 0xffff, bytes: first >>> 16, data: at + 4, next: at + 8 };
    }
    const bytes = view.getUint32(4, part.littleEndian);
    const end = at + 8 + bytes;
    if (end > part.end)
      throw this.#damage(`the element at byte ${at} ends at byte ${end}, after what holds it`);
    return { type: first, bytes, data: at + 8, next: Math.min(at + 8 + Math.ceil(bytes / 8) * 8, part.end) };
  }

  #view(part: Part, at: number, length: number): DataView {
    const bytes = at + length <= part.end ? part.file.read(at, length) : new Uint8Array(0);
    if (bytes.length < length) throw this.#damage(`is cut off at byte ${at}`);
    return new DataView(bytes.buffer, bytes.byteOffset, length);
  }

  #damage(what: string): UserError {
    return new UserError(
      what,
      { file: this.#file.location },
      'The file is damaged or cut off; get it again.',
    );
  }
}
