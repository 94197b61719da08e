import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, it } from 'node:test';
import { UserError } from '../../../src/common/errors.ts';
import { silentContext } from '../../../src/common/job.ts';
import { openDataset, openDatasetSpec, type Dataset } from '../../../src/dataset/dataset.ts';
import { loadDatasetSpec } from '../../../src/dataset/load-spec.ts';
import type { SourceSpec } from '../../../src/dataset/spec.ts';
import { encodeAnnotations } from '../../../src/recording/annotations/encode.ts';
import { challengeFiles, temporaryFolder, writeFiles } from '../../fixtures/workspace.ts';
import { dataFolder, needsData } from '../../require.ts';

const folder = temporaryFolder();

function place(name: string, files: Record<string, string | Uint8Array>): string {
  const at = path.join(folder, name);
  writeFiles(at, files);
  return at;
}

async function openWith(location: string, change: Partial<SourceSpec>): Promise<Dataset> {
  const spec = await loadDatasetSpec(location);
  return openDatasetSpec({ ...spec, sources: [{ ...spec.sources[0], ...change }] }, silentContext());
}

async function refusal(act: Promise<unknown>): Promise<UserError> {
  const error: unknown = await act.then(
    () => undefined,
    (e: unknown) => e,
  );
  assert.ok(error instanceof UserError, String(error));
  return error;
}

/** Two leads of 10 s at 100 Hz; the second is the first with its sign changed. */
function record(name: string, annotations?: { sample: number; symbol: string; text?: string }[], seed = 1) {
  const values = Int16Array.from(
    { length: 2000 },
    (_, i) => (i % 2 ? -1 : 1) * (((i >> 1) * 7 * seed) % 500),
  );
  const base = path.posix.basename(name);
  const signal = (lead: string): string => `${base}.dat 16 1000/mV 16 0 0 0 0 ${lead}\n`;
  const files: Record<string, string | Uint8Array> = {
    [`${name}.hea`]: `${base} 2 100 1000\n${signal('I')}${signal('MLII')}`,
    [`${name}.dat`]: new Uint8Array(values.buffer),
  };
  if (annotations) {
    const plain = { subtype: 0, channel: 0, number: 0, text: '', duration: 0 };
    files[`${name}.atr`] = encodeAnnotations(
      annotations.map((annotation) => ({ ...plain, ...annotation })),
      `${name}.atr`,
    );
  }
  return files;
}

describe('a table of labels', () => {
  const csv = 'file,rhythm,who\na,AF,p1\nsub/b.hea,"N, sinus",p2\n';
  const files = { 'labels.csv': csv, ...record('a'), ...record('sub/b', undefined, 3) };

  it('names recordings with or without their ending, in any folder below it', async () => {
    const dataset = await openDataset(place('table', files), silentContext());
    assert.deepEqual(
      dataset.records.map(({ id, label }) => [id, label]),
      [
        ['a', 'AF'],
        ['sub/b', 'N, sinus'],
      ],
    );
    assert.equal(dataset.read(dataset.records[1]).samples.length, 1000);
    dataset.close();
  });

  it('may name its columns, a patient and a lead', async () => {
    const columns = { record: 'file', label: 'rhythm', patient: 'who', split: undefined };
    const at = place('columns', files);
    const labels = { file: 'labels.csv', map: undefined, unmapped: undefined, columns };
    const dataset = await openWith(at, { labels, lead: 'mlii' });
    assert.deepEqual(
      dataset.records.map(({ patient }) => patient),
      ['p1', 'p2'],
    );
    const first = await openDataset(at, silentContext());
    const [of, negated] = [first, dataset].map((d) => d.read(d.records[0]).samples);
    assert.deepEqual(
      [...negated].map((v) => 0 - v),
      [...of].map((v) => v),
    );
    const wrong = { ...labels, columns: { ...columns, label: 'diagnosis' } };
    const { message, advice } = await refusal(openWith(at, { labels: wrong }));
    assert.match(message, /no column `diagnosis`/);
    assert.match(advice, /file, rhythm, who/);
  });

  it('that names a recording outside of its folder, or none, is refused with the line', async () => {
    for (const [name, message] of [
      ['../secret', /leads out of its folder/],
      ['/etc/passwd', /is an absolute path/],
      ['missing', /no recording missing/],
    ] as const) {
      const at = place(`bad-${name.replaceAll(/\W/g, '')}`, {
        ...files,
        'labels.csv': `file,label\na,N\n${name},N\n`,
      });
      const error = await refusal(openDataset(at, silentContext()));
      assert.match(error.message, message);
      assert.equal(error.place.line, 3);
    }
  });

  it('with its own split keeps it, and one that leaks is an error', async () => {
    const split = 'file,label,split\na,N,train\nb,N,val\nc,A,test\n';
    const many = { ...record('a'), ...record('b', undefined, 3), ...record('c', undefined, 7) };
    const spec = (at: string) => openSplit(at);
    const fine = await spec(place('own-split', { ...many, 'labels.csv': split }));
    assert.deepEqual(
      fine.records.map(({ split: name }) => name),
      ['train', 'validation', 'test'],
    );
    const twice = place('leak', { ...many, ...record('c', undefined, 3), 'labels.csv': split });
    const error = await refusal(spec(twice));
    assert.match(error.message, /leakage: b \(validation\) and c \(test\) are the same recording/);

    async function openSplit(at: string): Promise<Dataset> {
      const bare = await loadDatasetSpec(at);
      const columns = { record: 'file', label: 'label', patient: undefined, split: 'split' };
      const labels = { file: undefined, map: undefined, unmapped: undefined, columns };
      return openDatasetSpec(
        {
          ...bare,
          sources: [{ ...bare.sources[0], labels }],
          split: { kind: 'source', seed: 1, by: undefined, sharedPatients: [], validation: 0 },
        },
        silentContext(),
      );
    }
  });
});

describe('beats of annotated records', () => {
  const beats = [
    { sample: 10, symbol: 'N' },
    { sample: 100, symbol: 'N' },
    { sample: 200, symbol: '+', text: '(N' },
    { sample: 300, symbol: 'V' },
    { sample: 400, symbol: 'L' },
    { sample: 500, symbol: '/' },
    { sample: 990, symbol: 'A' },
  ];

  it('are excerpts around the R peak, by AAMI class; those at the edges have no whole excerpt', async () => {
    const dataset = await openWith(place('beats', record('100', beats)), {
      format: 'mit-bih',
      beat: [0.2, 0.3],
    });
    assert.deepEqual(
      dataset.records.map(({ id, label }) => [id, label]),
      [
        ['100@100', 'N'],
        ['100@300', 'V'],
        ['100@400', 'N'],
        ['100@500', 'Q'],
      ],
    );
    const { samples, rate } = dataset.read(dataset.records[1]);
    assert.deepEqual([samples.length, rate], [50, 100]);
    assert.ok(Math.abs(samples[0] - ((280 * 7) % 500) / 1000) < 1e-6);
    assert.equal(
      new Set(dataset.records.map(({ split }) => split)).size,
      1,
      'beats of a record stay together',
    );
    assert.deepEqual(dataset.duplicates, []);
    dataset.close();
  });

  it('can be told apart by their own symbols, in the order of the map', async () => {
    const columns = { record: undefined, label: undefined, patient: undefined, split: undefined };
    const map = new Map([
      ['L', 'lbbb'],
      ['N', 'normal'],
      ['*', 'other'],
    ]);
    const labels = { file: undefined, map, unmapped: undefined, columns };
    const at = place('symbols', record('100', beats));
    const dataset = await openWith(at, { format: 'mit-bih', beat: [0.2, 0.3], labels });
    assert.deepEqual(
      dataset.records.map(({ label }) => label),
      ['normal', 'other', 'lbbb', 'other'],
    );
  });

  it('of 201 and 202, who are one person on both sides of DS1 and DS2, are leakage that has to be accepted', async () => {
    const files = { ...record('201', beats), ...record('202', beats, 3), ...record('101', beats, 5) };
    const at = place('one-person', files);
    const bare = await loadDatasetSpec(at);
    const open = (sharedPatients: string[]): Promise<Dataset> =>
      openDatasetSpec(
        { ...bare, split: { kind: 'source', seed: 1, by: undefined, sharedPatients, validation: 0 } },
        silentContext(),
      );
    const error = await refusal(open([]));
    assert.match(error.message, /leakage: 201@100 \(train\) and 202@100 \(test\) are of one patient \(201\)/);
    assert.match(error.advice, /shared-patients/);
    assert.equal((await open(['201'])).records.length, 3 * 4);
  });
});

describe('rhythms of annotated records', () => {
  it('are excerpts that have the rhythm of most of them', async () => {
    const rhythm = [
      { sample: 5, symbol: '+', text: '(N' },
      { sample: 340, symbol: '+', text: '(AFIB' },
      { sample: 700, symbol: '+', text: '(SVTA' },
    ];
    const at = place('rhythm', record('data_7_1', rhythm));
    const dataset = await openWith(at, { format: 'cpsc2021', excerpt: 2 });
    assert.deepEqual(
      dataset.records.map(({ id, label, patient }) => [id, label, patient]),
      [
        ['data_7_1@0', 'N', '7'],
        ['data_7_1@200', 'N', '7'],
        ['data_7_1@400', 'A', '7'],
        ['data_7_1@600', 'A', '7'],
        ['data_7_1@800', 'O', '7'],
      ],
    );
  });
});

describe('several sources', () => {
  it('are one dataset whose ids tell them apart; a recording that is in two stays on one side', async () => {
    const one = place('one', challengeFiles({ R1: 'N', R2: 'A', R3: 'N', R4: 'A' }));
    const two = place('two', challengeFiles({ R1: 'N', R2: 'A', R3: 'N', R4: 'A' }));
    const bare = await loadDatasetSpec(one);
    const [source] = bare.sources;
    const sources = [
      { ...source, name: 'a' },
      { ...source, name: 'b', location: two },
    ];
    for (let seed = 0; seed < 8; seed++) {
      const split = { ...bare.split, kind: 'dealt' as const, seed, train: 0.5, validation: 0, test: 0.5 };
      const dataset = await openDatasetSpec({ ...bare, sources, split }, silentContext());
      assert.equal(dataset.records.length, 8);
      assert.deepEqual(dataset.duplicates[0], ['a/R1', 'b/R1']);
      const splitOf = new Map(dataset.records.map((r) => [r.id, r.split]));
      for (const id of ['R1', 'R2', 'R3', 'R4']) assert.equal(splitOf.get(`a/${id}`), splitOf.get(`b/${id}`));
      dataset.close();
    }
  });
});

describe('the real datasets', () => {
  const open = (name: string, change: Partial<SourceSpec> = {}): Promise<Dataset> =>
    openWith(path.join(dataFolder, name), change);
  const counts = (dataset: Dataset): Record<string, number> => Object.fromEntries(dataset.classCounts());

  it('PTB-XL has superclasses, patients and folds', needsData, async () => {
    const dataset = await open('ptbxl');
    assert.equal(dataset.records.length + dataset.unmapped, 120);
    assert.ok(dataset.records.every(({ patient }) => /^\d+$/.test(patient ?? '')));
    assert.equal(dataset.records[0].label, 'NORM');
    const { samples, rate } = dataset.read(dataset.records[0]);
    assert.deepEqual([rate, samples.length], [100, 1000]);
    const fine = await open('ptbxl', { facts: { rate: 500 } });
    assert.equal(fine.records.length + fine.unmapped, 10, 'those that are there at 500 Hz');
    assert.deepEqual(fine.read(fine.records[0]).samples.length, 5000);
  });

  it('CinC 2021 has its diagnoses from the headers', needsData, async () => {
    const dataset = await open('cinc2021');
    const header = fs.readFileSync(path.join(dataFolder, 'cinc2021', 'JS20014.hea'), 'latin1');
    assert.match(header, /Dx: ?284470004/);
    const columns = { record: undefined, label: undefined, patient: undefined, split: undefined };
    const map = new Map([
      ['PAC', 'pac'],
      ['*', 'rest'],
    ]);
    const mapped = await open('cinc2021', { labels: { file: undefined, map, unmapped: undefined, columns } });
    assert.equal(mapped.records.find(({ id }) => id === 'JS20014')?.label, 'pac');
    assert.equal(dataset.records.length, 13);
  });

  it('CPSC 2021 has excerpts of 30 s by rhythm', needsData, async () => {
    const dataset = await open('cpsc2021');
    assert.deepEqual(Object.keys(counts(dataset)).sort(), ['A', 'N']);
    for (const record of dataset.records) assert.equal(dataset.read(record).samples.length, 6000);
  });

  it('MIT-BIH has its beats by class, in DS1 and DS2', needsData, async () => {
    const bare = await loadDatasetSpec(path.join(dataFolder, 'mitdb'));
    const split = { kind: 'source' as const, seed: 1, by: undefined, sharedPatients: [], validation: 0.2 };
    const [source] = bare.sources;
    const spec = { ...bare, sources: [{ ...source, lead: 'MLII' }], split };
    const dataset = await openDatasetSpec(spec, silentContext());
    const test = new Set(dataset.of('test').map(({ id }) => id.slice(0, 3)));
    assert.deepEqual([...test], ['100', '103', '210', '219', '222', '231']);
    const record = dataset.records.find(({ id }) => id.startsWith('114@'));
    assert.ok(
      record && dataset.read(record).samples.length === Math.round(0.25 * 360) + Math.round(0.45 * 360),
    );
    assert.ok(!dataset.records.some(({ id }) => id.startsWith('217@')), 'paced, so in neither');
  });
});
