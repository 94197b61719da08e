import * as path from 'node:path';
import { openArchive } from '../recording/file-source.ts';
import { isDatasetFile, readDatasetFile } from './dataset-file.ts';
import { recogniseFormat } from './recipes/recipes.ts';
import { defaultSource, defaultSplit, type DatasetSpec, type SourceFormat } from './spec.ts';

/** A dataset file, or a bare zip or folder: its format is recognised where it is not given, and its split is the default. */
export async function loadDatasetSpec(location: string, format?: SourceFormat): Promise<DatasetSpec> {
  if (isDatasetFile(location)) return readDatasetFile(location);
  const found = format ?? (await recognise(location));
  return {
    name: nameOf(location),
    description: undefined,
    sources: [defaultSource(found, path.resolve(location))],
    relabel: new Map(),
    exclude: new Set(),
    split: defaultSplit,
  };
}

/** A folder may be called anything, a dataset not. */
function nameOf(location: string): string {
  const name = path.basename(path.resolve(location)).replace(/\.zip$/i, '');
  return (
    name
      .replace(/[^A-Za-z0-9_.-]+/g, '-')
      .replace(/^[^A-Za-z0-9]+/, '')
      .slice(0, 64) || 'dataset'
  );
}

async function recognise(location: string): Promise<SourceFormat> {
  const archive = await openArchive(location);
  try {
    return recogniseFormat(archive);
  } finally {
    archive.close();
  }
}
