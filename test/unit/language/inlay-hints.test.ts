import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { shortNumber } from '../../../src/language/figures.ts';
import { hintTooltip, inlayHints } from '../../../src/language/inlay-hints.ts';
import { bigModel, datasetFile, dataset, head, modelFile, slim, zooTexts } from './files.ts';

/** Text with its hints in it, as an editor shows them. */
function shown(text: string): string {
  let result = text;
  for (const { offset, label } of inlayHints(modelFile(text)).reverse()) {
    result = `${result.slice(0, offset)}<${label}>${result.slice(offset)}`;
  }
  return result;
}

describe('inlay hints', () => {
  it('say channels×length, parameters and MACs of each layer, and of a pool the shape alone', () => {
    const lines = shown(slim)
      .split('\n')
      .filter((line) => line.includes('<'));
    assert.equal(lines.length, 18);
    assert.equal(lines[0], '  - conv1d: { filters: 8, kernel: 5, activation: relu }<8×256 · 48 · 10 k MAC>');
    assert.equal(lines[1], '  - average-pool: 2<8×128>');
    assert.equal(lines[16], '  - gru: 64<64×1 · 37 k · 37 k MAC>');
    assert.equal(lines[17], '  - dense: 4<4×1 · 260 · 256 MAC>');
  });

  it('have at most 40 characters in the models that ship and in one with the largest figures', () => {
    for (const text of [...zooTexts.values(), bigModel()]) {
      const hints = inlayHints(modelFile(text));
      assert.ok(hints.length >= 17);
      for (const { label } of hints) assert.ok(label.length <= 40, label);
    }
    assert.equal(inlayHints(modelFile(bigModel())).length, 40);
    assert.equal(inlayHints(modelFile(bigModel()))[1].label, '4096×100000 · 17 G · 1.7 P MAC');
  });

  it('stand behind a layer of one line, and at the end of the first line of a longer one', () => {
    const text = `${head}layers:
  - conv1d: { filters: 4, kernel: 5 } # first
    name: a
  - conv1d:
      filters: 4
      kernel: 5
  - name: c
    conv1d: {
      filters: 4, kernel: 5 }
  - global-average-pool
  - dense: 2`;
    assert.deepEqual(shown(text).split('\n').slice(5), [
      '  - conv1d: { filters: 4, kernel: 5 }<4×64 · 24 · 1.3 k MAC> # first',
      '    name: a',
      '  - conv1d:<4×64 · 84 · 5.1 k MAC>',
      '      filters: 4',
      '      kernel: 5',
      '  - name: c',
      '    conv1d: {<4×64 · 84 · 5.1 k MAC>',
      '      filters: 4, kernel: 5 }',
      '  - global-average-pool<4×1>',
      '  - dense: 2<2×1 · 10 · 8 MAC>',
    ]);
  });

  it('show the layers of a residual block and its sum in the line of the block', () => {
    const text = `${head}layers:
  - residual:
      layers:
        - conv1d: { filters: 8, kernel: 3 }
      shortcut: { conv1d: { filters: 8, kernel: 1 } }
  - global-average-pool
  - dense: 2
`;
    assert.deepEqual(shown(text).split('\n').slice(5, 9), [
      '  - residual:<8×64>',
      '      layers:',
      '        - conv1d: { filters: 8, kernel: 3 }<8×64 · 32 · 1.5 k MAC>',
      '      shortcut: { conv1d: { filters: 8, kernel: 1 }<8×64 · 16 · 512 MAC> }',
    ]);
  });

  it('still show the layers before an error, also one of YAML and one outside of the layers', () => {
    for (const [from, to, expected] of [
      ['gru: 64', 'gruu: 64', 16],
      ['  - gru: 64', '  - conv1d: { filters: 8, ', 16],
      ['epochs: 60', 'epochs: none', 18],
      ['readout: last-state', 'redout: [', 18],
    ] as const) {
      const text = slim.replace(from, to);
      assert.notEqual(text, slim);
      assert.equal(inlayHints(modelFile(text)).length, expected, to);
    }
  });

  it('are those of the range that was asked for', () => {
    const start = slim.indexOf('  - gru');
    const labels = inlayHints(modelFile(slim), start, start + 11).map(({ label }) => label);
    assert.deepEqual(labels, ['64×1 · 37 k · 37 k MAC']);
  });

  it('stand at the same places with CRLF and behind characters of two units', () => {
    const text = `# 🫀 ❤️\r\n${slim.replaceAll('\n', '\r\n')}`;
    const hints = inlayHints(modelFile(text));
    assert.equal(text.slice(hints[1].offset - 2, hints[1].offset + 2), ' 2\r\n');
  });

  it('explain themselves: what is read, exact figures, shares', () => {
    const file = modelFile(slim);
    const [first] = inlayHints(file);
    const tooltip = hintTooltip(file, first.layer) ?? '';
    assert.match(tooltip, /\*\*conv1d-1\*\* reads `input` \(1×256\)/);
    assert.match(tooltip, /48, 48 B as int8 · 0\.0 % of the network/);
    assert.match(tooltip, /10,240 MAC, 22,528 operations · 1\.1 %/);
  });

  it('are for models alone', () => assert.deepEqual(inlayHints(datasetFile(dataset)), []));
});

describe('a short number', () => {
  for (const [value, expected] of [
    [0, '0'],
    [999, '999'],
    [1000, '1 k'],
    [1234, '1.2 k'],
    [9949, '9.9 k'],
    [9951, '10 k'],
    [948_480, '948 k'],
    [999_499, '999 k'],
    [999_500, '1 M'],
    [1.7e15, '1.7 P'],
  ] as const) {
    it(`of ${value} is ${expected}`, () => assert.equal(shortNumber(value), expected));
  }
});
