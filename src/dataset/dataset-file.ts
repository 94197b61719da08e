import * as path from 'node:path';
import type { ValidateFunction } from 'ajv';
import { readFile } from '../common/files.ts';
import { compileSchema, YamlSource } from '../common/yaml-source.ts';
import { UserError } from '../common/errors.ts';

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
    version: { const: 1, description: 'Version of the file format.' },
    name: {
      type: 'string',
      pattern: '^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$',
      description: 'Name of the dataset, in runs and reports.',
    },
    description: { type: 'string', description: 'For people.' },
    source: {
      type: 'object',
      additionalProperties: false,
      required: ['format', 'path'],
      description: 'Where the recordings are.',
      properties: {
        format: { enum: ['cinc2017'], description: 'Layout: ID.hea + ID.mat + a CSV of labels.' },
        path: { type: 'string', minLength: 1, description: 'Zip or folder, relative to this file.' },
        lead: {
          type: 'integer',
          minimum: 0,
          maximum: 1023,
          default: 0,
          description: 'Lead that is read, from 0.',
        },
      },
    },
    labels: {
      type: 'object',
      additionalProperties: false,
      description: 'Where the labels are, and which class each means.',
      properties: {
        file: {
          type: 'string',
          pattern: '^[^/\\\\]+$',
          default: 'REFERENCE.csv',
          description: 'CSV of record and label, in the zip or folder.',
        },
        map: {
          type: 'object',
          additionalProperties: { type: 'string', description: 'Class that the label means.' },
          description: 'Label in the CSV → class. Default: labels are the classes.',
        },
      },
    },
    split: {
      type: 'object',
      additionalProperties: false,
      required: ['seed', 'train', 'validation', 'test'],
      description: 'Shares of the records; each class is shared alike, and duplicates stay together.',
      properties: {
        seed: {
          type: 'integer',
          minimum: 0,
          default: defaultSplit.seed,
          description: 'Another seed deals the records anew.',
        },
        train: {
          ...fraction,
          default: defaultSplit.train,
          description: 'Share that the network learns from.',
        },
        validation: {
          ...fraction,
          default: defaultSplit.validation,
          description: 'Share that the best epoch is chosen by.',
        },
        test: {
          ...fraction,
          default: defaultSplit.test,
          description: 'Share that reports are about; it never reaches training.',
        },
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
  const value = source.value as DatasetFile;
  const split = value.split ?? defaultSplit;
  const sum = split.train + split.validation + split.test;
  if (Math.abs(sum - 1) > 1e-9) {
    source.report(['split'], 'the fractions of the split do not add up to 1', { key: true });
    return { source, spec: undefined };
  }
  const spec = {
    name: value.name,
    location: path.resolve(path.dirname(file), value.source.path),
    labelsFile: value.labels?.file ?? 'REFERENCE.csv',
    labelMap: value.labels?.map ? new Map(Object.entries(value.labels.map)) : undefined,
    lead: value.source.lead ?? 0,
    split,
  };
  return { source, spec };
}

/** The same for a job: the first problem is thrown as a UserError with file and line. */
export function parseDatasetFile(text: string, file: string): DatasetSpec {
  const { source, spec } = parseDatasetText(text, file);
  source.throwFirstError(file);
  if (!spec) throw new UserError('not a dataset file', { file });
  return spec;
}

/**
 * The text of a dataset file, defaults written out. Recordings in or below `folder` are named relative to it, so that both
 * can move together; all others, and without a folder (a run's copy), by their absolute path.
 */
export function datasetFileText(spec: DatasetSpec, folder?: string): string {
  const relative = folder === undefined ? '..' : path.relative(folder, spec.location);
  const inside =
    relative !== '' && relative !== '..' && !/^\.\.[/\\]/.test(relative) && !path.isAbsolute(relative);
  const location = inside ? relative.split(path.sep).join('/') : spec.location;
  const map = spec.labelMap && `\n  map: ${JSON.stringify(Object.fromEntries(spec.labelMap))}`;
  const { seed, train, validation, test } = spec.split;
  return [
    'version: 1',
    `name: ${JSON.stringify(spec.name)}`,
    `source: { format: cinc2017, path: ${JSON.stringify(location)}, lead: ${spec.lead} }`,
    `labels:\n  file: ${JSON.stringify(spec.labelsFile)}${map ?? ''}`,
    `split: { seed: ${seed}, train: ${train}, validation: ${validation}, test: ${test} }`,
    '',
  ].join('\n');
}
