import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { before, describe, it } from 'node:test';
import type { UserError } from '../../../src/common/errors.ts';
import { silentContext } from '../../../src/common/job.ts';
import { evaluationMarkdown } from '../../../src/evaluation/report.ts';
import { evaluateJob } from '../../../src/jobs/evaluate.ts';
import { openRecord, readSamples } from '../../../src/jobs/open-record.ts';
import { windowProbabilities } from '../../../src/jobs/window-probabilities.ts';
import { encodeMatlab4 } from '../../../src/recording/matlab/matlab4.ts';
import { tiny, trainTiny, writeDatasetFile } from '../../fixtures/trained-run.ts';
import { challengeFiles, temporaryFolder, writeFiles } from '../../fixtures/workspace.ts';

const folder = temporaryFolder();
const small = path.join(folder, 'small');
writeFiles(small, challengeFiles({ R1: 'x', R2: 'y' }));

/** A record by itself, 1000 units a millivolt. */
function writeRecord(name: string, samples: Int16Array): string {
  writeFiles(path.join(folder, 'headers'), {
    [`${name}.hea`]: `${name} 1 300 ${samples.length}\n${name}.mat 16+24 1000/mV 16 0 0 0 0 ECG\n`,
    [`${name}.mat`]: encodeMatlab4('val', samples),
  });
  return path.join(folder, 'headers', `${name}.hea`);
}

describe('an opened record', () => {
  it('of a header file has its rate, leads and length, and no label', async () => {
    const file = writeRecord('X', Int16Array.of(0, 500, -1000));
    assert.deepEqual(await openRecord({ file }), {
      name: 'X',
      rate: 300,
      sampleCount: 3,
      leads: [{ name: 'ECG', units: 'mV', unitsPerMillivolt: 1 }],
      label: undefined,
      synthetic: false,
      lead: 0,
      excerpt: undefined,
      annotations: [],
      annotationsError: undefined,
      envelopeBucket: 256,
    });
  });

  it('gives millivolts of any range, cut to the record, and gaps as NaN', async () => {
    // -32768 is WFDB's value of a sample that is missing in format 16.
    const file = writeRecord('G', Int16Array.of(0, 500, -1000, -32768, 250));
    const range = async (start: number, count: number): Promise<number[]> => {
      const leads = await readSamples({ file, start, count });
      assert.ok(leads.length === 1 && leads[0] instanceof Float32Array);
      return [...leads[0]];
    };
    assert.deepEqual(await range(1, 100), [0.5, -1, NaN, 0.25]);
    assert.deepEqual(await range(1, 2), [0.5, -1]);
    assert.deepEqual(await range(-2, 3), [0]);
    assert.deepEqual(await range(5, 10), []);
    assert.deepEqual(await range(-9, 4), []);
  });

  it('of a dataset has the class that the label map gives it', async () => {
    const data = writeDatasetFile(folder, 'mapped', small, 'labels: { map: { x: N, y: A } }\n');
    assert.equal((await openRecord({ data, record: 'R2' })).label, 'A');
    assert.equal((await openRecord({ data: small, record: 'R2' })).label, 'y');
  });

  it('of a dataset that lacks it is an error that names it', async () => {
    await assert.rejects(openRecord({ data: small, record: 'R9' }), ({ place }: UserError) => {
      assert.deepEqual(place, { file: small, record: 'R9' });
      return true;
    });
  });

  it('is read anew once its files or its dataset file have changed', async () => {
    const file = writeRecord('C', Int16Array.of(1000, 2000));
    assert.equal((await openRecord({ file })).sampleCount, 2);
    writeRecord('C', Int16Array.of(1000, 2000, 3000));
    assert.equal((await openRecord({ file })).sampleCount, 3);
    const data = writeDatasetFile(folder, 'edited', small, 'labels: { map: { x: N, y: A } }\n');
    assert.equal((await openRecord({ data, record: 'R2' })).label, 'A');
    writeDatasetFile(folder, 'edited', small, 'labels: { map: { x: N, y: Other } }\n');
    assert.equal((await openRecord({ data, record: 'R2' })).label, 'Other');
  });
});

describe('what a trained network says of a record', () => {
  let run = '';
  let recordings = '';
  before(async () => {
    ({ run, recordings } = await trainTiny(folder));
  });

  it('is a distribution over the classes after each window, the last the integer evaluation’s', async () => {
    const inputs = { model: run, data: undefined, split: 'test', integer: true, threads: 1 } as const;
    const { predictions } = await evaluateJob(inputs, silentContext());
    assert.ok(predictions.length >= 4);
    for (const { record, probabilities: ofRecord } of predictions) {
      const told = await windowProbabilities({ data: recordings, record, run });
      const classes = tiny.classes.length;
      assert.deepEqual(told.classes, [...tiny.classes]);
      assert.deepEqual([told.window, told.hop], [1.28, 0.64]);
      const windows = Math.floor((tiny.record - tiny.window) / tiny.hop) + 1;
      assert.equal(told.probabilities.length, windows * classes);
      for (let w = 0; w < windows; w++) {
        const row = told.probabilities.subarray(w * classes, (w + 1) * classes);
        assert.ok(Math.abs(row.reduce((a, b) => a + b, 0) - 1) < 1e-5);
        assert.ok(row.every((p) => p >= 0));
      }
      assert.deepEqual([...told.probabilities.subarray(-classes)], ofRecord);
    }
  });

  it('is evaluated as the ADC of a board gives the samples, which the report names', async () => {
    const board = path.join(folder, 'coarse.ecgboard.yaml');
    fs.writeFileSync(
      board,
      'version: 1\nname: coarse\nchip: nrf52832\nadc: { positive: AIN1, oversampling: 1 }\nfront-end: { microvolts-per-count: 10 }\n',
    );
    const inputs = { model: run, data: undefined, split: 'test', integer: true, threads: 1 } as const;
    const usual = await evaluateJob(inputs, silentContext());
    const coarse = await evaluateJob({ ...inputs, board }, silentContext());
    assert.deepEqual([usual.board, coarse.board], ['nrf52-dk', 'coarse']);
    assert.match(evaluationMarkdown(coarse), /the ADC of coarse/);
    assert.notDeepEqual(
      coarse.predictions.map((p) => p.probabilities),
      usual.predictions.map((p) => p.probabilities),
    );
    const float = await evaluateJob({ ...inputs, integer: false, board }, silentContext());
    assert.equal(float.board, undefined);
  });

  it('is refused over a gap, and says where that is', async () => {
    const samples = new Int16Array(1200).fill(100);
    samples[700] = -32768;
    const file = writeRecord('gap', samples);
    await assert.rejects(windowProbabilities({ file, run }), (error: UserError) => {
      assert.match(error.message, /sample 700 is missing/);
      assert.equal(error.place.record, 'gap');
      return true;
    });
  });

  it('is refused where the run has no weights', async () => {
    const broken = path.join(folder, 'broken');
    fs.cpSync(run, broken, { recursive: true });
    fs.rmSync(path.join(broken, 'weights.safetensors'));
    const asked = windowProbabilities({ data: recordings, record: 'R0000', run: broken });
    await assert.rejects(asked, (error: UserError) => {
      assert.ok(error.place.file?.startsWith(broken), error.describe());
      return true;
    });
  });
});
