import * as path from 'node:path';
import { stringify } from 'yaml';
import type { DatasetOfFile, LabelsOfFile, SourceOfFile, SplitOfFile } from './file-content.ts';
import { defaultSource, type DatasetSpec, type SourceSpec, type SplitSpec } from './spec.ts';

/**
 * The text of a dataset file. Recordings in or below `folder` are named relative to it, so that both can move together; all
 * others, and without a folder (a run's copy), by their absolute path.
 */
export function datasetFileText(spec: DatasetSpec, folder?: string): string {
  const sources = spec.sources.map((source) => sourceText(source, folder));
  const value: DatasetOfFile = {
    version: 1,
    name: spec.name,
    ...(spec.description !== undefined && { description: spec.description }),
    ...(sources.length === 1 ? { source: sources[0] } : { sources }),
    ...(spec.relabel.size > 0 && { relabel: Object.fromEntries(spec.relabel) }),
    ...(spec.exclude.size > 0 && { exclude: [...spec.exclude] }),
    split: splitText(spec.split),
  };
  return stringify(value, { lineWidth: 0 });
}

function sourceText(source: SourceSpec, folder: string | undefined): SourceOfFile {
  const base = defaultSource(source.format, source.location);
  const differs = <K extends keyof SourceSpec>(key: K): boolean =>
    JSON.stringify(source[key]) !== JSON.stringify(base[key]);
  const { file, map, unmapped, columns } = source.labels;
  const labels: LabelsOfFile = {
    ...(file !== undefined && { file }),
    ...(map && { map: Object.fromEntries(map) }),
    ...(unmapped !== undefined && { unmapped }),
    ...Object.fromEntries(Object.entries(columns).filter(([, column]) => column !== undefined)),
  };
  return {
    format: source.format,
    path: relativePath(source.location, folder),
    ...(source.name !== undefined && { name: source.name }),
    lead: source.lead,
    ...source.facts,
    ...(differs('beat') && { beat: [...source.beat] as [number, number] }),
    ...(differs('excerpt') && { excerpt: source.excerpt }),
    ...(differs('likelihood') && { likelihood: source.likelihood }),
    ...(Object.keys(labels).length > 0 && { labels }),
  };
}

function relativePath(location: string, folder: string | undefined): string {
  const relative = folder === undefined ? '..' : path.relative(folder, location);
  const inside =
    relative !== '' && relative !== '..' && !/^\.\.[/\\]/.test(relative) && !path.isAbsolute(relative);
  return inside ? relative.split(path.sep).join('/') : location;
}

function splitText(split: SplitSpec): SplitOfFile {
  const { seed, by, sharedPatients } = split;
  const common = {
    seed,
    ...(by !== undefined && { by }),
    ...(sharedPatients.length > 0 && { 'shared-patients': sharedPatients as string[] | 'all' }),
  };
  switch (split.kind) {
    case 'dealt':
      return { ...common, train: split.train, validation: split.validation, test: split.test };
    case 'folds':
      return { ...common, folds: split.folds, fold: split.fold };
    case 'source':
      return { from: 'source', ...common, validation: split.validation };
  }
}
