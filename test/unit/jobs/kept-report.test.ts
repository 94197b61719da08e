import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { beforeEach, describe, it } from 'node:test';
import type { UserError } from '../../../src/common/errors.ts';
import { confusionOf, metricsOf } from '../../../src/evaluation/metrics.ts';
import type { Evaluation } from '../../../src/jobs/evaluate.ts';
import { keepReport, readKeptReport, reportFolder } from '../../../src/jobs/kept-report.ts';
import { temporaryFolder } from '../../fixtures/workspace.ts';

const folder = temporaryFolder();
const classes = ['N', 'A', '~'];
const predictions = [
  { record: 'R1', truth: 0, predicted: 0, probabilities: [0.75, 0.25, 0] },
  { record: 'R2', truth: 1, predicted: 2, probabilities: [0.125, 0.125, 0.75] },
  { record: 'R3', truth: 2, predicted: 2, probabilities: [0, 0, 1] },
];

const evaluation: Evaluation = {
  ...metricsOf(
    classes,
    confusionOf(
      3,
      predictions.map((p) => p.truth),
      predictions.map((p) => p.predicted),
    ),
  ),
  ci95: {},
  model: 'tiny',
  arithmetic: 'integer',
  board: 'nrf52-dk',
  size: { parameters: 10, operations: 20, weightBytes: 10 },
  dataset: { name: 'sample', fingerprint: 'f', synthetic: true, split: 'test' },
  seenInTraining: 0,
  predictions,
};

let made = 0;

describe('the kept report of a run', () => {
  let run = '';
  let csv = '';
  let json = '';
  beforeEach(() => {
    run = path.join(folder, `run-${++made}`);
    keepReport(run, evaluation);
    csv = path.join(run, 'quantized', 'predictions.csv');
    json = path.join(run, 'quantized', 'report.json');
  });

  function refused(file: string, line?: number): void {
    assert.throws(
      () => readKeptReport(run, 'integer'),
      (error: UserError) => {
        assert.equal(error.place?.file, file, String(error));
        assert.equal(error.place.line, line, String(error));
        assert.match(error.advice, /again/);
        return true;
      },
    );
  }

  function edit(file: string, from: string | RegExp, to: string): void {
    const text = fs.readFileSync(file, 'utf8');
    const edited = text.replace(from, to);
    assert.notEqual(edited, text);
    fs.writeFileSync(file, edited);
  }

  it('is read as it was kept', () => {
    assert.deepEqual(readKeptReport(run, 'integer'), evaluation);
  });

  it('is kept apart for each arithmetic, with a text for people', () => {
    assert.deepEqual([reportFolder(run, 'float32'), reportFolder(run, 'integer')], [run, path.dirname(csv)]);
    assert.throws(
      () => readKeptReport(run, 'float32'),
      ({ place }: UserError) => place.file === path.join(run, 'report.json'),
    );
    keepReport(run, { ...evaluation, arithmetic: 'float32', accuracy: 0.5 });
    assert.equal(readKeptReport(run, 'float32').accuracy, 0.5);
    assert.equal(readKeptReport(run, 'integer').accuracy, evaluation.accuracy);
    assert.match(fs.readFileSync(path.join(run, 'report.md'), 'utf8'), /^# Evaluation/);
  });

  it('may have been saved by a spreadsheet: line ends are either', () => {
    edit(csv, /\n/g, '\r\n');
    assert.deepEqual(readKeptReport(run, 'integer').predictions, predictions);
  });

  it('with an edited line is refused, by file and line', () => {
    for (const bad of [
      'R2,A,Z,0.1,0.1,0.8',
      'R2,B,N,0.1,0.1,0.8',
      'R2,A,N,0.1,0.9',
      'R2,A,N,0.1,0.1,0.1,0.7',
      'R2,A,N,0.1,,0.8',
      'R2,A,N,0.1,much,0.8',
      'R2,A,N,0.1,0.1,8',
      '',
    ]) {
      keepReport(run, evaluation);
      edit(csv, /^R2.*$/m, bad);
      refused(csv, 3);
    }
  });

  it('with lines that are gone is refused: its figures are of more records', () => {
    edit(csv, /^R3.*\n/m, '');
    refused(csv);
    fs.writeFileSync(csv, '');
    refused(csv);
  });

  it('with figures of other classes or none is refused', () => {
    for (const bad of ['null', '{}', '{ "classes": "NA~", "confusion": [] }']) {
      fs.writeFileSync(json, bad);
      refused(json);
    }
    for (const confusion of [[], [[1, 0, 0]], [[1], [1], [1]], [1, 2, 3]]) {
      fs.writeFileSync(json, JSON.stringify({ ...evaluation, confusion }));
      refused(json);
    }
  });
});
