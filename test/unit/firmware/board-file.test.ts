import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { UserError } from '../../../src/common/errors.ts';
import { requireBoardFits } from '../../../src/firmware/board-check.ts';
import { parseBoardFile } from '../../../src/firmware/board-file.ts';
import { boardFileSchema } from '../../../src/firmware/board-schema.ts';
import { boardTemplate } from '../../../src/firmware/board-template.ts';
import { defaultBoard, largestMillivolts, type Board } from '../../../src/firmware/board.ts';
import { emitBoardConfig, samplingClock } from '../../../src/firmware/emit-board.ts';
import { firmwareProject } from '../../../src/firmware/generate.ts';
import { deviceFrontEnd } from '../../../src/quantization/device-input.ts';
import { small, smallInteger } from '../../firmware/projects.ts';

describe('the board file that one starts from', () => {
  const template = boardTemplate('new-board');

  it('is sound, and is the development kit but for the amplifier', () => {
    const { adc, ...rest } = parseBoardFile(template, 'new-board.ecgboard.yaml');
    const { adc: usual, ...usualRest } = defaultBoard;
    assert.deepEqual(rest, { ...usualRest, name: 'new-board' });
    assert.deepEqual({ ...adc, countsPerMillivolt: 0 }, { ...usual, countsPerMillivolt: 0 });
  });

  it('has every setting that there is, if only in a comment', () => {
    const names = (properties: object): string[] =>
      Object.entries(properties).flatMap(
        ([name, { properties: inner = {} }]: [string, { properties?: object }]) => [name, ...names(inner)],
      );
    for (const name of names(boardFileSchema.properties)) {
      if (name !== 'description') assert.match(template, new RegExp(`^[ #]*${name}:`, 'm'));
    }
  });

  it('stays sound when what is in comments is taken in', () => {
    const taken = template
      .replace('reference: internal', 'reference: vdd/4')
      .replace('# supply', 'supply')
      .replaceAll(/^# ((memory| +flash-start| +ram-start):)/gm, '$1');
    const board = parseBoardFile(taken, 'x.ecgboard.yaml');
    assert.equal(board.flashStart, 0x26000);
  });
});

const text = (change = ''): string => `version: 1
name: patch
chip: nrf52832
adc: { positive: AIN4, negative: AIN5, gain: 1/5, acquisition: 40, oversampling: 8 }
front-end: { gain: 100 }
uart: { tx: 11, rx: 12, baud: 1000000 }
dcdc: true
memory: { flash-start: 0x26000, ram-start: 0x20002000 }
watchdog: 10
${change}`;
const parse = (content: string): Board => parseBoardFile(content, 'patch.ecgboard.yaml');

describe('a board file', () => {
  it('says what a count of the ADC is at the electrodes', () => {
    // 8192 counts are 0.6 V over 1/5, or 3 V: 30 mV before an amplifier of 100.
    const { adc } = parse(text());
    assert.ok(Math.abs(adc.countsPerMillivolt - 8192 / 30) < 1e-9);
    assert.ok(Math.abs(largestMillivolts(parse(text())) - 30) < 1e-9);
    const single = text().replace(', negative: AIN5', '');
    assert.ok(
      Math.abs(parse(single).adc.countsPerMillivolt - 16384 / 30) < 1e-9,
      'single-ended counts have no sign',
    );
    const supply = text().replace('gain: 1/5', 'gain: 1/4, reference: vdd/4, supply: 3.2');
    assert.ok(Math.abs(parse(supply).adc.countsPerMillivolt - 8192 / 32) < 1e-9);
    const measured = text().replace('{ gain: 100 }', '{ microvolts-per-count: 2 }');
    assert.equal(parse(measured).adc.countsPerMillivolt, 500);
  });

  const cases: [string, string, RegExp, number][] = [
    ['front-end: { gain: 100 }', 'front-end: {}', /either `gain` or `microvolts-per-count`/, 5],
    ['front-end: { gain: 100 }', 'front-end: { gain: 1, microvolts-per-count: 1 }', /either/, 5],
    ['negative: AIN5', 'negative: AIN4', /both inputs are the same/, 4],
    ['gain: 1/5', 'gain: 1/7', /must be one of/, 4],
    ['rx: 12', 'rx: 11', /same pin/, 6],
    ['tx: 11', 'tx: 29', /AIN5 is P0.29, which is `uart.tx`/, 6],
    ['0x26000', '0x26001', /page of 4096/, 8],
    ['0x20002000', '0x1000', /RAM is from 0x20000000/, 8],
    ['chip: nrf52832', 'chip: nrf52840', /must be one of nrf52832/, 3],
    ['dcdc: true', 'dcdc: true\nled: 17', /not a setting/, 8],
  ];
  for (const [from, to, message, line] of cases) {
    it(`with \`${to}\` is refused by its line`, () => {
      assert.throws(
        () => parse(text().replace(from, to)),
        (error) => error instanceof UserError && message.test(error.message) && error.place.line === line,
      );
    });
  }
});

describe('the firmware for a board', () => {
  it('has the registers of its ADC, UART and timer', () => {
    const board = parse(text());
    const config = emitBoardConfig(deviceFrontEnd(small, 0.15, board.adc), board);
    const { ticks } = samplingClock(small.input.rate * 8);
    for (const line of [
      'ADC_CONFIG 0x00150100u', // gain 1/5, internal, 40 us, differential
      'ADC_POSITIVE 5u',
      'ADC_NEGATIVE 6u',
      'PIN_TXD 11u',
      'PIN_RXD 12u',
      'BAUDRATE 0x10000000u',
      'DCDC 1',
      'WATCHDOG_SECONDS 10u',
      `TIMER_TICKS ${ticks}u`,
      'BLOCK 128u',
    ]) {
      assert.ok(config.includes(`ECG_BOARD_${line}`), line);
    }
  });

  it('goes behind a SoftDevice where the board says so; the images for tests stay where they are', () => {
    const board = parse(text());
    const { files } = firmwareProject(smallInteger, {
      board,
      frontEnd: deviceFrontEnd(small, 0.15, board.adc),
    });
    const script = Buffer.from(files.get('application/application.ld')!).toString();
    assert.match(script, /FLASH \(rx\) : ORIGIN = 0x00026000, LENGTH = 0x0005a000/);
    assert.match(script, /RAM \(rwx\) {2}: ORIGIN = 0x20002000, LENGTH = 0x0000e000/);
    assert.match(Buffer.from(files.get('nrf52832.ld')!).toString(), /ORIGIN = 0x00000000, LENGTH = 512K/);
  });
});

describe('a board whose ADC does not fit the model', () => {
  const refused = (change: (board: Board) => Board, message: RegExp): void => {
    assert.throws(() => requireBoardFits(change(parse(text())), small, 0.15), message);
  };
  const counts = (countsPerMillivolt: number) => (board: Board) => ({
    ...board,
    adc: { ...board.adc, countsPerMillivolt },
  });

  it('is refused where its counts are coarser than the steps of the network, or it clips', () => {
    requireBoardFits(parse(text()), small, 0.15);
    refused(counts(100), /a count of the ADC of patch is 10 µV, and a step of the network's input 4.69 µV/);
    refused(counts(20_000), /clips at 410 µV, and the network reads up to 600 µV/);
  });
});
