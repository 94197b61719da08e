import type { FileSource } from '../file-source.ts';
import { notStored } from './header.ts';
import { readHeader } from './read-header.ts';

/** All files of a WFDB record: its header, those of its segments, and the signal files that they name, each once. */
export function wfdbFiles(source: FileSource, name: string): string[] {
  const folder = name.slice(0, name.lastIndexOf('/') + 1);
  const files = new Set([`${name}.hea`]);
  const { header } = readHeader(source, name);
  for (const { file } of header.signals) if (file !== notStored) files.add(folder + file);
  for (const segment of header.segments ?? []) {
    if (segment.name === notStored) continue;
    const part = readHeader(source, folder + segment.name).header;
    files.add(`${folder}${segment.name}.hea`);
    for (const { file } of part.signals) if (file !== notStored) files.add(folder + file);
  }
  return [...files];
}
