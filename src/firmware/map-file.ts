import { UserError } from '../common/errors.ts';
import { readFile } from '../common/files.ts';

/** An input section that the linker placed: a function, a table, or a variable, since each has one of its own. */
export interface MapPiece {
  /** `.text.ecg_gru`, `.rodata.block3_weights`. */
  section: string;
  address: number;
  /** Bytes. */
  size: number;
  /** Whose it is: `ecg_gru.c`; of a library, the member as the library calls it. */
  source: string;
}

/** Section, address, size and object; a long name has the rest on a line of its own. */
const placed = /^ (\.(?:text|rodata|data|bss)\S*)\s+0x([0-9a-f]+)\s+0x([0-9a-f]+) (\S.*?)$/gm;

/** The pieces of an image, from the map file of GNU ld. Throws a UserError where it names none. */
export function readMap(file: string): MapPiece[] {
  const text = readFile(file).toString('utf8');
  // What the linker threw away stands before.
  const start = text.indexOf('Linker script and memory map');
  const pieces = [...text.slice(Math.max(0, start)).matchAll(placed)].map(
    ([, section, address, size, object]): MapPiece => ({
      section,
      address: parseInt(address, 16),
      size: parseInt(size, 16),
      source: sourceOf(object),
    }),
  );
  if (start < 0 || pieces.length === 0) {
    throw new UserError('is no map file of the linker', { file }, 'Build the firmware again.');
  }
  return pieces.filter(({ size }) => size > 0);
}

/** `libecg_network.a(ecg_gru.c.obj)` → `ecg_gru.c`. */
function sourceOf(object: string): string {
  const member = /\(([^()]+)\)$/.exec(object)?.[1] ?? object;
  return (member.split(/[\\/]/).at(-1) ?? member).replace(/\.(obj|o)$/, '');
}
