import { sourceFormats } from '../../../src/dataset/spec.ts';
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { completions, type Suggestion } from '../../../src/language/completion.ts';
import { fileDiagnostics } from '../../../src/language/diagnostics.ts';
import { atBar, datasetFile, head, modelFile, slim } from './files.ts';

function offered(marked: string, kind: 'model' | 'dataset' = 'model'): Suggestion[] {
  const { text, offset } = atBar(marked);
  return completions(kind === 'model' ? modelFile(text) : datasetFile(text), offset);
}

const labels = (marked: string, kind?: 'dataset'): string[] =>
  offered(marked, kind).map(({ label }) => label);
const kinds = [
  'conv1d',
  'batch-norm',
  'average-pool',
  'max-pool',
  'global-average-pool',
  'gru',
  'lstm',
  'dense',
  'max-affine',
  'dropout',
  'add',
  'channel-scale',
  'residual',
];

/** Text after a suggestion was taken and its places were left as they are. */
function taken(marked: string, label: string, kind?: 'dataset'): string {
  const { text } = atBar(marked);
  const found = offered(marked, kind).find((suggestion) => suggestion.label === label);
  assert.ok(found, `${label} is offered`);
  const defaults = new Map(
    [...found.insert.matchAll(/\$\{(\d+)[:|]([^,|}]*)/g)].map(([, n, value]) => [n, value]),
  );
  const insert = found.insert.replace(
    /\$\{(\d+)\|[^|]*\|\}|\$\{(\d+):[^}]*\}|\$(\d)/g,
    (_, a?: string, b?: string, c?: string) => defaults.get(a ?? b ?? c ?? '') ?? '',
  );
  // Editors give new lines the indentation of the line that they are inserted in.
  const line = text.slice(text.lastIndexOf('\n', found.start - 1) + 1, found.start);
  const indented = insert.replaceAll('\n', `\n${/^ */.exec(line)?.[0]}`);
  return text.slice(0, found.start) + indented + text.slice(found.end);
}

describe('completion of a model file', () => {
  it('offers the sections that are not there yet, those that are needed first', () => {
    assert.deepEqual(labels('|'), [
      'version',
      'name',
      'input',
      'classes',
      'layers',
      'description',
      'readout',
      'training',
      'distillation',
      'quantization',
      'target',
    ]);
    assert.deepEqual(labels(`${slim}|`), ['description']);
    assert.deepEqual(labels(slim.replace('readout: last-state', 'read|')), ['description', 'readout']);
  });

  it('offers the kinds of layers behind a dash, half a word, and where the dash is still missing', () => {
    for (const end of ['- |', '- conv|', '- global-av|', '|']) {
      assert.deepEqual(labels(`${head}layers:\n  ${end}`), kinds, end);
      assert.deepEqual(labels(`${head}layers:\n  - dense: 2\n  ${end}`), kinds, end);
    }
    assert.deepEqual(labels(`${head}layers:\n- |`), kinds, 'a list at the column of its key');
    assert.deepEqual(labels(`${head}layers: [|`), kinds);
    assert.deepEqual(labels(`${head}layers:\n  - residual:\n      layers:\n        - |`), kinds);
    assert.equal(taken(`${head}layers:\n  - conv|`, 'gru'), `${head}layers:\n  - gru: 64`);
    assert.equal(taken(`${head}layers:\n  |`, 'gru'), `${head}layers:\n  - gru: 64`);
    assert.equal(
      taken(`${head}layers:\n  - con|`, 'conv1d'),
      `${head}layers:\n  - conv1d: { filters: 32, kernel: 5, activation: relu }`,
    );
  });

  it('replaces the whole word that the cursor stands in', () => {
    assert.equal(
      taken(`${head}layers:\n  - glo|bal-max`, 'global-average-pool'),
      `${head}layers:\n  - global-average-pool`,
    );
  });

  it('of a key that has a value changes the key alone', () => {
    assert.equal(taken(`${head}layers:\n  - |gru: 64`, 'lstm'), `${head}layers:\n  - lstm: 64`);
    assert.equal(taken(`${head}training: { epo|: 3 }`, 'epochs'), `${head}training: { epochs: 3 }`);
  });

  it('offers the options that a layer does not have yet, in both styles and before its bracket is closed', () => {
    const rest = ['kernel', 'stride', 'padding', 'groups', 'activation'];
    for (const layer of [
      '- conv1d: { filters: 8, |',
      '- conv1d: { filters: 8, |\n  - dense: 2\n',
      '- conv1d: { filters: 8, | }\n  - dense: 2\n',
      '- conv1d: { |, filters: 8 }',
      '- conv1d: {\n      filters: 8,\n      |',
      '- conv1d:\n      filters: 8\n      |',
      '- conv1d:\n      |\n      filters: 8\n',
      '- conv1d:\n      pa|\n      filters: 8\n',
    ]) {
      assert.deepEqual(labels(`${head}layers:\n  ${layer}`), rest, layer);
    }
  });

  it('offers what any layer may say, beside a kind but no second kind', () => {
    assert.deepEqual(labels(`${head}layers:\n  - dense: 2\n    |`), [
      'name',
      'from',
      'frozen',
      'initialise-from',
    ]);
    assert.deepEqual(labels(`${head}layers:\n  - name: a\n    |`), [
      ...kinds,
      'from',
      'frozen',
      'initialise-from',
    ]);
  });

  it('offers the values of a setting', () => {
    assert.deepEqual(labels(`${head}layers:\n  - conv1d: { filters: 8, activation: |`), [
      'relu',
      'leaky-relu',
      'none',
    ]);
    assert.deepEqual(labels(`${head}readout: |`), ['last-state', 'mean']);
    assert.deepEqual(labels(`${head}training:\n  schedule: co|`), ['constant', 'cosine', 'plateau']);
    assert.deepEqual(labels(`${head}training: { schedule: { plateau: { |`), [
      'patience',
      'factor',
      'minimum',
    ]);
    assert.deepEqual(labels(`${head}training:\n  augmentation:\n    noise: { |`), [
      'records',
      'probability',
      'snr',
    ]);
    assert.deepEqual(labels(`${head}quantization: { weights: |`), ['per-layer', 'per-channel', '4', 'Q2.5']);
    assert.deepEqual(labels(`${head}layers:\n  - dense: 2\n    frozen: |`), ['true', 'false']);
  });

  it('offers the layers before this one, and the input, in `from`', () => {
    const layers = `${head}layers:\n  - conv1d: { filters: 8, kernel: 3 }\n    name: a\n  - max-pool: 2\n  - add:\n    from: [a, |]\n  - dense: 2\n`;
    assert.deepEqual(labels(layers), ['input', 'a', 'max-pool-1']);
  });

  it('offers nothing in comments, texts, finished values and keys without their space', () => {
    for (const end of [
      '# |',
      'readout: mean |',
      'description: "a |',
      'description: |\n  text ',
      'readout:|',
      'readout: mean # |',
    ]) {
      const marked = end.includes('\n')
        ? { text: `${head}description: |\n  te`, offset: `${head}description: |\n  te`.length }
        : atBar(head + end);
      assert.deepEqual(completions(modelFile(marked.text), marked.offset), [], end);
    }
    assert.deepEqual(labels(`${head}layers:\n  -|`), []);
    assert.deepEqual(labels(`${head}description: what |`), []);
  });

  it('works with CRLF', () => {
    assert.deepEqual(
      labels(`${head}layers:\n  - conv1d: { filters: 8, |\n  - dense: 2\n`.replaceAll('\n', '\r\n'))[0],
      'kernel',
    );
    assert.equal(labels(`${head}training:\n  |\n`.replaceAll('\n', '\r\n'))[0], 'epochs');
  });

  it('of every section gives a text without errors', () => {
    const whole = `${head}layers:\n  - global-average-pool\n  - dense: 2\n`;
    for (const label of ['description', 'readout', 'training', 'distillation', 'quantization', 'target']) {
      const text = `${taken(`${whole}|`, label)}\n`;
      const filled = text
        .replace(/description: $/m, 'description: x')
        .replace(/(training|distillation|quantization):\n {2}\n/, '');
      assert.deepEqual(fileDiagnostics(modelFile(filled)), [], label);
    }
    for (const kind of ['conv1d', 'average-pool', 'max-pool', 'residual']) {
      const text = taken(`${head}layers:\n  - |\n  - global-average-pool\n  - dense: 2\n`, kind);
      assert.deepEqual(
        fileDiagnostics(modelFile(text)).filter((d) => d.severity === 'error'),
        [],
        text,
      );
    }
  });
});

describe('completion of a dataset file', () => {
  it('offers settings and values', () => {
    assert.deepEqual(labels('|', 'dataset'), [
      ...['version', 'name', 'source', 'sources', 'description', 'labels', 'relabel', 'exclude', 'split'],
    ]);
    assert.deepEqual(labels('source: { |', 'dataset').slice(0, 4), ['format', 'path', 'name', 'lead']);
    assert.deepEqual(labels('source:\n  format: |', 'dataset'), [...sourceFormats]);
    assert.equal(
      taken('|', 'split', 'dataset'),
      'split: { seed: 1, train: 0.8, validation: 0.1, test: 0.1 }',
    );
  });

  it('offers the classes that other labels are mapped to', () => {
    assert.deepEqual(labels('labels:\n  map:\n    N: normal\n    A: |\n', 'dataset'), ['normal']);
  });
});
