import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fileDiagnostics } from '../../../src/language/diagnostics.ts';
import { quickFixes } from '../../../src/language/quick-fixes.ts';
import {
  dataset,
  datasetFile,
  datasetUri,
  head,
  modelFile,
  modelUri,
  slim,
  small,
  zooTexts,
} from './files.ts';

/** Severity, message and underlined text of everything that is said of a text. */
function said(text: string, kind: 'model' | 'dataset' = 'model', moved?: number): [string, string, string][] {
  const file = kind === 'model' ? modelFile(text) : datasetFile(text);
  return fileDiagnostics(file, moved).map((d) => [d.severity, text.slice(d.start, d.end), d.message]);
}

describe('diagnostics of a model file', () => {
  it('say nothing about the networks that ship but that the teacher is not for a device', () => {
    for (const [name, text] of zooTexts) {
      const found = said(text);
      if (name !== 'teacher.ecgmodel.yaml') assert.deepEqual(found, [], name);
      else
        assert.deepEqual(
          found.map(([severity, under]) => [severity, under]),
          [['information', 'true']],
        );
    }
  });

  it('end with the advice', () => {
    const [[severity, under, message]] = said(small.replace('dense', 'desne'));
    assert.deepEqual([severity, under], ['error', 'desne']);
    assert.match(message, /^there is no layer kind `desne`\. Known kinds: conv1d, .*residual\.$/);
  });

  it('have the same ranges with CRLF and behind an emoji', () => {
    const text = `# 🫀\r\n${small.replaceAll('\n', '\r\n').replace('hop: 32', 'hop: 32, hopp: 3')}`;
    assert.deepEqual(
      said(text).map(([, under]) => under),
      ['hopp'],
    );
  });

  it('underline the key of what lacks a setting', () => {
    assert.deepEqual(
      said(small.replace('rate: 100, ', '')).map(([, under, message]) => [under, message]),
      [['input', '`input` lacks `rate`']],
    );
    assert.deepEqual(
      said(small.replace('name: probe\n', '')).map(([, under, message]) => [under, message]),
      [['version', 'the file lacks `name`']],
    );
    assert.deepEqual(
      said(`${head}layers:\n  - conv1d: { filters: 3 }\n`).map(([, under]) => under),
      ['conv1d'],
    );
  });

  it('underline the key of a setting without its value', () => {
    assert.deepEqual(
      said(`${small}readout:\n`).map(([, under]) => under),
      ['readout'],
    );
  });

  it('show errors of settings and of layers together', () => {
    const text = `${small.replace('dense: 2', 'dense: two')}training: { epochs: 0 }\n`;
    assert.deepEqual(
      said(text)
        .map(([, under]) => under)
        .sort(),
      ['0', 'two'],
    );
  });

  it('say nothing of the last layer where a layer before it has an error', () => {
    assert.equal(said(small.replace('global-average-pool', 'global-pool')).length, 1);
  });

  it('refuse a key that stands twice', () => {
    assert.deepEqual(
      said(`${small}name: other\n`).map(([, under]) => under),
      ['name'],
    );
  });

  it('warn at its place of what cannot be trained or deployed yet', () => {
    const behind = `${head}layers:\n  - global-average-pool\n  - gru: 3\n  - batch-norm\n  - dense: 2\n`;
    assert.ok(said(behind).some(([severity, under]) => severity === 'warning' && under === 'batch-norm'));
    const activated = `${head}layers:\n  - conv1d: { filters: 4, kernel: 5, activation: relu }\n  - batch-norm: {}\n  - global-average-pool\n  - dense: 2\n`;
    assert.deepEqual(said(activated), []);
    const steep = `${head}layers:\n  - conv1d: { filters: 4, kernel: 5, activation: { leaky-relu: 0.1 } }\n  - global-average-pool\n  - dense: 2\n`;
    const [[, slope, refusal]] = said(steep);
    assert.equal(slope, 'activation');
    assert.match(refusal, /slope 0\.1 cannot be deployed.*Write `activation: \{ leaky-relu: 0\.125 \}`/);
    const residual = `${head}layers:\n  - residual: { layers: [conv1d: { filters: 1, kernel: 1 }] }\n  - global-average-pool\n  - dense: 2\n`;
    assert.deepEqual(said(residual), []);
    const elsewhere = small.replace(
      '  - dense: 2',
      '  - dense: 3\n    name: aside\n  - dense: 2\n    from: [global-average-pool-1]',
    );
    assert.deepEqual(
      said(elsewhere).map(([severity, under, message]) => [severity, under, message]),
      [['warning', 'dense', 'no layer reads this one. Name it in the `from` of another, or take it out.']],
    );
  });

  it('warn of a front end and of formats that no device can have, where a target is named', () => {
    const text = slim
      .replace('zero-phase: false', 'zero-phase: true')
      .replace('training-sd', 'record-sd')
      .replace('weights: Q2.5, activations: Q2.5', 'weights: Q3.5, activations: Q2.4');
    assert.deepEqual(
      said(text).map(([severity, under]) => [severity, under]),
      [
        ['warning', 'true'],
        ['warning', 'record-sd'],
        ['warning', 'Q2.4'],
        ['warning', 'Q3.5'],
      ],
    );
  });

  it('underline budgets: flash and RAM that are too small for certain, a latency by an estimate', () => {
    const text = slim.replace(
      'flash: 200 kB, ram: 32 kB, latency: 60 ms',
      'flash: 100 kB, ram: 1 kB, latency: 15 ms',
    );
    const found = said(text);
    assert.deepEqual(
      found.map(([severity, under]) => [severity, under]),
      [
        ['error', '100 kB'],
        ['error', '1 kB'],
        ['warning', '15 ms'],
      ],
    );
    assert.match(found[0][2], /121\.9 kB of flash \(a lower bound\), the budget is 100\.0 kB/);
    assert.match(found[1][2], /a lower bound/);
    assert.match(
      found[2][2],
      /about 19\.6 ms \(estimated: about 837,000 instructions by layers and their outputs × 1\.5 cycles at 64 MHz\)/,
    );
  });

  it('measure a file without budgets against its board', () => {
    const text = `${head}layers:\n  - global-average-pool\n  - dense: 4096\n  - dense: 2\ntarget: { board: nrf52832 }\n`;
    assert.deepEqual(
      said(text).map(([, under]) => under),
      [],
    );
    const huge = text.replace('  - dense: 2', '  - dense: 256\n  - dense: 2');
    assert.deepEqual(
      said(huge).map(([, under]) => under),
      ['nrf52832'],
    );
  });
});

describe('diagnostics of a dataset file', () => {
  it('say nothing about a sound one', () => assert.deepEqual(said(dataset, 'dataset'), []));

  it('underline a path where nothing is, and offer to locate it', () => {
    const found = fileDiagnostics(datasetFile(dataset), 0);
    assert.deepEqual(
      found.map((d) => [d.code, dataset.slice(d.start, d.end)]),
      [['dataset-moved', 'recordings']],
    );
    assert.match(found[0].message, /\/work\/a b\/recordings/);
    assert.deepEqual(quickFixes(datasetFile(dataset), datasetUri, found[0]), [
      { title: 'Locate…', command: 'ecg.locateDataset', arguments: [{ uri: datasetUri }] },
    ]);
  });

  it('underline a split that is no whole and a setting that is not known', () => {
    const split = 'split: { seed: 1, train: 0.5, validation: 0.1, test: 0.1 }\n';
    assert.deepEqual(
      said(dataset + split, 'dataset').map(([, under]) => under),
      ['split'],
    );
    assert.deepEqual(
      said(dataset.replace('labels', 'label'), 'dataset').map(([, under]) => under),
      ['label'],
    );
  });
});

describe('a quick fix', () => {
  /** The text after the first fix that is offered. */
  const mended = (text: string): string | undefined => {
    const file = modelFile(text);
    const [fix] = fileDiagnostics(file).flatMap((problem) => quickFixes(file, modelUri, problem));
    return fix && 'text' in fix ? text.slice(0, fix.start) + fix.text + text.slice(fix.end) : undefined;
  };

  it('corrects a misspelled layer, setting and value', () => {
    assert.equal(mended(small.replace('dense', 'desne')), small);
    assert.equal(mended(small.replace('global-average-pool', 'global-avrage-pool')), small);
    assert.equal(mended(small.replace('hop', 'hopp')), small);
    const cosine = `${small}training: { schedule: cosine }\n`;
    assert.equal(mended(cosine.replace('cosine', 'cosinus')), cosine);
    const plateau = `${small}training: { schedule: { plateau: { patience: 3 } } }\n`;
    assert.equal(mended(plateau.replace('patience', 'patients')), plateau);
  });

  it('gives a step that looks into the future its causal alternative', () => {
    assert.equal(mended(slim.replace('zero-phase: false', 'zero-phase: true')), slim);
    assert.equal(mended(slim.replace('training-sd', 'record-sd')), slim);
    const [problem] = fileDiagnostics(modelFile(slim.replace('zero-phase: false', 'zero-phase: true')));
    assert.match(problem.message, /looks into the future and cannot be deployed/);
  });

  it('is not offered where nothing is near', () => {
    assert.equal(mended(small.replace('dense', 'transformer')), undefined);
  });
});
