import { UserError } from '../common/errors.ts';
import { readFile } from '../common/files.ts';
import { compileSchema, YamlSource, type YamlPath } from '../common/yaml-source.ts';
import {
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

export function parseBoardFile(text: string, file: string): Board {
  const source = new YamlSource(text);
  source.throwFirstError(file);
  source.validate(compileSchema(boardFileSchema), source.value, []);
  source.throwFirstError(file);
  const value = source.value as BoardOfFile;
  reportContradictions(value, source);
  source.throwFirstError(file);
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
  const report = (path: YamlPath, message: string): void => source.report(path, message);
  if ((frontEnd.gain === undefined) === (frontEnd['microvolts-per-count'] === undefined)) {
    report(['front-end'], 'either `gain` or `microvolts-per-count` is needed');
  }
  if (adc.negative === adc.positive) report(['adc', 'negative'], 'both inputs are the same');
  const tx = uart?.tx ?? defaultBoard.uart.tx;
  if (tx === (uart?.rx ?? defaultBoard.uart.rx)) report(['uart'], '`tx` and `rx` are the same pin');
  const flash = memory?.['flash-start'] ?? flashMemory.start;
  if (flash % flashMemory.page !== 0 || flash >= flashMemory.bytes) {
    report(['memory', 'flash-start'], 'the application begins at a page of 4096 bytes, below 512 KiB');
  }
  const ram = memory?.['ram-start'] ?? ramMemory.start;
  if (ram % 8 !== 0 || ram < ramMemory.start || ram >= ramMemory.start + ramMemory.bytes) {
    report(['memory', 'ram-start'], 'the RAM is from 0x20000000, 64 KiB of it, in steps of 8');
  }
}

/** A board file, or the default board where none is named. */
export function boardOf(file: string | undefined): Board {
  if (file === undefined) return defaultBoard;
  if (!/\.ecgboard\.ya?ml$/.test(file)) {
    throw new UserError('is no board file', { file }, 'Board files are named NAME.ecgboard.yaml.');
  }
  return readBoardFile(file);
}
