import * as path from 'node:path';
import type { ValidateFunction } from 'ajv';
import { UserError } from '../common/errors.ts';
import { readFile } from '../common/files.ts';
import { compileSchema, YamlSource, type YamlPath } from '../common/yaml-source.ts';
import type { DatasetOfFile, LabelsOfFile, SourceOfFile, SplitOfFile } from './file-content.ts';
import { datasetFileSchema } from './schema.ts';
import {
  defaultSource,
  defaultSplit,
  sourceDefaults,
  type DatasetSpec,
  type LabelSpec,
  type SourceSpec,
  type SplitSpec,
} from './spec.ts';

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
