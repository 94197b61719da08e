import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, it } from 'node:test';
import { UserError } from '../../../src/common/errors.ts';
import { silentContext } from '../../../src/common/job.ts';
import { parseDatasetFile } from '../../../src/dataset/dataset-file.ts';
import { openDataset, openDatasetSpec, type Dataset } from '../../../src/dataset/dataset.ts';
import { challengeFiles, manyLabels, temporaryFolder, writeFiles } from '../../fixtures/workspace.ts';
import { makeZip } from '../../fixtures/zip.ts';

const folder = temporaryFolder();
const labels = manyLabels(10, ['N', 'A']);

function write(name: string, bytes: Uint8Array): string {
  const file = path.join(folder, name);
  fs.writeFileSync(file, bytes);
  return file;
}

const open = (location: string): Promise<Dataset> => openDataset(location, silentContext());

/** The error that opening (and reading every record) ends in. */
async function refusal(location: string): Promise<UserError> {
  let error: unknown;
  try {
    const dataset = await open(location);
    for (const record of dataset.records) dataset.read(record);
  } catch (e) {
    error = e;
  }
  assert.ok(error instanceof UserError, `a UserError was expected, not ${String(error)}`);
  return error;
}

describe('a dataset in the layout of training2017.zip', () => {
  it('is the same from a zip and from a folder', async () => {
    const files = challengeFiles(labels);
    const zip = await open(write('set.zip', makeZip(files)));
    writeFiles(path.join(folder, 'plain'), files);
    const plain = await open(path.join(folder, 'plain'));
    assert.equal(zip.records.length, 20);
    assert.equal(zip.fingerprint, plain.fingerprint);
    assert.deepEqual(zip.records, plain.records);
    assert.deepEqual([...zip.read(zip.records[3]).samples], [...plain.read(plain.records[3]).samples]);
    assert.equal(zip.synthetic, false);
  });

  it('a zip that is cut off at any place is refused, or reads whole', async () => {
    const whole = makeZip(challengeFiles(manyLabels(1, ['N', 'A']), 1));
    for (let n = 0; n < whole.length; n += 61) {
      const error = await refusal(write('cut.zip', whole.subarray(0, n)));
      assert.match(error.describe(), /cut\.zip/);
    }
  });

  it('a damaged entry is noticed by its CRC and named', async () => {
    const whole = makeZip(challengeFiles(manyLabels(1, ['N', 'A']), 1));
    const damaged = Buffer.from(whole);
    const at = damaged.indexOf('set/R0000.mat') + 'set/R0000.mat'.length + 40;
    damaged[at] ^= 0x55;
    assert.match((await refusal(write('damaged.zip', damaged))).describe(), /R0000\.mat/);
  });

  it('a missing header is named with the line of its label', async () => {
    const { 'set/R0003.hea': _, ...files } = challengeFiles(labels);
    const error = await refusal(write('no-header.zip', makeZip(files)));
    assert.deepEqual([error.place.record, error.place.line], ['R0003', 4]);
  });

  it('a record without a label is an error that names it', async () => {
    const files = challengeFiles(labels);
    files['set/REFERENCE.csv'] = (files['set/REFERENCE.csv'] as string).replace('R0005,N\n', '');
    const error = await refusal(write('unlabelled.zip', makeZip(files)));
    assert.equal(error.place.record, 'R0005');
    assert.match(error.message, /no label/);
  });

  it('a label given twice, a line without a label and a missing label file are errors', async () => {
    const files = challengeFiles(labels);
    const reference = files['set/REFERENCE.csv'] as string;
    files['set/REFERENCE.csv'] = `${reference}R0000,A\n`;
    assert.match(
      (await refusal(write('twice.zip', makeZip(files)))).message,
      /labelled twice, first in line 1/,
    );
    files['set/REFERENCE.csv'] = `${reference}R0000\n`;
    assert.equal((await refusal(write('line.zip', makeZip(files)))).place.line, 21);
    delete files['set/REFERENCE.csv'];
    assert.match((await refusal(write('none.zip', makeZip(files)))).message, /no REFERENCE\.csv/);
  });

  it('a sample that is not a number is an error that names record and sample', async () => {
    const files = challengeFiles(labels);
    const mat = Buffer.from(files['set/R0002.mat'] as Uint8Array);
    mat.writeInt16LE(-32768, 24 + 2 * 7);
    files['set/R0002.mat'] = mat;
    const error = await refusal(write('nan.zip', makeZip(files)));
    assert.equal(error.place.record, 'R0002');
    assert.match(error.message, /sample 7 .* is not a number/);
  });

  it('no such file, and a file that is no zip, are errors that name it', async () => {
    assert.match((await refusal(path.join(folder, 'nowhere.zip'))).describe(), /nowhere\.zip: no such file/);
    assert.match(
      (await refusal(write('text.zip', Buffer.from('hello')))).describe(),
      /text\.zip: not a whole zip/,
    );
  });

  it('an entry that climbs out of the folder is refused', async () => {
    const files = { ...challengeFiles(labels), '../evil.hea': 'x' };
    assert.match((await refusal(write('slip.zip', makeZip(files)))).describe(), /slip\.zip/);
  });
});

describe('the split', () => {
  it('has each record once, each class in its share, and is the same every time', async () => {
    const file = write('split.zip', makeZip(challengeFiles(manyLabels(40, ['N', 'A', 'O']), 1)));
    const dataset = await open(file);
    assert.deepEqual(
      dataset.classCounts(dataset.of('train')),
      new Map([
        ['N', 32],
        ['A', 32],
        ['O', 32],
      ]),
    );
    assert.deepEqual(
      dataset.classCounts(dataset.of('test')),
      new Map([
        ['N', 4],
        ['A', 4],
        ['O', 4],
      ]),
    );
    assert.deepEqual((await open(file)).records, dataset.records);
  });

  it('changes with the seed', async () => {
    const file = write('seeded.zip', makeZip(challengeFiles(manyLabels(40, ['N', 'A']), 1)));
    const spec = parseDatasetFile(
      `version: 1\nname: seeded\nsource: { format: cinc2017, path: seeded.zip }\nsplit: { seed: 2, train: 0.8, validation: 0.1, test: 0.1 }\n`,
      path.join(folder, 'seeded.ecgdata.yaml'),
    );
    const other = await openDatasetSpec(spec, silentContext());
    const first = await open(file);
    assert.notDeepEqual(
      other.of('test').map((r) => r.id),
      first.of('test').map((r) => r.id),
    );
  });

  it('keeps exact duplicates on one side, wherever the seed puts them', async () => {
    const files = challengeFiles(manyLabels(20, ['N', 'A']), 1);
    files['set/R0007.mat'] = files['set/R0001.mat'];
    write('duplicates.zip', makeZip(files));
    for (let seed = 0; seed < 12; seed++) {
      const spec = parseDatasetFile(
        `version: 1\nname: d\nsource: { format: cinc2017, path: duplicates.zip }\nsplit: { seed: ${seed}, train: 0.5, validation: 0.25, test: 0.25 }\n`,
        path.join(folder, 'd.ecgdata.yaml'),
      );
      const dataset = await openDatasetSpec(spec, silentContext());
      assert.deepEqual(dataset.duplicates, [['R0001', 'R0007']]);
      const of = (id: string): string | undefined => dataset.records.find((r) => r.id === id)?.split;
      assert.equal(of('R0001'), of('R0007'));
    }
  });
});

describe('a dataset file', () => {
  const text = (extra: string): string =>
    `version: 1\nname: x\nsource: { format: cinc2017, path: map.zip }\n${extra}`;

  it('maps labels to classes; a label that is not in the map is an error', async () => {
    write('map.zip', makeZip(challengeFiles(labels, 1)));
    const spec = parseDatasetFile(
      text('labels: { map: { N: normal, A: af } }\n'),
      path.join(folder, 'x.ecgdata.yaml'),
    );
    const dataset = await openDatasetSpec(spec, silentContext());
    assert.deepEqual([...dataset.classCounts().keys()], ['normal', 'af']);
    const partial = parseDatasetFile(
      text('labels: { map: { N: normal } }\n'),
      path.join(folder, 'x.ecgdata.yaml'),
    );
    await assert.rejects(openDatasetSpec(partial, silentContext()), /label `A` is not in the label map/);
  });

  it('whose fractions do not add up names the line', () => {
    assert.throws(
      () =>
        parseDatasetFile(
          text('split: { seed: 1, train: 0.8, validation: 0.1, test: 0.2 }\n'),
          'x.ecgdata.yaml',
        ),
      (e) => e instanceof UserError && e.place.line === 4,
    );
  });
});
