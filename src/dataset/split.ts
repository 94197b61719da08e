import { sha256 } from '../common/files.ts';
import type { SplitSpec } from './dataset-file.ts';

export type SplitName = 'train' | 'validation' | 'test';
export const splitNames: readonly SplitName[] = ['train', 'validation', 'test'];

export interface SplitRecord {
  id: string;
  label: string;
  /** Hash of the signal: records with the same hash are duplicates and stay together. */
  contentHash: string;
}

/**
 * Seeded stratified split by record: within each class the records, in an order that the seed and their names alone
 * decide, are cut at the fractions. Exact duplicates are one unit (of the class of the first by name).
 */
export function splitRecords(records: readonly SplitRecord[], spec: SplitSpec): Map<string, SplitName> {
  const byName = [...records].sort((a, b) => (a.id < b.id ? -1 : 1));
  const units = new Map<string, SplitRecord[]>();
  for (const record of byName) {
    const unit = units.get(record.contentHash);
    if (unit) unit.push(record);
    else units.set(record.contentHash, [record]);
  }
  const classes = new Map<string, { key: string; members: SplitRecord[] }[]>();
  for (const members of units.values()) {
    const { id, label } = members[0];
    const list = classes.get(label) ?? [];
    list.push({ key: sha256(`${spec.seed}/${id}`), members });
    classes.set(label, list);
  }
  const assignment = new Map<string, SplitName>();
  for (const list of classes.values()) {
    list.sort((a, b) => (a.key < b.key ? -1 : 1));
    const trainEnd = Math.round(list.length * spec.train);
    const validationEnd = Math.round(list.length * (spec.train + spec.validation));
    for (const [i, { members }] of list.entries()) {
      const name = i < trainEnd ? 'train' : i < validationEnd ? 'validation' : 'test';
      for (const { id } of members) assignment.set(id, name);
    }
  }
  return assignment;
}
