import type { Facts } from '../recording/facts.ts';

export type SplitName = 'train' | 'validation' | 'test';
export const splitNames: readonly SplitName[] = ['train', 'validation', 'test'];

export const sourceFormats = ['cinc2017', 'mit-bih', 'ptb-xl', 'cinc2021', 'cpsc2021', 'table'] as const;
export type SourceFormat = (typeof sourceFormats)[number];

/** How records are dealt to the splits. */
export type SplitSpec = DealtSplit | FoldSplit | SourceSplit;

interface SplitCommon {
  seed: number;
  /** What stays together. undefined: patients where they are known. */
  by: 'record' | 'patient' | undefined;
  /** Patients that may be on both sides: the dataset's own split has them so. `all` gives up on it. */
  sharedPatients: readonly string[] | 'all';
}

/** Fractions of the records; their sum is 1. */
export interface DealtSplit extends SplitCommon {
  kind: 'dealt';
  train: number;
  validation: number;
  test: number;
}

/** Cross-validation: fold `fold` of `folds`, from 1, is the test split, the next one is for validation. */
export interface FoldSplit extends SplitCommon {
  kind: 'folds';
  folds: number;
  fold: number;
}

/** The dataset's own; where it has no validation split, a share of the training records, dealt by seed, is that. */
export interface SourceSplit extends SplitCommon {
  kind: 'source';
  validation: number;
}

/** Which class a record has. */
export interface LabelSpec {
  /** Table of labels, in the zip or folder; undefined: the format's own. */
  file: string | undefined;
  /** Label in the source → class, in the order of precedence; `*` is any other. undefined: the format's own. */
  map: ReadonlyMap<string, string> | undefined;
  /** What becomes of a record none of whose labels is in the map. undefined: as the format has it. */
  unmapped: 'error' | 'exclude' | undefined;
  /** Columns of a `table`. */
  columns: TableColumns;
}

export interface TableColumns {
  record: string | undefined;
  label: string | undefined;
  patient: string | undefined;
  split: string | undefined;
}

export interface SourceSpec {
  format: SourceFormat;
  /** Prefix of the ids of its records, where a dataset has several sources. */
  name: string | undefined;
  /** Absolute path of the zip or folder. */
  location: string;
  /** Lead that is read: its number from 0, or its name. */
  lead: number | string;
  labels: LabelSpec;
  /** What files of bare numbers do not say; of PTB-XL, which of its two copies is read. */
  facts: Facts;
  /** s before and behind the R peak that a beat's excerpt has. */
  beat: readonly [number, number];
  /** s that an excerpt of a rhythm has. */
  excerpt: number;
  /** Likelihood in percent from which a statement of PTB-XL counts. */
  likelihood: number;
}

/** A dataset file with all defaults filled in. */
export interface DatasetSpec {
  name: string;
  description: string | undefined;
  sources: readonly SourceSpec[];
  /** Records whose class somebody has corrected. */
  relabel: ReadonlyMap<string, string>;
  /** Records that are left out. */
  exclude: ReadonlySet<string>;
  split: SplitSpec;
}

export const defaultSplit: DealtSplit = {
  kind: 'dealt',
  seed: 1,
  train: 0.8,
  validation: 0.1,
  test: 0.1,
  by: undefined,
  sharedPatients: [],
};

export const sourceDefaults = {
  lead: 0,
  /** de Chazal et al. 2004 look at about this much around the R peak. */
  beat: [0.25, 0.45] as const,
  excerpt: 30,
  likelihood: 50,
  validation: 0.1,
};

export function defaultSource(format: SourceFormat, location: string): SourceSpec {
  const { lead, beat, excerpt, likelihood } = sourceDefaults;
  const columns = { record: undefined, label: undefined, patient: undefined, split: undefined };
  const labels = { file: undefined, map: undefined, unmapped: undefined, columns };
  return { format, name: undefined, location, lead, labels, facts: {}, beat, excerpt, likelihood };
}
