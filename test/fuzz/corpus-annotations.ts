import type { Annotation } from '../../src/recording/annotation.ts';
import { encodeAnnotations } from '../../src/recording/annotations/encode.ts';
import type { Seed } from './seed.ts';

export function annotation(sample: number, symbol = 'N', more: Partial<Annotation> = {}): Annotation {
  return { sample, symbol, subtype: 0, channel: 0, number: 0, text: '', duration: 0, ...more };
}

/** 16 bytes of the AHA's: letter, time, serial number; then what WFDB keeps there. */
function aha(
  letter: string,
  time: number,
  serial: number,
  subtype: number,
  code: number,
  text: string,
): Buffer {
  const record = Buffer.alloc(16);
  record.write(letter, 1);
  record.writeUInt16LE(time >>> 16, 2);
  record.writeUInt16LE(time & 0xffff, 4);
  record.writeUInt16LE(serial, 6);
  record.writeInt8(subtype, 8);
  record[9] = code;
  record.write(text, 10, 6, 'latin1');
  return record;
}

export function annotationSeeds(): Seed[] {
  const beats = Array.from({ length: 30 }, (_, i) => annotation(i * 290, i % 7 ? 'N' : 'V'));
  const rich = [
    annotation(0, '+', { text: '(N' }),
    annotation(77, 'N', { channel: 1, number: -3 }),
    annotation(50, 'A', { subtype: 5, text: 'µV, out of order' }),
    annotation(5000, '~', { subtype: -1 }),
    annotation(9000, '[', { channel: 255 }),
    annotation(2 ** 33, ']', { number: 127, text: 'x'.repeat(255) }),
    annotation(-20, '"', { text: 'before the start' }),
  ];
  const types = [
    { code: 42, symbol: 'PVE', description: 'a type of its own' },
    { code: 1, symbol: '§', description: '' },
  ];
  const resolution = encodeAnnotations(
    [annotation(0, '"', { text: '## time resolution: 720' }), ...beats],
    'R.atr',
  ).slice();
  const tape = Buffer.concat([
    aha('N', 100, 1, 0, 1, ''),
    aha('V', 70000, 2, 0, 5, 'PVC'),
    aha('U', 90000, 3, -1, 14, ''),
    aha('[', 99999, 4, 0, 32, ''),
    aha('O', 120000, 5, 3, 22, 'a note'),
    Buffer.alloc(16, 0xff),
  ]);
  const files: [string, Uint8Array][] = [
    ['beats', encodeAnnotations(beats, 'R.atr')],
    ['everything', encodeAnnotations(rich, 'R.atr')],
    [
      'types',
      encodeAnnotations([...rich, annotation(2 ** 34, 'PVE'), annotation(2 ** 34, '§')], 'R.atr', types),
    ],
    // The encoder sets such a note off from notes about the file, with a step and a null annotation of 8 bytes.
    ['resolution', resolution],
    ['resolution that is meant', resolutionNote(beats)],
    ['AHA', tape],
  ];
  return files.map(([title, bytes]) => ({
    kind: 'annotations',
    title,
    files: { 'R.atr': bytes },
    name: 'R.atr',
    targets: ['R.atr'],
  }));
}

/** Word by word: code 22 at time 0, and its text. */
function resolutionNote(beats: readonly Annotation[]): Uint8Array {
  const text = '## time resolution: 720 ';
  const head = Buffer.from([0, 22 << 2, text.length, 63 << 2]);
  return Buffer.concat([head, Buffer.from(text), encodeAnnotations(beats.slice(1), 'R.atr')]);
}
