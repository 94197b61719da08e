import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, it } from 'node:test';
import type { Annotated } from '../../src/jobs/annotate.ts';
import type { DatasetSummary } from '../../src/jobs/import.ts';
import type { Inspection } from '../../src/jobs/inspect.ts';
import type { DatasetStatistics } from '../../src/jobs/statistics.ts';
import { challengeFiles, temporaryFolder, writeFiles } from '../fixtures/workspace.ts';
import { dataFolder, needsData } from '../require.ts';
import { ecg, type Outcome } from './ecg.ts';

const folder = temporaryFolder();

function ok({ code, stdout, stderr }: Outcome): string {
  assert.equal(code, 0, stderr);
  return stdout;
}

async function json<T>(args: readonly string[]): Promise<T> {
  const file = path.join(folder, 'result.json');
  fs.rmSync(file, { force: true });
  ok(await ecg([...args, '--json', file]));
  return JSON.parse(fs.readFileSync(file, 'utf8')) as T;
}

const header = (checksum: number): string =>
  `R 2 100 4\nR.dat 16 200/mV 12 0 1 ${checksum} 0 I\nR.dat 16 10/mmHg 12 0 0 0 0 ABP\n`;
const samples = new Uint8Array(Int16Array.of(1, 100, 2, 200, -3, 300, -32768, 400).buffer);
const record = path.join(folder, 'records', 'R.hea');
writeFiles(path.dirname(record), {
  'R.hea': header(-32768 & 0xffff),
  'R.dat': samples,
  'bad.hea': header(5).replace('R 2', 'bad 2'),
});

describe('ecg inspect', () => {
  it('says what a recording is, of every lead its range and whether its checksum matches', async () => {
    const {
      format,
      rate,
      samples: frames,
      leads,
      annotations,
      segments,
    } = await json<Inspection>(['inspect', record]);
    assert.deepEqual([format, rate, frames, annotations], ['WFDB', 100, 4, []]);
    assert.deepEqual(leads[0], {
      name: 'I',
      units: 'mV',
      gain: 200,
      baseline: 0,
      rate: 100,
      samples: 4,
      missing: 1,
      min: -0.015,
      max: 0.01,
      checksum: 'match',
    });
    assert.deepEqual(
      [leads[1].units, leads[1].min, leads[1].max, leads[1].checksum],
      ['mmHg', 10, 40, 'absent'],
    );
    assert.deepEqual(segments, [{ name: 'R', start: 0, samples: 4, gap: false }]);
  });

  it('ends with 1 where a checksum is wrong, and still says all else', async () => {
    const file = path.join(folder, 'bad.json');
    const { code, stderr } = await ecg(['inspect', path.join(folder, 'records', 'bad.hea'), '--json', file]);
    assert.equal(code, 1);
    assert.match(stderr, /the checksum of I does not match/);
    const { leads } = JSON.parse(fs.readFileSync(file, 'utf8')) as Inspection;
    assert.equal(leads[0].checksum, 'mismatch');
  });

  it('asks for what a file does not say, and takes it', async () => {
    const csv = path.join(folder, 'plain.csv');
    fs.writeFileSync(csv, 'ecg\n1\n2\n3\n');
    const without = await ecg(['inspect', csv]);
    assert.equal(without.code, 1);
    assert.match(without.stderr, /--units mV/);
    const rateless = await ecg(['inspect', csv, '--units', 'uV']);
    assert.match(rateless.stderr, /--rate 250/);
    const { rate, leads } = await json<Inspection>(['inspect', csv, '--rate', '250', '--units', 'uV']);
    assert.deepEqual([rate, leads[0].units, leads[0].max], [250, 'uV', 3]);
  });

  it('reads every real file and exits with 0', needsData, async () => {
    const files = [
      'wfdb-formats/multi-segment/s25047/s25047-2704-05-04-10-44.hea',
      'wfdb-formats/test_generator_2.edf',
    ];
    for (const file of files) {
      const { samples: frames, segments } = await json<Inspection>(['inspect', path.join(dataFolder, file)]);
      assert.ok(frames > 0 && segments.length > 0);
    }
    const zip = path.join(dataFolder, 'cinc2017', 'training2017.zip');
    const inside = await json<Inspection>(['inspect', zip, '--record', 'A00002']);
    assert.deepEqual([inside.rate, inside.leads[0].name], [300, 'ECG']);
  });
});

describe('ecg convert', () => {
  it('writes a record that reads back the same, gaps as gaps, and overwrites nothing', async () => {
    const output = path.join(folder, 'written');
    ok(await ecg(['convert', record, output, '--to', '212']));
    const [before, after] = [
      await json<Inspection>(['inspect', record]),
      await json<Inspection>(['inspect', `${output}.hea`]),
    ];
    const facts = ({ leads }: Inspection) =>
      leads.map(({ name, units, gain, min, max, missing }) => ({ name, units, gain, min, max, missing }));
    assert.deepEqual(facts(after), facts(before));
    assert.ok(after.leads.every(({ checksum }) => checksum === 'match'));
    const again = await ecg(['convert', record, output]);
    assert.equal(again.code, 1);
    assert.match(again.stderr, /exists already/);
  });

  it('writes CSV that says rate and units by itself', async () => {
    const output = path.join(folder, 'table');
    ok(await ecg(['convert', record, output, '--to', 'csv']));
    const { rate, leads } = await json<Inspection>(['inspect', `${output}.csv`]);
    assert.equal(rate, 100);
    assert.deepEqual(
      leads.map(({ name, units, max }) => [name, units, max]),
      [
        ['I', 'mV', 0.01],
        ['ABP', 'mmHg', 40],
      ],
    );
  });

  it('writes MIT-BIH records and their annotations identical', needsData, async () => {
    const source = path.join(dataFolder, 'mitdb', '208.hea');
    for (const format of ['16', '212']) {
      const output = path.join(folder, `mit-${format}`);
      ok(await ecg(['convert', source, output, '--to', format]));
      const [before, after] = [
        await json<Inspection>(['inspect', source]),
        await json<Inspection>(['inspect', `${output}.hea`]),
      ];
      assert.deepEqual(after.annotations, before.annotations);
      assert.deepEqual(after.leads, before.leads);
      if (format === '212')
        assert.ok(fs.readFileSync(`${output}.dat`).equals(fs.readFileSync(source.replace('.hea', '.dat'))));
    }
  });
});

describe('ecg annotate', () => {
  it('finds beats, writes them as annotations, and scores them by EC57', needsData, async () => {
    const out = path.join(folder, '100.qrs');
    const source = path.join(dataFolder, 'mitdb', '100.hea');
    const { beats, score } = await json<Annotated>(['annotate', source, '--out', out, '--reference', 'atr']);
    assert.ok(Math.abs(beats - 2273) < 5, `${beats} beats`);
    assert.ok(score && score.sensitivity! > 0.999 && score.positivePredictivity! > 0.999);
    assert.ok(fs.statSync(out).size > 2 * beats);
  });

  it('says in a dataset file what class a record has; the source stays as it is', async () => {
    const at = path.join(folder, 'set');
    const files = challengeFiles({ R1: 'N', R2: 'A', R3: 'N', R4: 'A' });
    writeFiles(at, files);
    const { file } = await json<{ file: string }>(['import', at, '--out', folder]);
    ok(await ecg(['annotate', file, '--record', 'R1', '--label', 'A']));
    ok(await ecg(['annotate', file, '--record', 'R4', '--exclude']));
    const { records, classes } = await json<DatasetStatistics>(['statistics', file]);
    assert.equal(records, 3);
    assert.deepEqual(classes.map(({ label, records: count }) => [label, count]).sort(), [
      ['A', 2],
      ['N', 1],
    ]);
    assert.equal(fs.readFileSync(path.join(at, 'set', 'REFERENCE.csv'), 'utf8'), files['set/REFERENCE.csv']);
    const unknown = await ecg(['annotate', file, '--record', 'R9', '--exclude']);
    assert.equal(unknown.code, 1);
    assert.match(unknown.stderr, /no such record/);
  });
});

describe('ecg import', () => {
  it(
    'recognises what a folder holds, and writes its map and split into the dataset file',
    needsData,
    async () => {
      for (const [name, format, records] of [
        ['mitdb', 'mit-bih', 33374],
        ['ptbxl', 'ptb-xl', 113],
        ['cinc2021', 'cinc2021', 13],
        ['cpsc2021', 'cpsc2021', 27],
      ] as const) {
        const summary = await json<DatasetSummary & { file: string }>([
          'import',
          path.join(dataFolder, name),
          '--out',
          folder,
        ]);
        assert.equal(summary.records, records, name);
        assert.match(fs.readFileSync(summary.file, 'utf8'), new RegExp(`format: ${format}`));
      }
    },
  );
});
