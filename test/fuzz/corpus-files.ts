import { edf, type EdfTestSignal } from '../unit/recording/edf-encoder.ts';
import {
  array5,
  level4,
  level5,
  matrix5,
  struct5,
  text5,
  type Matrix,
} from '../unit/recording/matlab-encoder.ts';
import { npy } from '../unit/recording/npy-encoder.ts';
import { noise } from './corpus-wfdb.ts';
import type { Kind, Seed } from './seed.ts';

function seed(
  kind: Kind,
  title: string,
  name: string,
  bytes: Uint8Array | string,
  more: Partial<Seed> = {},
): Seed {
  const content = typeof bytes === 'string' ? Buffer.from(bytes) : bytes;
  return { kind, title, files: { [name]: content }, name, targets: [name], ...more };
}

export function edfSeeds(): Seed[] {
  const record = (count: number, at: number): number[] =>
    Array.from({ length: count }, (_, i) => ((i * 37 + at * 11) % 400) - 200);
  const ecg: EdfTestSignal = { label: 'ECG II', records: [0, 1, 2].map((r) => record(20, r)) };
  const slow: EdfTestSignal = {
    label: 'Resp',
    units: 'Ohm',
    physical: ['0', '10'],
    digital: ['0', '100'],
    records: [0, 1, 2].map((r) => record(5, r)),
  };
  const notes = (onsets: readonly number[]): EdfTestSignal => ({
    label: 'EDF Annotations',
    digital: ['-32768', '32767'],
    physical: ['-1', '1'],
    records: onsets.map((at) => `+${at}\x14\x14\0+${at}.25\x150.5\x14Apnoe µ\x14second@@ECG II\x14\0`),
    room: 40,
  });
  const make = (title: string, signals: EdfTestSignal[], options: Parameters<typeof edf>[1] = {}): Seed =>
    seed('edf', title, title.startsWith('BDF') ? 'x.bdf' : 'x.edf', edf(signals, options));
  return [
    make('EDF', [ecg]),
    make('EDF of two rates', [ecg, slow], { duration: '0.5' }),
    make('EDF without count', [ecg, slow], { count: '-1' }),
    make('EDF+C', [ecg, notes([0, 1, 2])], {
      reserved: 'EDF+C',
      fields: { recording: 'Startdate 24-DEC-2031 X X X' },
    }),
    make('EDF+D', [ecg, slow, notes([0, 1, 60])], { reserved: 'EDF+D' }),
    make('EDF+D of annotations alone', [notes([5, 9, 70])], { reserved: 'EDF+D', duration: '0' }),
    make('BDF', [ecg, slow], { bdf: true }),
    make('BDF+D', [ecg, { ...notes([0, 4, 8]), label: 'BDF Annotations' }], { bdf: true, reserved: 'BDF+D' }),
    make('EDF of many signals', Array<EdfTestSignal>(40).fill(ecg)),
  ];
}

export function matlabSeeds(): Seed[] {
  const values = Array.from({ length: 60 }, (_, i) => ((i * 31) % 97) - 40);
  const facts = { rate: 250, units: 'mV' };
  const val: Matrix = { name: 'val', rows: 2, columns: 30, values, type: 'int16' };
  const fs: Matrix = { name: 'fs', rows: 1, columns: 1, values: [250] };
  const structure = struct5('ECG', {
    data: matrix5({ ...val, name: '', type: 'float64' }),
    fs: matrix5({ ...fs, name: '' }, false, 'int16'),
    leads: text5('', 'I II'),
    inner: struct5('', { deep: array5('', [2, 3, 4], values.slice(0, 24)) }),
  });
  const variables = [text5('note', 'recorded at rest'), matrix5(val), matrix5(fs)];
  const plain = level5(variables);
  const make = (title: string, bytes: Uint8Array, more: Partial<Seed> = {}): Seed =>
    seed('matlab', title, 'x.mat', bytes, { facts, ...more });
  return [
    make('version 4', Buffer.concat([level4(val), level4(fs)])),
    make('version 4, big-endian', level4({ ...val, type: 'float32' }, { big: true })),
    make('version 4, complex and text', Buffer.concat([level4(fs, { kind: 1 }), level4(val, { kind: 0 })])),
    make('version 5', plain),
    make('version 5, big-endian', level5([matrix5(val, true), matrix5(fs, true)], { big: true })),
    make('version 5, structure', level5([structure])),
    make('version 5, three axes', level5([array5('x', [1, 5, 1, 12], values)])),
    make('version 5, compressed', level5(variables, { compress: true })),
    make('version 5, compressed structure', level5([structure], { compress: true })),
    // Damaged, then compressed.
    make('version 5, compressed when damaged', plain, {
      seal: (bytes) => level5([Buffer.from(bytes.subarray(128))], { compress: true }),
    }),
    make('version 5, structure compressed when damaged', level5([structure]), {
      seal: (bytes) => level5([Buffer.from(bytes.subarray(128))], { compress: true }),
    }),
    make(
      'version 7.3',
      Buffer.concat([Buffer.from('MATLAB 7.3 MAT-file'.padEnd(512)), Buffer.from('\x89HDF', 'latin1')]),
      { refused: true },
    ),
  ];
}

export function numpySeeds(): Seed[] {
  const data = Buffer.from(noise(480, 'numpy'));
  const facts = { rate: 500, units: 'uV' };
  const make = (title: string, options: Parameters<typeof npy>[1], refused = false): Seed =>
    seed('numpy', title, 'x.npy', npy(data, options), { facts, refused });
  return [
    make('one axis', { shape: '(240,)' }),
    make('two axes', { descr: "'<f4'", shape: '(12, 10)', version: 2 }),
    make('Fortran order', { descr: "'>i4'", shape: '(3, 40)', fortran: 'True', version: 3 }),
    ...['|u1', '<i8', '<u8', '<f2', '<f8'].map((descr) =>
      make(descr, { descr: `'${descr}'`, shape: '(2, 30)' }),
    ),
    make('no axis', { descr: "'<f8'", shape: '()' }, true),
    make('three axes', { descr: "'<f8'", shape: '(1, 30, 2)' }),
  ];
}

export function delimitedSeeds(): Seed[] {
  const lines = (count: number, line: (i: number) => string): string =>
    Array.from({ length: count }, (_, i) => line(i)).join('\n');
  const value = (i: number): string => (((i * 37) % 200) / 100 - 1).toFixed(2);
  const facts = { rate: 250, units: 'mV' };
  const csv = (title: string, text: string, more: Partial<Seed> = {}): Seed =>
    seed('delimited', title, 'x.csv', text, more);
  return [
    csv(
      'time and two leads',
      `time (s),I (mV),II_uV\n${lines(40, (i) => `${(i / 250).toFixed(3)},${value(i)},${i}`)}\n`,
    ),
    csv(
      'semicolons and commas',
      `t [ms];I [mV]\n${lines(30, (i) => `${i * 4};${value(i).replace('.', ',')}`)}`,
    ),
    csv('quotes and units of their own', `"a ""b""","c"\n"mV","mV"\n${lines(20, (i) => `"${i}",-`)}`, {
      facts,
    }),
    csv(
      'bare numbers',
      lines(30, (i) => `${value(i)} ${i}   ${-i}`),
      { facts },
    ),
    csv(
      'rdsamp',
      `'Elapsed time','MLII','V5'\n'hh:mm:ss.mmm','mV','mV'\n${lines(20, (i) => `'0:00.${String(i * 4).padStart(3, '0')}',${value(i)},NaN`)}`,
    ),
    csv(
      'dates',
      `timestamp,a (mV)\n${lines(20, (i) => `2024-02-29 23:59:5${Math.floor(i / 10)}.${i % 10}00Z,${i}`)}`,
    ),
    csv(
      'comments and texts',
      `# fs: 360\n%note\nsample,MLII (mV),beat\n${lines(20, (i) => `${i},${value(i)},N`)}`,
    ),
    csv('more rows than an entry', `a (mV),b (mV)\n${lines(2500, (i) => `${i},${value(i)}`)}`, {
      facts: { rate: 100 },
    }),
    seed('delimited', 'tabs', 'x.tsv', `# rate = 500\nI\tII\n${lines(20, (i) => `${value(i)}\t1e-3`)}`, {
      facts: { units: 'V' },
    }),
    seed('delimited', 'UTF-16', 'x.txt', Buffer.from(`\ufeffa (mV)\n1\n2\n`, 'utf16le'), {
      facts,
      refused: true,
    }),
    csv('BOM and CRLF', `\ufefft,a (µV)\r\n${lines(20, (i) => `0.${String(i).padStart(2, '0')},${i}\r`)}`),
  ];
}
