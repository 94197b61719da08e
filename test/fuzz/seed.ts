import type { Facts } from '../../src/recording/facts.ts';

export const kinds = [
  'wfdb',
  'segments',
  'flac',
  'annotations',
  'edf',
  'matlab',
  'numpy',
  'delimited',
  'zip',
  'table',
  'dataset',
] as const;
export type Kind = (typeof kinds)[number];

/** Files that are whole, to be damaged. */
export interface Seed {
  kind: Kind;
  title: string;
  files: Readonly<Record<string, Uint8Array>>;
  /** The file that is opened. */
  name: string;
  /** Those to damage, the likeliest first. */
  targets: readonly string[];
  facts?: Facts;
  /** Whole, and of a kind that is not read. */
  refused?: boolean;
  /**
   * What makes a damaged file pass the first check again: a checksum, a compression. Without it, most changes would never be
   * seen by what comes after.
   */
  seal?: (bytes: Uint8Array) => Uint8Array;
}
