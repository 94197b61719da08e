import { decodeAha, isAha } from './aha.ts';
import { decodeMit, type AnnotationFile } from './mit.ts';

/**
 * Read a WFDB annotation file (annot(5) of the WFDB Applications Guide) in MIT or AHA format, told apart by its first two
 * bytes as the WFDB library does.
 *
 * @param file for messages
 * @param rate frames a second of the recording: files that count time in ticks of their own are converted to frames
 * Throws a UserError that names the file and the byte where it is cut off, has no end mark, or makes no sense.
 */
export function decodeAnnotations(bytes: Uint8Array, file: string, rate: number): AnnotationFile {
  return isAha(bytes) ? { annotations: decodeAha(bytes, file), types: [] } : decodeMit(bytes, file, rate);
}
