import * as path from 'node:path';
import { readFile } from '../common/files.ts';
import { compileSchema, YamlSource } from '../common/yaml-source.ts';
import { UserError } from '../common/errors.ts';

export const datasetSuffix = '.ecgdata.yaml';

export interface SplitSpec {
  seed: number;
  /** Fractions of the records; their sum is 1. */
  train: number;
  validation: number;
  test: number;
}

/** A dataset file with all defaults filled in. */
export interface DatasetSpec {
  name: string;
  /** Absolute path of the zip or folder. */
  location: string;
  labelsFile: string;
  /** Label in the source → class; undefined: labels are the classes. */
  labelMap: ReadonlyMap<string, string> | undefined;
  /** 0-based lead that is read. */
  lead: number;
  split: SplitSpec;
}

export const defaultSplit: SplitSpec = { seed: 1, train: 0.8, validation: 0.1, test: 0.1 };

const fraction = { type: 'number', minimum: 0, maximum: 1 };

export const datasetFileSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['version', 'name', 'source'],
  properties: {
    version: { const: 1 },
    name: { type: 'string', pattern: '^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$' },
    description: { type: 'string' },
    source: {
      type: 'object',
      additionalProperties: false,
      required: ['format', 'path'],
      properties: {
        format: { enum: ['cinc2017'], description: 'Layout: ID.hea + ID.mat + a CSV of labels.' },
        path: { type: 'string', minLength: 1, description: 'Zip or folder, relative to this file.' },
        lead: { type: 'integer', minimum: 0, maximum: 1023, default: 0 },
      },
    },
    labels: {
      type: 'object',
      additionalProperties: false,
      properties: {
        file: { type: 'string', pattern: '^[^/\\\\]+$', default: 'REFERENCE.csv' },
        map: { type: 'object', additionalProperties: { type: 'string' } },
      },
    },
    split: {
      type: 'object',
      additionalProperties: false,
      required: ['seed', 'train', 'validation', 'test'],
      properties: {
        seed: { type: 'integer', minimum: 0 },
        train: fraction,
        validation: fraction,
        test: fraction,
      },
    },
  },
} as const;

interface DatasetFile {
  name: string;
  source: { path: string; lead?: number };
  labels?: { file?: string; map?: Record<string, string> };
  split?: SplitSpec;
}

/** A dataset file, or a bare zip or folder with the default split. */
export function loadDatasetSpec(location: string): DatasetSpec {
  if (/\.ya?ml$/.test(location)) return parseDatasetFile(readFile(location).toString('utf8'), location);
  return {
    name: path.basename(location).replace(/\.zip$/i, ''),
    location: path.resolve(location),
    labelsFile: 'REFERENCE.csv',
    labelMap: undefined,
    lead: 0,
    split: defaultSplit,
  };
}

export function parseDatasetFile(text: string, file: string): DatasetSpec {
  const source = new YamlSource(text);
  source.throwFirstError(file);
  source.validate(compileSchema(datasetFileSchema), source.value, []);
  source.throwFirstError(file);
  const value = source.value as DatasetFile;
  const split = value.split ?? defaultSplit;
  if (Math.abs(split.train + split.validation + split.test - 1) > 1e-9) {
    throw new UserError('the fractions of the split do not add up to 1', {
      file,
      line: source.line(['split']),
    });
  }
  return {
    name: value.name,
    location: path.resolve(path.dirname(file), value.source.path),
    labelsFile: value.labels?.file ?? 'REFERENCE.csv',
    labelMap: value.labels?.map ? new Map(Object.entries(value.labels.map)) : undefined,
    lead: value.source.lead ?? 0,
    split,
  };
}

/** The text that a run keeps: paths made absolute, defaults written out. */
export function datasetFileText(spec: DatasetSpec): string {
  const map = spec.labelMap && `\n  map: ${JSON.stringify(Object.fromEntries(spec.labelMap))}`;
  const { seed, train, validation, test } = spec.split;
  return [
    'version: 1',
    `name: ${JSON.stringify(spec.name)}`,
    `source: { format: cinc2017, path: ${JSON.stringify(spec.location)}, lead: ${spec.lead} }`,
    `labels:\n  file: ${JSON.stringify(spec.labelsFile)}${map ?? ''}`,
    `split: { seed: ${seed}, train: ${train}, validation: ${validation}, test: ${test} }`,
    '',
  ].join('\n');
}
