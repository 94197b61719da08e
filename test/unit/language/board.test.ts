import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { boardFileSchema } from '../../../src/firmware/board-schema.ts';
import { codeLenses } from '../../../src/language/code-lenses.ts';
import { completions } from '../../../src/language/completion.ts';
import { fileDiagnostics } from '../../../src/language/diagnostics.ts';
import { hoverAt } from '../../../src/language/hover.ts';
import { quickFixes } from '../../../src/language/quick-fixes.ts';
import { fileSymbols } from '../../../src/language/symbols.ts';
import { atBar, board, boardFile } from './files.ts';

const uri = 'file:///w/patch.ecgboard.yaml';

/** Underlined text and message of everything that is said of a board. */
const said = (text: string): [string, string][] =>
  fileDiagnostics(boardFile(text)).map((d) => [text.slice(d.start, d.end), d.message]);
const underlined = (from: string, to: string): string[] =>
  said(board.replace(from, to)).map(([text]) => text);
const labels = (marked: string): string[] => {
  const { text, offset } = atBar(marked);
  return completions(boardFile(text), offset).map(({ label }) => label);
};

describe('a board file in the editor', () => {
  it('that is sound has nothing underlined, and says what a count of its ADC is', () => {
    assert.deepEqual(said(board), []);
    const [lens, ...others] = codeLenses(boardFile(board), uri);
    assert.equal(board.slice(lens.start, lens.start + 3), 'adc');
    // 8192 counts are 0.6 V over 1/6, or 3.6 V: 9 mV before an amplifier of 400.
    assert.equal(lens.title, '1 count = 1.1 µV at the electrodes · clips at ±9 mV (by this file)');
    assert.deepEqual(others, []);
    assert.deepEqual(
      fileSymbols(boardFile(board)).map(({ name }) => name),
      ['version', 'name', 'chip', 'adc', 'front-end', 'uart'],
    );
  });

  it('has exactly what is wrong underlined, with what to do', () => {
    assert.deepEqual(underlined('gain: 1/6', 'gain: 1/7'), ['1/7']);
    assert.deepEqual(underlined('negative: AIN5', 'negative: AIN4'), ['AIN4']);
    assert.deepEqual(underlined('rx: 8', 'rx: 6'), ['6']);
    assert.deepEqual(underlined('chip: nrf52832', 'chip: nrf52840'), ['nrf52840']);
    assert.deepEqual(underlined('baud', 'buad'), ['buad']);
    assert.deepEqual(underlined('positive: AIN4, ', ''), ['adc']);
    const [[at, message]] = said(board.replace('front-end: { gain: 400 }', 'front-end: {}'));
    assert.equal(at, '{}');
    assert.match(message, /^either `gain` or `microvolts-per-count` is needed\. The gain of the amplifier/);
    assert.deepEqual(
      said(`${board}memory: { flash-start: 0x26010 }\n`).map(([text]) => text),
      ['0x26010'],
    );
  });

  it('has a pin underlined that ADC and UART both want', () => {
    const [[at, message]] = said(board.replace('tx: 6', 'tx: 28'));
    assert.deepEqual(
      [at, message],
      ['28', 'AIN4 is P0.28, which is `uart.tx`. The ADC and the UART cannot share a pin.'],
    );
  });

  it('has no lens and no figures while something is wrong', () => {
    assert.deepEqual(codeLenses(boardFile(board.replace('1/6', '1/7')), uri), []);
  });

  it('completes sections, settings and values', () => {
    assert.deepEqual(labels('|'), [
      ...boardFileSchema.required,
      ...Object.keys(boardFileSchema.properties).filter(
        (name) => !(boardFileSchema.required as readonly string[]).includes(name),
      ),
    ]);
    assert.deepEqual(labels(board.replace('AIN4', '|')).slice(0, 2), ['AIN0', 'AIN1']);
    assert.ok(labels(board.replace('baud: 115200', 'baud: |')).includes('1000000'));
    assert.deepEqual(labels(board.replace('oversampling: 4', '|')), [
      'reference',
      'supply',
      'acquisition',
      'oversampling',
    ]);
  });

  it('completes a section to one that is sound', () => {
    const bare = 'version: 1\nname: patch\nchip: nrf52832\nadc: { positive: AIN1 }\n';
    const found = completions(boardFile(`${bare}`), bare.length).find(({ label }) => label === 'front-end');
    assert.equal(found?.insert, 'front-end: { gain: ${1:400} }');
  });

  it('explains settings, and of the ADC what follows from them', () => {
    const hover = (word: string): string =>
      hoverAt(boardFile(board), board.indexOf(word) + 1)?.markdown ?? '';
    assert.match(hover('gain'), /^\*\*gain\*\*: `1\/6` or .*Gain before the ADC.*1 count = 1\.1 µV/s);
    assert.match(hover('oversampling'), /filters and decimates/);
    assert.doesNotMatch(hover('baud'), /count/);
  });

  it('mends a misspelled setting', () => {
    const file = boardFile(board.replace('oversampling', 'oversampelling'));
    const [problem] = fileDiagnostics(file);
    const [fix] = quickFixes(file, uri, problem);
    assert.equal('text' in fix && fix.text, 'oversampling');
  });
});
