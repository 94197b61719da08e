import type { Annotation } from '../annotation.ts';
import { readWhole, type FileSource } from '../file-source.ts';
import { decodeAnnotations } from './decode.ts';

/** A week of beats at 200 a minute has 4 MB. */
const largestFile = 64 * 1024 * 1024;

/**
 * Annotations of a record, from the file beside it that an annotator wrote (`100`, `atr` → `100.atr`).
 *
 * @param rate frames a second of the record
 * Throws a UserError that names the file and the byte.
 */
export function readAnnotations(
  source: FileSource,
  record: string,
  annotator: string,
  rate: number,
): Annotation[] {
  const name = `${record}.${annotator}`;
  const bytes = readWhole(source, name, largestFile);
  return decodeAnnotations(bytes, `${source.location}/${name}`, rate).annotations;
}
