import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { codeLenses } from '../../../src/language/code-lenses.ts';
import { completions } from '../../../src/language/completion.ts';
import { definitionAt } from '../../../src/language/definition.ts';
import { fileDiagnostics } from '../../../src/language/diagnostics.ts';
import { parseFile, type FileKind } from '../../../src/language/documents.ts';
import { hoverAt } from '../../../src/language/hover.ts';
import { inlayHints } from '../../../src/language/inlay-hints.ts';
import { quickFixes } from '../../../src/language/quick-fixes.ts';
import { datasetSummary, modelSummary } from '../../../src/language/summaries.ts';
import { fileSymbols, type FileSymbol } from '../../../src/language/symbols.ts';
import { bigModel, board, dataset, head, slim, small } from './files.ts';

const uri = 'file:///w/x.yaml';

/** Everything that the server can be asked, at some offsets. No answer may throw or lie outside of the text. */
function askEverything(kind: FileKind, text: string, offsets: readonly number[]): number {
  const file = parseFile(kind, uri, text);
  const inside = (start: number, end = start): void =>
    assert.ok(0 <= start && start <= end && end <= text.length, `${start}-${end} of ${text.length}`);
  const diagnostics = fileDiagnostics(file, 0);
  for (const problem of diagnostics) {
    inside(problem.start, problem.end);
    for (const fix of quickFixes(file, uri, problem)) if ('text' in fix) inside(fix.start, fix.end);
  }
  for (const { offset, label } of inlayHints(file)) {
    inside(offset);
    assert.ok(label.length <= 40, label);
  }
  for (const { start } of codeLenses(file, uri, 0)) inside(start);
  const visit = (symbol: FileSymbol): void => {
    inside(symbol.start, symbol.end);
    assert.ok(symbol.start <= symbol.nameStart && symbol.nameEnd <= symbol.end);
    symbol.children.forEach(visit);
  };
  fileSymbols(file).forEach(visit);
  for (const offset of offsets) {
    const hover = hoverAt(file, offset);
    if (hover) inside(hover.start, hover.end);
    for (const { start, end } of completions(file, offset)) inside(start, end);
    const definition = definitionAt(file, uri, offset);
    if (definition && 'start' in definition) inside(definition.start, definition.end);
  }
  if (file.kind === 'model') modelSummary(file);
  if (file.kind === 'dataset') datasetSummary(file, 0);
  return diagnostics.length;
}

const ends = (text: string): number[] => [0, text.length >> 1, text.length];

describe('the language server stands', () => {
  it('every beginning of a model file', () => {
    for (let length = 0; length <= slim.length; length++)
      askEverything('model', slim.slice(0, length), [length]);
  });

  it('every beginning of a dataset file, and every end of both', () => {
    for (let length = 0; length <= dataset.length; length++) {
      askEverything('dataset', dataset.slice(0, length), [length]);
      askEverything('dataset', dataset.slice(length), [0]);
    }
    for (let length = 0; length <= slim.length; length += 3) askEverything('model', slim.slice(length), [0]);
  });

  it('every beginning and every end of a board file', () => {
    for (let length = 0; length <= board.length; length++) {
      askEverything('board', board.slice(0, length), [length]);
      askEverything('board', board.slice(length), [0]);
    }
  });

  it('questions at every place of a file', () => {
    const everywhere = Array.from({ length: slim.length + 1 }, (_, i) => i);
    assert.equal(askEverything('model', slim, everywhere), 0);
  });

  const nested = (open: string, close: string, times: number): string =>
    `${head}layers: ${open.repeat(times)}1${close.repeat(times)}\n`;
  const texts: Readonly<Record<string, string>> = {
    'a megabyte': '#'.repeat(1_000_001),
    'as many layers as are read': `${head}layers:\n${'  - dense: 2\n'.repeat(20_000)}`,
    'ten thousand keys': Array.from({ length: 20_000 }, (_, i) => `k${i}: 1`).join('\n'),
    'anchors and aliases': `${head}layers: &a [global-average-pool, *a]\ntraining: *b\n<<: *a\n`,
    'an alias bomb': `a: &a [1, 1]\nb: &b [*a, *a]\nc: &c [*b, *b]\nlayers: [*c, *c]\n`,
    'lists in lists': nested('[', ']', 5000),
    'maps in maps': nested('{ residual: ', ' }', 2000),
    'blocks in blocks': nested('[{ residual: { layers: ', ' } }]', 200),
    'dashes in dashes': `${head}layers: \n${'- '.repeat(2000)}1`,
    tabs: small.replaceAll('  ', '\t'),
    CRLF: slim.replaceAll('\n', '\r\n'),
    'lone carriage returns': slim.replaceAll('\n', '\r'),
    'an emoji before everything': slim.replaceAll('conv1d', '"🫀conv1d"').replaceAll('- ', '- # 🫀\n    '),
    'a byte order mark': `\ufeff${small}`,
    'null characters and surrogates': `${head}layers: [\u0000, \ud800, "\\ud800"]\n`,
    'several documents': `${small}---\n${small}...\n`,
    'tags and directives': `%YAML 1.2\n---\n!!binary ${small}`,
    'keys that are no names': `${head}? [a, b]\n: c\n1: 2\nnull: 3\n{}: 4\n__proto__: { toString: 1 }\nconstructor: 1\n`,
    'layers that are none': `${head}layers: [null, 3, [], {}, "", { toString: 1 }, { __proto__: 2 }, { conv1d: 1, gru: 2 }]\n`,
    'sections of the wrong type':
      'version: []\nname: {}\ninput: 3\nclasses: {}\nlayers: {}\ntraining: 1\ntarget: []\n',
    'input that is no map': 'input: [window, 3]\nlayers: [dense: 2]\n',
    'a scalar': 'layers',
    'a list': '- layers\n- dense: 2\n',
    'figures at their limits': bigModel(),
  };
  for (const [name, text] of Object.entries(texts)) {
    it(name, () => {
      askEverything('model', text, ends(text));
      askEverything('dataset', text, ends(text));
    });
  }
});
