import type { ValidateFunction } from 'ajv';
import { UserError } from '../common/errors.ts';
import { readFile } from '../common/files.ts';
import { compileSchema, YamlSource, type YamlPath } from '../common/yaml-source.ts';
import {
  adcInputs,
  countsPerVolt,
  defaultBoard,
  flashMemory,
  ramMemory,
  type AcquisitionTime,
  type AdcGain,
  type AdcInput,
  type BaudRate,
  type Board,
} from './board.ts';
import { boardFileSchema } from './board-schema.ts';

interface BoardOfFile {
  name: string;
  adc: {
    positive: AdcInput;
    negative?: AdcInput | 'ground';
    gain?: AdcGain;
    reference?: 'internal' | 'vdd/4';
    supply?: number;
    acquisition?: AcquisitionTime;
    oversampling?: number;
  };
  'front-end': { gain?: number; 'microvolts-per-count'?: number };
  uart?: { tx?: number; rx?: number; baud?: BaudRate };
  dcdc?: boolean;
  memory?: { 'flash-start'?: number; 'ram-start'?: number };
  watchdog?: number;
}

/** Read a board file. Throws a UserError that names file and line. */
export function readBoardFile(file: string): Board {
  return parseBoardFile(readFile(file).toString('utf8'), file);
}

/** A board file's text, with everything that is wrong with it. */
export interface ParsedBoard {
  source: YamlSource;
  /** undefined where the file has errors. */
  board: Board | undefined;
}

let fileCheck: ValidateFunction | undefined;

export function parseBoardText(text: string): ParsedBoard {
  const source = new YamlSource(text);
  const broken = { source, board: undefined };
  if (source.diagnostics.length > 0) return broken;
  if (!source.validate((fileCheck ??= compileSchema(boardFileSchema)), source.value, [])) return broken;
  const value = source.value as BoardOfFile;
  reportContradictions(value, source);
  return source.diagnostics.length > 0 ? broken : { source, board: boardOfValue(value) };
}

export function parseBoardFile(text: string, file: string): Board {
  const { source, board } = parseBoardText(text);
  source.throwFirstError(file);
  if (!board) throw new Error('a board file without errors gives a board');
  return board;
}

function boardOfValue(value: BoardOfFile): Board {
  const { adc, uart, memory } = value;
  const { adc: usual } = defaultBoard;
  const negative = adc.negative === 'ground' ? undefined : adc.negative;
  const scale = {
    gain: adc.gain ?? usual.gain,
    reference: adc.reference ?? usual.reference,
    negative,
    supply: adc.supply ?? 3,
  };
  return {
    name: value.name,
    adc: {
      positive: adc.positive,
      negative,
      gain: scale.gain,
      reference: scale.reference,
      acquisition: adc.acquisition ?? usual.acquisition,
      oversampling: adc.oversampling ?? usual.oversampling,
      countsPerMillivolt: countsPerMillivolt(value['front-end'], countsPerVolt(scale)),
    },
    uart: {
      tx: uart?.tx ?? defaultBoard.uart.tx,
      rx: uart?.rx ?? defaultBoard.uart.rx,
      baud: uart?.baud ?? defaultBoard.uart.baud,
    },
    dcdc: value.dcdc ?? defaultBoard.dcdc,
    flashStart: memory?.['flash-start'] ?? defaultBoard.flashStart,
    ramStart: memory?.['ram-start'] ?? defaultBoard.ramStart,
    watchdog: value.watchdog ?? defaultBoard.watchdog,
  };
}

function countsPerMillivolt(frontEnd: BoardOfFile['front-end'], perVolt: number): number {
  const measured = frontEnd['microvolts-per-count'];
  return measured === undefined ? (perVolt * (frontEnd.gain ?? 1)) / 1000 : 1000 / measured;
}

function reportContradictions(value: BoardOfFile, source: YamlSource): void {
  const { adc, uart, memory, 'front-end': frontEnd } = value;
  const report = (path: YamlPath, message: string, advice: string): void =>
    source.report(path, message, { advice });
  if ((frontEnd.gain === undefined) === (frontEnd['microvolts-per-count'] === undefined)) {
    report(
      ['front-end'],
      'either `gain` or `microvolts-per-count` is needed',
      'The gain of the amplifier, or what a count is at the electrodes, as measured; not both.',
    );
  }
  if (adc.negative === adc.positive) {
    report(['adc', 'negative'], 'both inputs are the same', 'A difference of one input with itself is 0.');
  }
  const pins = { tx: uart?.tx ?? defaultBoard.uart.tx, rx: uart?.rx ?? defaultBoard.uart.rx };
  if (pins.tx === pins.rx) {
    const named = uart?.rx === undefined ? 'tx' : 'rx';
    report(['uart', named], '`tx` and `rx` are the same pin', 'Each needs a pin of its own.');
  }
  for (const name of ['tx', 'rx'] as const) {
    const input = [adc.positive, adc.negative].find(
      (one) => one !== undefined && analogPin(one) === pins[name],
    );
    if (input === undefined) continue;
    report(
      uart?.[name] === undefined ? ['adc', input === adc.positive ? 'positive' : 'negative'] : ['uart', name],
      `${input} is P0.${String(pins[name]).padStart(2, '0')}, which is \`uart.${name}\``,
      'The ADC and the UART cannot share a pin.',
    );
  }
  const flash = memory?.['flash-start'] ?? flashMemory.start;
  if (flash % flashMemory.page !== 0 || flash >= flashMemory.bytes) {
    report(
      ['memory', 'flash-start'],
      'the application begins at a page of 4096 bytes, below 512 KiB',
      'Write a multiple of 0x1000: the first page behind the SoftDevice or the bootloader.',
    );
  }
  const ram = memory?.['ram-start'] ?? ramMemory.start;
  if (ram % 8 !== 0 || ram < ramMemory.start || ram >= ramMemory.start + ramMemory.bytes) {
    report(
      ['memory', 'ram-start'],
      'the RAM is from 0x20000000, 64 KiB of it, in steps of 8',
      'Write the first address that the SoftDevice leaves free.',
    );
  }
}

/** Number of the pin that an analog input is (nRF52832 Product Specification 1.8, pin assignments). */
function analogPin(input: AdcInput | 'ground'): number | undefined {
  return [2, 3, 4, 5, 28, 29, 30, 31][(adcInputs as readonly string[]).indexOf(input)];
}

/** A board file, or the default board where none is named. */
export function boardOf(file: string | undefined): Board {
  if (file === undefined) return defaultBoard;
  if (!/\.ecgboard\.ya?ml$/.test(file)) {
    throw new UserError('is no board file', { file }, 'Board files are named NAME.ecgboard.yaml.');
  }
  return readBoardFile(file);
}
