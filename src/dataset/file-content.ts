import type { SourceFormat } from './spec.ts';

// What a dataset file says, as YAML gives it and the schema has checked it.

export interface LabelsOfFile {
  file?: string;
  map?: Record<string, string>;
  unmapped?: 'error' | 'exclude';
  record?: string;
  label?: string;
  patient?: string;
  split?: string;
}

export interface SourceOfFile {
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

export interface SplitOfFile {
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

export interface DatasetOfFile {
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
