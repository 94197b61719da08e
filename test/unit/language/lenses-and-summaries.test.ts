import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { codeLenses } from '../../../src/language/code-lenses.ts';
import { hintTooltip } from '../../../src/language/inlay-hints.ts';
import { datasetSummary, modelSummary } from '../../../src/language/summaries.ts';
import { languageCommands } from '../../../src/protocol/language.ts';
import { commandIds } from '../../../src/vscode/ids.ts';
import { dataset, datasetFile, datasetUri, modelFile, modelUri, slim, small } from './files.ts';

const shown = (text: string): string[][] =>
  codeLenses(modelFile(text), modelUri).map(({ start, title, command }) => [
    text.slice(start).split(':')[0],
    title,
    command,
  ]);

describe('lenses of a model file', () => {
  it('give totals and actions over the layers, budgets over the target', () => {
    assert.deepEqual(shown(slim), [
      ['layers', '18 layers · 138,244 parameters · 138.2 kB as int8 · 948 k MAC a window', ''],
      ['layers', 'Train', 'ecg.train'],
      ['layers', 'Distil', 'ecg.distill'],
      ['layers', 'Evaluate', 'ecg.evaluate'],
      [
        'target',
        'flash ≥ 121.9 kB of 200.0 kB · RAM ≥ 2.2 kB of 32.0 kB · latency ≈ 19.6 ms of 60 ms (estimated)',
        '',
      ],
    ]);
    assert.deepEqual(codeLenses(modelFile(slim), modelUri)[1].arguments, [{ uri: modelUri }]);
  });

  it('offer to distil only where the file speaks of it', () => {
    assert.deepEqual(
      shown(small)
        .map(([, title]) => title)
        .slice(1),
      ['Train', 'Evaluate'],
    );
  });

  it('say where the first error is, and offer no job', () => {
    assert.deepEqual(shown(small.replace('dense', 'desne')), [['layers', '1 error: in line 7', '']]);
    const two = small.replace('dense', 'desne').replace('hop: 32', 'hop: 32, hopp: 1');
    assert.deepEqual(
      shown(two).map(([, title]) => title),
      ['2 errors: first in line 3'],
    );
  });

  it('show the totals of a network beyond its budget, but offer no job', () => {
    const titles = shown(slim.replace('200 kB', '100 kB')).map(([, title]) => title);
    assert.equal(titles.length, 3);
    assert.match(titles[0], /^1 error/);
    assert.match(titles[2], /flash ≥ 121\.9 kB of 100\.0 kB/);
  });

  it('name commands that there are', () => {
    const known: readonly string[] = Object.values(commandIds);
    for (const command of Object.values(languageCommands)) assert.ok(known.includes(command), command);
  });
});

describe('weights of four bits', () => {
  const text = slim.replace('weights: Q2.5', 'weights: 4');
  it('halve what the parameters are said to take, everywhere', () => {
    // Two weights a byte, rows of five in three bytes; 604 biases of two bytes.
    const bytes = 3 * 8 + (138_244 - 40 - 604) / 2 + 2 * 604;
    // The last convolution reads two positions and gives two: two of its five taps only ever meet padding.
    assert.equal(modelSummary(modelFile(text)).flashLowerBound, bytes - (2 * 64 * 128) / 2);
    const titles = shown(text).map(([, title]) => title);
    assert.match(titles[0], /138,244 parameters · 70\.0 kB as int4 and int16 · 948 k MAC/);
    assert.match(titles[4], /flash ≥ 61\.8 kB of 200\.0 kB/);
    assert.deepEqual(modelFile(text.replace('200 kB', '62 kB')).diagnostics, []);
    assert.match(
      modelFile(text.replace('200 kB', '61 kB')).diagnostics[0].message,
      /alone need at least 61\.8 kB/,
    );
    const gru = hintTooltip(modelFile(text), 16);
    assert.match(gru ?? '', /\*\*gru-1\*\* .*37,056, 18\.8 kB as int4 and int16/s);
  });

  it('of a number of bits that is neither are refused where it stands', () => {
    const [{ message, line, severity }] = modelFile(text.replace('weights: 4', 'weights: 5')).diagnostics;
    assert.equal(severity, 'error');
    assert.match(message, /weights/);
    assert.equal(line, text.slice(0, text.indexOf('weights: 4')).split('\n').length);
  });
});

describe('lenses of a dataset file', () => {
  it('train on it, or locate what has moved', () => {
    const titles = (moved?: number): string[] =>
      codeLenses(datasetFile(dataset), datasetUri, moved).map(({ command }) => command);
    assert.deepEqual(titles(), ['ecg.train']);
    assert.deepEqual(titles(0), ['ecg.locateDataset']);
    assert.deepEqual(codeLenses(datasetFile('version: 2'), datasetUri), []);
  });
});

describe('summaries', () => {
  it('of a sound model give its figures', () => {
    assert.deepEqual(modelSummary(modelFile(slim)), {
      name: 'slim',
      classes: ['N', 'A', 'O', '~'],
      layers: 18,
      parameters: 138_244,
      macs: 948_480,
      operations: 1_906_176,
      flashLowerBound: 121_860,
      errors: 0,
      warnings: 0,
      distillation: true,
      epochs: 60,
    });
  });

  it('of a model with errors give the first one and its line', () => {
    const { errors, firstError, flashLowerBound } = modelSummary(modelFile(small.replace('dense', 'desne')));
    assert.equal(errors, 1);
    assert.deepEqual(firstError, { message: 'there is no layer kind `desne`', line: 7 });
    assert.equal(flashLowerBound, undefined);
    assert.equal(modelSummary(modelFile('')).errors, 1);
  });

  it('of a dataset say where its recordings should be, and that they are missing', () => {
    const file = datasetFile(dataset);
    assert.deepEqual(datasetSummary(file, undefined), {
      name: 'd',
      path: '/work/a b/recordings',
      exists: true,
      errors: 0,
      warnings: 0,
    });
    const moved = datasetSummary(file, 0);
    assert.equal(moved.errors, 1);
    assert.equal(moved.firstError?.line, 3);
  });
});
