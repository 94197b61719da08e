import * as path from 'node:path';
import { pathToFileURL } from 'node:url';
import { filePath, type StudioFile } from './documents.ts';
import { placeAt, samePath } from './position.ts';

/** Where the thing that a name stands for is: a layer of this file, or another file. */
export type Definition = { start: number; end: number } | { uri: string };

export function definitionAt(file: StudioFile, uri: string, offset: number): Definition | undefined {
  const place = placeAt(file.source, offset);
  if (!place || place.role !== 'value' || file.kind !== 'model') return undefined;
  if (samePath(place.path, ['distillation', 'teacher']) && typeof place.value === 'string') {
    return { uri: pathToFileURL(path.resolve(path.dirname(filePath(uri)), place.value)).href };
  }
  if (place.path.at(-2) !== 'from') return undefined;
  const layer = file.layers.find(({ name }) => name === place.value);
  if (!layer) return undefined;
  const [start, end] = file.source.range([...layer.path, layer.keyword], true);
  return { start, end };
}
