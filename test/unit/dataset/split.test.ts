import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { groupRecords } from '../../../src/dataset/groups.ts';
import { requireNoLeakage } from '../../../src/dataset/leakage.ts';
import { splitRecords, type SplitRecord } from '../../../src/dataset/split.ts';
import { defaultSplit, type FoldSplit, type SplitName } from '../../../src/dataset/spec.ts';

/** So many records; each patient has `each` of them, and each record a signal of its own. */
function records(count: number, each = 1, classes = ['N', 'A']): SplitRecord[] {
  return Array.from({ length: count }, (_, i) => ({
    id: `R${String(i).padStart(4, '0')}`,
    label: classes[Math.floor(i / each) % classes.length],
    signalHash: `s${i}`,
    patient: each > 1 ? `p${Math.floor(i / each)}` : undefined,
    ownSplit: undefined,
  }));
}

function counted(splits: ReadonlyMap<string, SplitName>): Record<SplitName, number> {
  const counts = { train: 0, validation: 0, test: 0 };
  for (const name of splits.values()) counts[name]++;
  return counts;
}

describe('groups', () => {
  it('join whoever is tied by a signal or a patient, over any number of steps', () => {
    const tied = [
      { id: 'a', signalHash: '1', patient: 'x' },
      { id: 'b', signalHash: '2', patient: 'x' },
      { id: 'c', signalHash: '2', patient: 'y' },
      { id: 'd', signalHash: '3', patient: 'y' },
      { id: 'e', signalHash: '4', patient: undefined },
    ];
    const ids = (byPatient: boolean): string[][] =>
      groupRecords(tied, byPatient).map((group) => group.map(({ id }) => id));
    assert.deepEqual(ids(true), [['a', 'b', 'c', 'd'], ['e']]);
    assert.deepEqual(ids(false), [['a'], ['b', 'c'], ['d'], ['e']]);
  });
});

describe('a split by patients', () => {
  it('keeps each on one side, in about the shares that were asked for, stratified by class', () => {
    const all = records(1000, 5);
    const splits = splitRecords(all, defaultSplit, 'set');
    requireNoLeakage(all, splits, defaultSplit, 'set');
    assert.deepEqual(counted(splits), { train: 800, validation: 100, test: 100 });
    const test = all.filter(({ id }) => splits.get(id) === 'test');
    assert.equal(test.filter(({ label }) => label === 'A').length, 50);
  });

  it('counts records, not patients: one who has a tenth of a class is not a hundredth of it', () => {
    const all = records(100).map((record, i) => ({
      ...record,
      label: 'N',
      patient: i < 40 ? 'many' : `p${i}`,
    }));
    for (let seed = 0; seed < 10; seed++) {
      const { train, validation, test } = counted(
        splitRecords(all, { ...defaultSplit, seed, train: 0.5, validation: 0, test: 0.5 }, 'set'),
      );
      assert.equal(validation, 0);
      assert.ok(Math.abs(train - 50) <= 20 && train + test === 100, `${train} + ${test}`);
    }
  });

  it('by record instead is leakage, and an error that names both records and what to do', () => {
    const all = records(100, 5);
    const spec = { ...defaultSplit, by: 'record' as const };
    const splits = splitRecords(all, spec, 'set');
    assert.throws(
      () => requireNoLeakage(all, splits, spec, 'set'),
      /leakage: R\d+ .* and R\d+ .* are of one patient/,
    );
    requireNoLeakage(all, splits, { ...spec, sharedPatients: 'all' }, 'set');
  });
});

describe('a cross-validation', () => {
  const fold = (n: number): FoldSplit => ({
    kind: 'folds',
    seed: 1,
    by: undefined,
    sharedPatients: [],
    folds: 5,
    fold: n,
  });

  it('has each record in the test split once, each fold as large, and each class shared alike', () => {
    const all = records(203);
    const tested = new Map<string, number>();
    for (let n = 1; n <= 5; n++) {
      const splits = splitRecords(all, fold(n), 'set');
      const { test, validation } = counted(splits);
      assert.ok(
        Math.abs(test - 203 / 5) <= 1 && Math.abs(validation - 203 / 5) <= 1,
        `${test}, ${validation}`,
      );
      const testing = all.filter(({ id }) => splits.get(id) === 'test');
      assert.ok(Math.abs(testing.filter(({ label }) => label === 'A').length - 101 / 5) <= 1);
      for (const { id } of testing) tested.set(id, (tested.get(id) ?? 0) + 1);
    }
    assert.equal(tested.size, 203);
    assert.ok([...tested.values()].every((times) => times === 1));
  });

  it('keeps patients together', () => {
    const all = records(200, 4);
    for (let n = 1; n <= 5; n++) requireNoLeakage(all, splitRecords(all, fold(n), 'set'), fold(n), 'set');
  });
});

describe("a dataset's own split", () => {
  const own = (validation: number) => ({
    kind: 'source' as const,
    seed: 1,
    by: undefined,
    sharedPatients: [],
    validation,
  });

  it('is kept, and a share of its training patients becomes the validation split where it has none', () => {
    const splitOf = (i: number): SplitName | undefined => (i < 100 ? 'train' : i < 160 ? 'test' : undefined);
    const all = records(200, 4).map((record, i) => ({ ...record, ownSplit: splitOf(i) }));
    const splits = splitRecords(all, own(0.2), 'set');
    requireNoLeakage(all, splits, own(0.2), 'set');
    assert.deepEqual(counted(splits), { train: 80, validation: 20, test: 60 });
    assert.equal(splits.get('R0199'), undefined, 'what it leaves out is in none');
    assert.deepEqual(counted(splitRecords(all, own(0), 'set')), { train: 100, validation: 0, test: 60 });
  });

  it('that is not there is an error', () => {
    assert.throws(() => splitRecords(records(10), own(0.1), 'set'), /no split of its own/);
  });
});
