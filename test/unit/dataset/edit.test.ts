import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { datasetFileText } from '../../../src/dataset/dataset-text.ts';
import { parseDatasetFile } from '../../../src/dataset/dataset-file.ts';
import { decideRecords } from '../../../src/dataset/edit.ts';

const text = `# my dataset
version: 1
name: x # short
source: { format: cinc2017, path: x.zip } # where
split: { seed: 3, train: 0.8, validation: 0.1, test: 0.1 }
`;

describe('a decision about records', () => {
  it('goes into the dataset file, whose comments and other lines stay', () => {
    const relabelled = decideRecords(text, ['A1', 'A2'], { kind: 'relabel', label: 'N' });
    for (const line of text.trim().split('\n')) assert.ok(relabelled.includes(line), line);
    const { relabel } = parseDatasetFile(relabelled, 'x.ecgdata.yaml');
    assert.deepEqual(
      [...relabel],
      [
        ['A1', 'N'],
        ['A2', 'N'],
      ],
    );
  });

  it('is taken back without a trace', () => {
    const both = decideRecords(decideRecords(text, ['A1'], { kind: 'relabel', label: '~' }), ['A2'], {
      kind: 'exclude',
    });
    assert.deepEqual([...parseDatasetFile(both, 'x').exclude], ['A2']);
    const again = decideRecords(decideRecords(both, ['A1'], { kind: 'relabel', label: undefined }), ['A2'], {
      kind: 'include',
    });
    assert.equal(again, text);
  });

  it('may be made twice: once is enough', () => {
    const once = decideRecords(text, ['A2'], { kind: 'exclude' });
    assert.equal(decideRecords(once, ['A2'], { kind: 'exclude' }), once);
  });

  it('keeps names and classes that YAML would read otherwise', () => {
    const odd = decideRecords(text, ['100@370', 'no', '1e3'], { kind: 'relabel', label: '~' });
    const { relabel } = parseDatasetFile(odd, 'x');
    assert.deepEqual([...relabel.keys()], ['100@370', 'no', '1e3']);
    assert.equal(relabel.get('no'), '~');
    const excluded = decideRecords(text, ['101'], { kind: 'exclude' });
    assert.deepEqual([...parseDatasetFile(excluded, 'x').exclude], ['101']);
  });
});

describe('the text of a dataset file', () => {
  it('says all that a file says, however it is written', () => {
    const whole = `version: 1
name: many
description: two of them
sources:
  - { format: mit-bih, path: /data/mitdb, name: beats, lead: MLII, beat: [0.3, 0.4], labels: { map: { V: V, "*": N }, unmapped: exclude } }
  - { format: table, path: /data/mine, rate: 250, units: uV, labels: { file: t.csv, record: f, label: l, patient: p, split: s } }
  - { format: cpsc2021, path: /data/c, excerpt: 10 }
  - { format: ptb-xl, path: /data/p, likelihood: 80 }
relabel: { beats/100@370: V }
exclude: [beats/101@4]
split: { seed: 2, folds: 4, fold: 3, by: patient, shared-patients: ["201"] }
`;
    const spec = parseDatasetFile(whole, '/data/many.ecgdata.yaml');
    assert.deepEqual(
      spec.sources.map(({ name }) => name),
      ['beats', 's2', 's3', 's4'],
    );
    assert.deepEqual(parseDatasetFile(datasetFileText(spec), '/elsewhere/x.ecgdata.yaml'), spec);
    assert.deepEqual(parseDatasetFile(datasetFileText(spec, '/data'), '/data/x.ecgdata.yaml'), spec);
    assert.match(datasetFileText(spec, '/data'), /path: mitdb/);
  });
});

describe('a dataset file', () => {
  const cases: [string, RegExp, number][] = [
    ['split: { folds: 5 }', /`folds`, and a `fold`/, 4],
    ['split: { folds: 5, fold: 6 }', /`fold` from 1/, 4],
    ['split: { folds: 5, fold: 1, train: 0.5 }', /`train` means nothing in a cross-validation/, 4],
    ['split: { from: source, test: 0.5 }', /`test` means nothing/, 4],
    ['split: { seed: 1, train: 0.8 }', /lacks `validation`/, 4],
    ['split: { by: person }', /must be one of record, patient/, 4],
    ['sources: [{ format: table, path: y }]', /one of them is enough/, 3],
    ['relabel: { A: 1 }', /must be string/, 4],
    ['exclude: [1]', /must be string/, 4],
  ];
  for (const [line, message, at] of cases) {
    it(`with \`${line}\` is refused by its line`, () => {
      const wrong = `version: 1\nname: x\nsource: { format: cinc2017, path: x.zip }\n${line}\n`;
      assert.throws(
        () => parseDatasetFile(wrong, 'x.ecgdata.yaml'),
        (error: { message: string; place: { line: number } }) => {
          assert.match(error.message, message);
          assert.equal(error.place.line, at);
          return true;
        },
      );
    });
  }

  it('without a source, and with two of one name, is refused', () => {
    assert.throws(() => parseDatasetFile('version: 1\nname: x\n', 'x'), /lacks `source`/);
    const twice =
      'version: 1\nname: x\nsources:\n  - { format: table, path: a, name: n }\n  - { format: table, path: b, name: n }\n';
    assert.throws(() => parseDatasetFile(twice, 'x'), /two sources are named n/);
  });
});
