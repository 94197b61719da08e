import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, it } from 'node:test';
import { silentContext } from '../../../src/common/job.ts';
import { loadDatasetSpec } from '../../../src/dataset/dataset-file.ts';
import { evaluateJob } from '../../../src/jobs/evaluate.ts';
import { keepReport, readKeptReport } from '../../../src/jobs/kept-report.ts';
import { listRecords } from '../../../src/jobs/list-records.ts';
import { openRecord, readSamples, windowProbabilities } from '../../../src/jobs/open-record.ts';
import { sampleDatasetJob } from '../../../src/jobs/sample-dataset.ts';
import { trainJob } from '../../../src/jobs/train.ts';
import { encodeMatlab4 } from '../../../src/recording/matlab.ts';
import { challengeFiles, manyLabels, temporaryFolder, writeFiles } from '../../fixtures/workspace.ts';
import { cinc2017, needsData } from '../../require.ts';

const folder = temporaryFolder();
const context = silentContext();

function datasetFile(name: string, location: string, more = ''): string {
  const file = path.join(folder, `${name}.ecgdata.yaml`);
  fs.writeFileSync(
    file,
    `version: 1\nname: ${name}\nsource: { format: cinc2017, path: ${JSON.stringify(location)} }\n${more}`,
  );
  return file;
}

describe('listing records', () => {
  writeFiles(path.join(folder, 'small'), challengeFiles({ R1: 'x', R2: 'y', R3: 'x', R4: 'z' }));

  it('groups them by class after the label map, in its order', async () => {
    const data = datasetFile('mapped', path.join(folder, 'small'), 'labels: { map: { y: A, x: N } }\n');
    const listed = await listRecords(data);
    assert.equal(listed.records, 4);
    assert.deepEqual(listed.classes, [
      { label: 'A', ids: ['R2'] },
      { label: 'N', ids: ['R1', 'R3'] },
      { label: 'z', ids: ['R4'] },
    ]);
    assert.deepEqual([listed.moved, listed.synthetic], [false, false]);
  });

  it('says that the recordings are not where they were', async () => {
    const listed = await listRecords(datasetFile('moved', path.join(folder, 'nowhere')));
    assert.deepEqual([listed.moved, listed.records, listed.classes], [true, 0, []]);
  });

  it('lists the 7000 records of the challenge', needsData, async () => {
    const { records, classes } = await listRecords(cinc2017);
    assert.equal(records, 7000);
    assert.deepEqual(Object.fromEntries(classes.map(({ label, ids }) => [label, ids.length])), {
      N: 4167,
      A: 622,
      O: 1982,
      '~': 229,
    });
  });
});

describe('a sample dataset', () => {
  it('is written beside its file, by a relative path, and never over another', async () => {
    const workspace = path.join(folder, 'sample');
    fs.mkdirSync(workspace);
    const first = await sampleDatasetJob({ folder: workspace, records: 12, seed: 1 }, context);
    const second = await sampleDatasetJob({ folder: workspace, records: 12, seed: 1 }, context);
    assert.equal(path.basename(first.file), 'sample.ecgdata.yaml');
    assert.equal(path.basename(second.file), 'sample-2.ecgdata.yaml');
    assert.ok(first.summary.synthetic);
    const moved = path.join(folder, 'moved sample');
    fs.renameSync(workspace, moved);
    const spec = loadDatasetSpec(path.join(moved, 'sample.ecgdata.yaml'));
    assert.equal(spec.location, path.join(moved, 'sample-recordings'));
    assert.equal((await listRecords(path.join(moved, 'sample.ecgdata.yaml'))).records, 12);
  });
});

describe('an opened record', () => {
  it('gives millivolts of any range, cut to the record, and gaps as NaN', async () => {
    const at = path.join(folder, 'header');
    const samples = Int16Array.of(0, 500, -1000, -32768, 250);
    writeFiles(at, {
      'X.hea': `X 1 300 5\nX.mat 16+24 1000/mV 16 0 0 0 0 ECG\n`,
      'X.mat': encodeMatlab4('val', samples),
    });
    const header = path.join(at, 'X.hea');
    const { rate, sampleCount, leads, label } = await openRecord({ header });
    assert.deepEqual([rate, sampleCount, leads, label], [300, 5, [{ name: 'ECG', units: 'mV' }], undefined]);
    const [lead] = await readSamples({ header, start: 1, count: 100 });
    assert.deepEqual([...lead], [0.5, -1, NaN, 0.25]);
  });

  it('names the record that a dataset does not have', async () => {
    const data = datasetFile('known', path.join(folder, 'small'));
    await assert.rejects(openRecord({ data, record: 'R9' }), /no such record/);
    assert.equal((await openRecord({ data, record: 'R2' })).label, 'y');
  });
});

describe('a trained run', () => {
  const model = path.join(folder, 'tiny.ecgmodel.yaml');
  const recordings = path.join(folder, 'many');
  fs.writeFileSync(
    model,
    `version: 1
name: tiny
input: { rate: 100, window: 128, hop: 64, filter: { band: [0.5, 40] } }
classes: [N, A]
layers:
  - conv1d: { filters: 8, kernel: 5, activation: relu }
  - global-average-pool
  - gru: 8
  - dense: 2
training: { epochs: 1, batch: 16 }
`,
  );
  writeFiles(recordings, challengeFiles(manyLabels(20, ['N', 'A'])));

  it('says after the last window of a record what the integer evaluation says of the record', async () => {
    const { run } = await trainJob(
      { modelFile: model, data: recordings, runs: path.join(folder, 'runs'), seed: 1, threads: 1 },
      context,
    );
    const inputs = { model: run, data: undefined, split: 'test', integer: true, threads: 1 } as const;
    const evaluation = await evaluateJob(inputs, context);
    for (const { record, probabilities } of evaluation.predictions) {
      const windows = await windowProbabilities({ data: recordings, record, run });
      const rows = windows.probabilities.length / 2;
      assert.equal(rows, Math.floor((400 - 128) / 64) + 1);
      for (let w = 0; w < rows; w++) {
        const sum = windows.probabilities[2 * w] + windows.probabilities[2 * w + 1];
        assert.ok(Math.abs(sum - 1) < 1e-5, String(sum));
      }
      assert.deepEqual([...windows.probabilities.subarray(-2)], probabilities);
    }
    keepReport(run, evaluation);
    const kept = readKeptReport(run, 'integer');
    assert.deepEqual(kept.confusion, evaluation.confusion);
    assert.deepEqual(
      kept.predictions.map(({ record, truth, predicted }) => ({ record, truth, predicted })),
      evaluation.predictions.map(({ record, truth, predicted }) => ({ record, truth, predicted })),
    );
    assert.throws(() => readKeptReport(run, 'float32'), /report\.json|no such file/);
    const csv = path.join(run, 'quantized', 'predictions.csv');
    const lines = fs.readFileSync(csv, 'utf8').split('\n');
    lines[2] = 'R0000,N,Z,0.5,0.5';
    fs.writeFileSync(csv, lines.join('\n'));
    assert.throws(
      () => readKeptReport(run, 'integer'),
      (error: { place?: { file: string; line: number } }) =>
        error.place?.file === csv && error.place.line === 3,
    );
  });
});
