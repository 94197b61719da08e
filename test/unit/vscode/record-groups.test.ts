import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ListedDataset, ListedEntry } from '../../../src/jobs/list-records.ts';
import {
  groupBySplit,
  inParts,
  mostChildren,
  recordMatcher,
} from '../../../src/vscode/views/record-groups.ts';

const records: ListedEntry[] = [
  { id: 'A1', label: 'N', split: 'train' },
  { id: 'A2', label: 'A', split: 'train' },
  { id: 'A3', label: 'A', split: 'test' },
  { id: 'A4', label: 'other' },
];

const list = (more: Partial<ListedDataset> = {}): ListedDataset => ({
  name: 'x',
  location: '/x',
  moved: false,
  synthetic: false,
  classes: ['N', 'A', 'other'],
  records,
  excluded: [],
  indexed: true,
  ...more,
});

function fitting(filter: string): string {
  return records
    .filter(recordMatcher(['N', 'A', 'other'], filter))
    .map(({ id }) => id)
    .join();
}

describe('a filter of records', () => {
  it('takes a word that is a class or a split as that, and any other as a part of a name', () => {
    assert.equal(fitting('A'), 'A2,A3');
    assert.equal(fitting('A test'), 'A3');
    assert.equal(fitting('Train'), 'A1,A2');
    assert.equal(fitting('a'), 'A1,A2,A3,A4');
    assert.equal(fitting(' a2  '), 'A2');
    assert.equal(fitting('oth'), 'A4');
  });

  it('without words lets all through, and none where one word fits nothing', () => {
    assert.equal(fitting(''), 'A1,A2,A3,A4');
    assert.equal(fitting('A nowhere'), '');
  });
});

describe('groups of records', () => {
  it('are by split, then those in none, then those that are excluded; empty ones are left out', () => {
    const groups = groupBySplit(list({ excluded: [{ id: 'A9', label: 'N' }] }), '');
    assert.deepEqual(
      groups.map(({ split, count }) => [split, count]),
      [
        ['train', 2],
        ['test', 1],
        ['none', 1],
        ['excluded', 1],
      ],
    );
    assert.deepEqual(
      groups[0].classes.map(({ label, records: of }) => [label, of.length]),
      [
        ['N', 1],
        ['A', 1],
        ['other', 0],
      ],
    );
  });

  it('are one where the splits are not known yet, also of an empty dataset', () => {
    assert.deepEqual(
      groupBySplit(list({ indexed: false }), '').map(({ split, count }) => [split, count]),
      [[undefined, 4]],
    );
    assert.equal(groupBySplit(list({ indexed: false, records: [] }), '').length, 1);
    assert.equal(groupBySplit(list({ indexed: false }), 'nowhere').length, 0);
  });

  it('of a filter have no classes without records', () => {
    const [{ classes }] = groupBySplit(list(), 'A test');
    assert.deepEqual(
      classes.map(({ label }) => label),
      ['A'],
    );
  });

  it('that are long come in parts, none of which is too long, and lose no record', () => {
    const many = Array.from({ length: 2 * mostChildren + 1 }, (_, i) => ({ id: `${i}`, label: 'N' }));
    const parts = inParts(many);
    assert.equal(parts.length, 3);
    assert.ok(parts.every((part) => part.length > 0 && part.length <= mostChildren));
    assert.deepEqual(parts.flat(), many);
  });
});
