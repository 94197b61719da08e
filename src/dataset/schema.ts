import { defaultSplit, sourceDefaults, sourceFormats } from './spec.ts';

const fraction = { type: 'number', minimum: 0, maximum: 1 };
const text = { type: 'string', minLength: 1, maxLength: 200 };
const seed = {
  type: 'integer',
  minimum: 0,
  default: defaultSplit.seed,
  description: 'Another seed deals the records anew.',
};

const labels = {
  type: 'object',
  additionalProperties: false,
  description: 'Where the labels are, and which class each means.',
  properties: {
    file: {
      type: 'string',
      pattern: '^[^/\\\\]+$',
      description:
        'Table of labels, in the zip or folder. Default: as the format has it (REFERENCE.csv of cinc2017).',
    },
    map: {
      type: 'object',
      additionalProperties: { ...text, description: 'Class that the label means.' },
      description:
        'Label in the source → class. A record with several labels has the first class of the map that it has a label of; `*` is any other label. Default: labels are the classes, or as the format has it.',
    },
    unmapped: {
      enum: ['error', 'exclude'],
      description:
        'A record none of whose labels is in the map is an error, or left out. Default: as the format has it.',
    },
    record: { ...text, description: 'Column of a table that names the record’s file. Default: the first.' },
    label: { ...text, description: 'Column of a table that has the label. Default: the second.' },
    patient: { ...text, description: 'Column of a table that says whose recording it is.' },
    split: {
      ...text,
      description: 'Column of a table that says train, validation or test, for `split: { from: source }`.',
    },
  },
} as const;

const source = {
  type: 'object',
  additionalProperties: false,
  required: ['format', 'path'],
  description: 'Where the recordings are.',
  properties: {
    format: {
      enum: sourceFormats,
      description:
        'cinc2017: ID.hea + ID.mat + REFERENCE.csv. mit-bih: beats, as annotated in ID.atr. ptb-xl: ptbxl_database.csv with SCP statements. cinc2021 (and 2020): diagnoses (`# Dx:`) in the headers. cpsc2021: rhythms, as annotated in ID.atr (AFDB and others too). table: recordings of any format and a CSV of labels.',
    },
    path: { type: 'string', minLength: 1, description: 'Zip or folder, relative to this file.' },
    name: {
      type: 'string',
      pattern: '^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$',
      description:
        'Stands before the ids of its records, where there are several sources. Default: s1, s2, …',
    },
    lead: {
      type: ['integer', 'string'],
      minimum: 0,
      maximum: 1023,
      minLength: 1,
      default: sourceDefaults.lead,
      description: 'Lead that is read: its number, from 0, or its name (II, MLII).',
    },
    labels,
    rate: {
      type: 'number',
      exclusiveMinimum: 0,
      maximum: 1e6,
      description: 'Hz, of files that do not say (CSV, NumPy, MATLAB); of ptb-xl 100 or 500.',
    },
    units: { ...text, description: 'mV, uV or V, of files that do not say.' },
    beat: {
      type: 'array',
      items: { type: 'number', minimum: 0, maximum: 10 },
      minItems: 2,
      maxItems: 2,
      default: sourceDefaults.beat,
      description: 'mit-bih: seconds before and behind the R peak that each beat’s excerpt has.',
    },
    excerpt: {
      type: 'number',
      minimum: 1,
      maximum: 86400,
      default: sourceDefaults.excerpt,
      description: 'cpsc2021: seconds of each excerpt; it has the rhythm that most of it is in.',
    },
    likelihood: {
      type: 'number',
      minimum: 0,
      maximum: 100,
      default: sourceDefaults.likelihood,
      description: 'ptb-xl: percent from which a diagnostic statement counts.',
    },
  },
} as const;

const split = {
  type: 'object',
  additionalProperties: false,
  suggested: ['seed', 'train', 'validation', 'test'],
  description:
    'Shares of the records (train, validation, test), a fold of a cross-validation (folds, fold), or the dataset’s own (from: source). Each class is shared alike; duplicates and, where they are known, patients stay together.',
  properties: {
    seed,
    train: { ...fraction, default: defaultSplit.train, description: 'Share that the network learns from.' },
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
    by: {
      enum: ['record', 'patient'],
      description: 'What stays together. Default: patients where they are known.',
    },
    folds: { type: 'integer', minimum: 3, maximum: 100, description: 'Folds of a cross-validation.' },
    fold: {
      type: 'integer',
      minimum: 1,
      maximum: 100,
      description: 'The fold, from 1, that is the test split.',
    },
    from: {
      const: 'source',
      description:
        'The dataset’s own split: DS1 and DS2 of mit-bih, the folds of ptb-xl, the column `split` of a table.',
    },
    'shared-patients': {
      oneOf: [{ type: 'array', items: text, maxItems: 10_000 }, { const: 'all' }],
      description:
        'Patients that may be on both sides, since the dataset’s own split has them so. Anybody else’s is an error.',
    },
  },
} as const;

export const datasetFileSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['version', 'name'],
  properties: {
    version: { const: 1, description: 'Version of the file format.' },
    name: {
      type: 'string',
      pattern: '^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$',
      description: 'Name of the dataset, in runs and reports.',
    },
    source,
    sources: {
      type: 'array',
      items: source,
      minItems: 1,
      maxItems: 100,
      description: 'Several zips and folders whose records become one dataset. Their ids are NAME/ID.',
    },
    description: { type: 'string', description: 'For people.' },
    labels,
    relabel: {
      type: 'object',
      additionalProperties: { ...text, description: 'Class of the record.' },
      description: 'Record → class: what somebody has corrected. The source is never changed.',
    },
    exclude: { type: 'array', items: text, description: 'Records that are left out.' },
    split,
  },
} as const;
