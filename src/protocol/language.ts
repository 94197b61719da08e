/**
 * What the extension asks of the language server beyond the Language Server Protocol, and what the server's lenses and
 * quick fixes ask of the extension.
 */

/** Names of the custom requests. Both read the open document, or else the file on the disk. */
export const languageMethods = {
  modelSummary: 'ecg/modelSummary',
  datasetSummary: 'ecg/datasetSummary',
} as const;

export interface SummaryParams {
  uri: string;
  /** Read instead of document and file. */
  text?: string;
}

export interface FirstError {
  message: string;
  /** 1-based. */
  line: number;
}

interface FileSummary {
  name: string;
  errors: number;
  warnings: number;
  firstError?: FirstError;
}

/** Figures are those of the layers before the first error; they are the network's only where `errors` is 0. */
export interface ModelSummary extends FileSummary {
  classes: string[];
  layers: number;
  parameters: number;
  /** Per window. */
  macs: number;
  operations: number;
  /** Bytes of the parameters as deployed: exact, code and tables come on top. undefined: the file has errors. */
  flashLowerBound: number | undefined;
  /** The file has a section `distillation`. */
  distillation: boolean;
  epochs: number;
}

export interface DatasetFileSummary extends FileSummary {
  /** Absolute path of the zip or folder; empty where the file does not name one. */
  path: string;
  /** Whether something is there. */
  exists: boolean;
}

/** Commands that lenses and quick fixes name, with one argument of the type beside them. */
export const languageCommands = {
  /** LensArgument of a model or a dataset file. */
  train: 'ecg.train',
  /** LensArgument of a model file. */
  distill: 'ecg.distill',
  /** LensArgument of a model file. */
  evaluate: 'ecg.evaluate',
  /** LensArgument of a dataset file. */
  locateDataset: 'ecg.locateDataset',
} as const;

/** The file that a lens stands in. */
export interface LensArgument {
  uri: string;
}

/** `source` of every diagnostic. */
export const diagnosticSource = 'ECG Studio';

/** `code` of the diagnostics that the extension or a quick fix does something about. */
export const diagnosticCodes = { datasetMoved: 'dataset-moved' } as const;
