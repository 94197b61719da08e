import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { definitionAt } from '../../../src/language/definition.ts';
import { hoverAt } from '../../../src/language/hover.ts';
import { fileSymbols } from '../../../src/language/symbols.ts';
import { dataset, datasetFile, head, modelFile, modelUri, slim } from './files.ts';

/** Hover at the first place of a word, and what it is about. */
function hover(text: string, word: string, skip = 0): { markdown: string; about: string } | undefined {
  const found = hoverAt(modelFile(text), text.indexOf(word) + skip);
  return found && { markdown: found.markdown, about: text.slice(found.start, found.end) };
}

describe('hover', () => {
  it('on a layer describes its kind, its options, and this layer', () => {
    const found = hover(slim, 'conv1d', 3);
    assert.equal(found?.about, 'conv1d');
    assert.match(found?.markdown ?? '', /Convolution over time/);
    assert.match(found?.markdown ?? '', /- `padding`: `same` or `valid` or `causal`; default `same`/);
    assert.match(found?.markdown ?? '', /\*\*conv1d-1\*\* reads `input`/);
    const second = hover(slim, 'filters: 16', -4);
    assert.match(second?.markdown ?? '', /\*\*conv1d-2\*\* reads `average-pool-1` \(8×128\)/);
  });

  it('on a layer without options, written as a word', () => {
    const text = `${head}layers:\n  - global-average-pool\n  - dense: 2\n`;
    assert.match(hover(text, 'global-average-pool')?.markdown ?? '', /\*\*global-average-pool-1\*\*/);
  });

  it('on a setting says what it is, what it can be, and its default', () => {
    assert.deepEqual(hover(slim, 'order'), {
      about: 'order',
      markdown:
        '**order**: integer from 1 to 8\n\nOrder of the prototype; the band-pass has twice as many poles.\n\nDefault: `2`',
    });
    assert.match(hover(slim, 'kernel')?.markdown ?? '', /integer from 1 to 1024/);
    assert.match(hover(slim, 'cosine')?.markdown ?? '', /\*\*schedule\*\*: `constant` or `cosine`/);
  });

  it('on the first letter of a section is about that section', () => {
    assert.equal(hover(slim, 'readout')?.about, 'readout');
  });

  it('on a format says range and resolution', () => {
    const found = hover(slim, 'Q2.5', 1);
    assert.equal(found?.about, 'Q2.5');
    assert.match(found?.markdown ?? '', /8 bits with the sign, from -4 to 3\.96875 in steps of 0\.03125/);
  });

  it('on a budget says how much is used and where the number comes from', () => {
    assert.match(
      hover(slim, 'flash')?.markdown ?? '',
      /flash ≥ 121\.9 kB of 200\.0 kB\n\nA lower bound: the parameters as int8/,
    );
    assert.match(hover(slim, '32 kB')?.markdown ?? '', /RAM ≥ .* of 32\.0 kB\n\nA lower bound/);
    assert.match(hover(slim, 'latency')?.markdown ?? '', /latency ≈ 19\.6 ms of 60 ms \(estimated\)/);
  });

  it('on a name in `from` says what that layer gives', () => {
    const text = `${head}layers:\n  - conv1d: { filters: 3, kernel: 3 }\n    name: a\n  - add:\n    from: [a, a]\n`;
    assert.match(hover(text, '[a, a]', 1)?.markdown ?? '', /`a` in line 6 gives 3×64/);
  });

  it('is there in a dataset file, and nowhere where nothing stands', () => {
    const file = datasetFile(dataset);
    assert.match(hoverAt(file, dataset.indexOf('format'))?.markdown ?? '', /`cinc2017`/);
    assert.equal(hoverAt(file, dataset.indexOf('{') + 1), undefined);
    assert.equal(hoverAt(modelFile(''), 0), undefined);
  });
});

describe('definition', () => {
  it('of a name in `from` is its layer, of a teacher its file', () => {
    const text = `${head}layers:\n  - conv1d: { filters: 3, kernel: 3 }\n    name: a\n  - add:\n    from: [a, a]\n`;
    const found = definitionAt(modelFile(text), modelUri, text.indexOf('[a, a]') + 1);
    assert.ok(found && 'start' in found);
    assert.equal(text.slice(found.start, found.end), 'conv1d');
    assert.deepEqual(definitionAt(modelFile(slim), modelUri, slim.indexOf('teacher.ecg')), {
      uri: 'file:///work/a%20b/teacher.ecgmodel.yaml',
    });
  });
});

describe('the outline', () => {
  it('lists sections, and layers with names and shapes, blocks with theirs', () => {
    const text = `${head}layers:\n  - residual:\n      layers:\n        - conv1d: { filters: 1, kernel: 3 }\n  - global-average-pool\n  - dense: 2\n`;
    const symbols = fileSymbols(modelFile(text));
    assert.deepEqual(symbols.map(({ name, detail }) => [name, detail]).slice(0, 2), [
      ['version', '1'],
      ['name', 'probe'],
    ]);
    const layers = symbols.at(-1)?.children ?? [];
    assert.deepEqual(
      layers.map(({ detail, children }) => [detail, children.map((child) => child.detail)]),
      [
        ['add-1 · 1×64', ['conv1d-1 · 1×64']],
        ['global-average-pool-1 · 1×1', []],
        ['dense-1 · 2×1', []],
      ],
    );
  });
});
