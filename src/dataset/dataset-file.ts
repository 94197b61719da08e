import * as path from 'node:path';
import type { ValidateFunction } from 'ajv';
import { stringify } from 'yaml';
import { UserError } from '../common/errors.ts';
import { readFile } from '../common/files.ts';
import { compileSchema, YamlSource, type YamlPath } from '../common/yaml-source.ts';
import { datasetFileSchema } from './schema.ts';
import {
  defaultSource,
  defaultSplit,
  sourceDefaults,
  type DatasetSpec,
  type LabelSpec,
  type SourceFormat,
  type SourceSpec,
  type SplitSpec,
} from './spec.ts';

interface LabelsOfFile {
  file?: string;
  map?: Record<string, string>;
  unmapped?: 'error' | 'exclude';
  record?: string;
  label?: string;
  patient?: string;
  split?: string;
}

interface SourceOfFile {
  format: SourceFormat;
  path: string;
  name?: string;
  lead?: number | string;
  labels?: LabelsOfFile;
  rate?: number;
  units?: string;
  beat?: [number, number];
  excerpt?: number;
  likelihood?: number;
}

interface SplitOfFile {
  seed?: number;
  train?: number;
  validation?: number;
  test?: number;
  by?: 'record' | 'patient';
  folds?: number;
  fold?: number;
  from?: 'source';
  'shared-patients'?: string[] | 'all';
}

interface DatasetOfFile {
  version: 1;
  name: string;
  description?: string;
  source?: SourceOfFile;
  sources?: SourceOfFile[];
  labels?: LabelsOfFile;
  relabel?: Record<string, string>;
  exclude?: string[];
  split?: SplitOfFile;
}

/** Whether a path names a dataset file, and not the recordings themselves. */
export function isDatasetFile(location: string): boolean {
  return /\.ya?ml$/.test(location);
}

/** Read a dataset file. Whether the recordings are there is not looked at. */
export function readDatasetFile(file: string): DatasetSpec {
  return parseDatasetFile(readFile(file).toString('utf8'), file);
}

/** A dataset file's text, with everything that is wrong with it. Whether the recordings are there is not looked at. */
export interface ParsedDataset {
  source: YamlSource;
  /** undefined where the file has errors. */
  spec: DatasetSpec | undefined;
}

let fileCheck: ValidateFunction | undefined;

/** Compile the schema, which takes a moment, before the first file is there. */
export function prepareDatasetFiles(): ValidateFunction {
  return (fileCheck ??= compileSchema(datasetFileSchema));
}

export function parseDatasetText(text: string, file: string): ParsedDataset {
  const source = new YamlSource(text);
  if (source.diagnostics.length > 0) return { source, spec: undefined };
  if (!source.validate(prepareDatasetFiles(), source.value, [])) return { source, spec: undefined };
  const value = source.value as DatasetOfFile;
  const sources = value.sources ?? (value.source ? [value.source] : []);
  if (sources.length === 0 || (value.sources && value.source)) {
    const both = value.sources && value.source;
    source.report(
      both ? ['source'] : ['name'],
      both ? 'there are `source` and `sources`: one of them is enough' : 'the file lacks `source`',
      { key: true, advice: 'Say where the recordings are: `source: { format: cinc2017, path: … }`.' },
    );
  }
  const split = splitOf(value.split ?? {}, source);
  const specs = sources.map((one, i) => sourceOf(one, i, sources.length, value.labels, file));
  reportSameNames(specs, source);
  if (source.diagnostics.length > 0 || !split) return { source, spec: undefined };
  const spec = {
    name: value.name,
    description: value.description,
    sources: specs,
    relabel: new Map(Object.entries(value.relabel ?? {})),
    exclude: new Set(value.exclude ?? []),
    split,
  };
  return { source, spec };
}

function sourceOf(
  one: SourceOfFile,
  index: number,
  of: number,
  common: LabelsOfFile | undefined,
  file: string,
): SourceSpec {
  const location = path.resolve(path.dirname(file), one.path);
  const base = defaultSource(one.format, location);
  return {
    ...base,
    name: of > 1 ? (one.name ?? `s${index + 1}`) : undefined,
    lead: one.lead ?? base.lead,
    labels: labelsOf(one.labels ?? common ?? {}),
    facts: {
      ...(one.rate !== undefined && { rate: one.rate }),
      ...(one.units !== undefined && { units: one.units }),
    },
    beat: one.beat ?? base.beat,
    excerpt: one.excerpt ?? base.excerpt,
    likelihood: one.likelihood ?? base.likelihood,
  };
}

function labelsOf({ file, map, unmapped, record, label, patient, split }: LabelsOfFile): LabelSpec {
  return {
    file,
    map: map && new Map(Object.entries(map)),
    unmapped,
    columns: { record, label, patient, split },
  };
}

/** Prefixes tell the sources apart, so each is there once. */
function reportSameNames(specs: readonly SourceSpec[], source: YamlSource): void {
  const seen = new Set<string>();
  for (const [i, { name }] of specs.entries()) {
    if (name === undefined) continue;
    if (seen.has(name)) source.report(['sources', i], `two sources are named ${name}`, { key: true });
    seen.add(name);
  }
}

function splitOf(split: SplitOfFile, source: YamlSource): SplitSpec | undefined {
  const common = {
    seed: split.seed ?? defaultSplit.seed,
    by: split.by,
    sharedPatients: split['shared-patients'] ?? [],
  };
  const excess = (known: readonly (keyof SplitOfFile)[], kind: string): undefined => {
    for (const key of Object.keys(split) as (keyof SplitOfFile)[]) {
      if (!known.includes(key))
        source.report(['split', key], `\`${key}\` means nothing in ${kind}`, { key: true });
    }
  };
  const always: (keyof SplitOfFile)[] = ['seed', 'by', 'shared-patients'];
  if (split.from) {
    excess(['from', 'validation', ...always], 'a split that the dataset has itself');
    return { kind: 'source', ...common, validation: split.validation ?? sourceDefaults.validation };
  }
  if (split.folds !== undefined || split.fold !== undefined) {
    excess(['folds', 'fold', ...always], 'a cross-validation');
    const { folds, fold } = split;
    if (folds === undefined || fold === undefined || fold > folds) {
      const path: YamlPath = ['split', fold === undefined ? 'folds' : 'fold'];
      source.report(path, 'a cross-validation has `folds`, and a `fold` from 1 to as many');
      return undefined;
    }
    return { kind: 'folds', ...common, folds, fold };
  }
  const { train, validation, test } = split;
  if (train === undefined && validation === undefined && test === undefined) {
    return { ...defaultSplit, ...common };
  }
  for (const name of ['train', 'validation', 'test'] as const) {
    if (split[name] === undefined) source.report(['split'], `\`split\` lacks \`${name}\``, { key: true });
  }
  const sum = (train ?? 0) + (validation ?? 0) + (test ?? 0);
  if (source.diagnostics.length === 0 && Math.abs(sum - 1) > 1e-9) {
    source.report(['split'], 'the fractions of the split do not add up to 1', { key: true });
  }
  return { kind: 'dealt', ...common, train: train ?? 0, validation: validation ?? 0, test: test ?? 0 };
}

/** Where a setting of the file's source number `index` stands. */
export function sourcePath(value: unknown, index: number, ...below: readonly string[]): YamlPath {
  const several = typeof value === 'object' && value !== null && 'sources' in value;
  return [...(several ? ['sources', index] : ['source']), ...below];
}

/** The same for a job: the first problem is thrown as a UserError with file and line. */
export function parseDatasetFile(text: string, file: string): DatasetSpec {
  const { source, spec } = parseDatasetText(text, file);
  source.throwFirstError(file);
  if (!spec) throw new UserError('not a dataset file', { file });
  return spec;
}

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
