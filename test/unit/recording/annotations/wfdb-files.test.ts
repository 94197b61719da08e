import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, it } from 'node:test';
import type { Annotation } from '../../../../src/recording/annotation.ts';
import { isBeat } from '../../../../src/recording/annotations/beats.ts';
import { decodeAnnotations } from '../../../../src/recording/annotations/decode.ts';
import { encodeAnnotations } from '../../../../src/recording/annotations/encode.ts';
import { flutter, noise, rhythms } from '../../../../src/recording/annotations/episodes.ts';
import { dataFolder, needsData } from '../../../require.ts';

const mitdbFrames = 650_000;

function bytesOf(file: string): Uint8Array {
  return fs.readFileSync(path.join(dataFolder, file));
}

function read(file: string): Annotation[] {
  return decodeAnnotations(bytesOf(file), file, 360).annotations;
}

function annotationFiles(): string[] {
  return fs
    .readdirSync(dataFolder, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(atr|qrs)$/.test(file))
    .sort();
}

/** Of all annotations and of beats, as the MIT-BIH Arrhythmia Database Directory counts them (tables "Beats"). */
const counts: Record<string, [all: number, beats: number]> = {
  100: [2274, 2273],
  101: [1874, 1865],
  103: [2091, 2084],
  106: [2098, 2027],
  114: [1890, 1879],
  119: [2094, 1987],
  201: [2039, 1963],
  203: [3108, 2980],
  205: [2672, 2656],
  207: [2385, 1860],
  208: [3040, 2955],
  210: [2685, 2650],
  217: [2280, 2208],
  219: [2312, 2154],
  222: [2634, 2483],
  231: [2011, 1571],
};

describe('annotation files by WFDB', () => {
  it('of the MIT-BIH database have the published number of annotations and beats', needsData, () => {
    for (const [record, [all, beats]] of Object.entries(counts)) {
      const annotations = read(`mitdb/${record}.atr`);
      assert.deepEqual(
        [record, annotations.length, annotations.filter(({ symbol }) => isBeat(symbol)).length],
        [record, all, beats],
      );
    }
  });

  it('give beat types, rhythm and place of the first annotations of record 100', needsData, () => {
    const annotations = read('mitdb/100.atr');
    assert.deepEqual(annotations[0], {
      sample: 18,
      symbol: '+',
      subtype: 0,
      channel: 0,
      number: 0,
      text: '(N',
      duration: 0,
    });
    assert.deepEqual(
      annotations.slice(1, 9).map(({ sample, symbol }) => `${sample} ${symbol}`),
      ['77 N', '370 N', '662 N', '946 N', '1231 N', '1515 N', '1809 N', '2044 A'],
    );
    const count = (symbol: string): number => annotations.filter((a) => a.symbol === symbol).length;
    assert.deepEqual([count('N'), count('A'), count('V')], [2239, 33, 1]);
    assert.deepEqual(bytesOf('wfdb-formats/100.atr'), bytesOf('mitdb/100.atr'));
  });

  it('give the numbers and the note of what gqrs found', needsData, () => {
    const [note, first, second, third] = read('wfdb-formats/100.qrs');
    assert.deepEqual([note.sample, note.symbol, note.text], [0, '"', 'gqrs -r 100']);
    assert.deepEqual([first.sample, first.number], [64, 100]);
    assert.deepEqual([second.sample, second.number], [64 + 0x125, 127]);
    assert.deepEqual(third.number, 126);
  });

  it('read back as they are when they are written again', needsData, () => {
    const files = annotationFiles();
    assert.ok(files.length >= 23, files.join(' '));
    for (const file of files) {
      const decoded = decodeAnnotations(bytesOf(file), file, 360);
      const encoded = encodeAnnotations(decoded.annotations, file, decoded.types);
      assert.deepEqual(decodeAnnotations(encoded, file, 360), decoded, file);
    }
  });

  it(
    'are the same bytes when they are written again, but for the NULs that older ones count as text',
    needsData,
    () => {
      const unchanged: string[] = [];
      for (const file of annotationFiles()) {
        const bytes = bytesOf(file);
        const encoded = encodeAnnotations(decodeAnnotations(bytes, file, 360).annotations, file);
        assert.deepEqual(Buffer.from(encoded), withoutCountedNuls(bytes), file);
        if (Buffer.from(encoded).equals(bytes)) unchanged.push(file);
      }
      assert.equal(unchanged.filter((file) => file.startsWith('cpsc2021')).length, 5);
    },
  );

  it('show the rhythms, the flutter and the noise of records that have them', needsData, () => {
    const annotations = read('mitdb/207.atr');
    const episodes = flutter(annotations, mitdbFrames);
    assert.deepEqual(episodes[0], { start: 14665, end: 18350 });
    assert.equal(episodes.length, 6);
    const waves = annotations.filter(({ symbol }) => symbol === '!');
    assert.equal(waves.length, 472);
    assert.ok(
      waves.every(({ sample }) => episodes.some(({ start, end }) => sample >= start && sample <= end)),
    );

    const named = rhythms(annotations, mitdbFrames);
    assert.deepEqual(named[3], { start: 14689, end: 18396, rhythm: 'VFL' });
    assert.deepEqual([...new Set(named.map(({ rhythm }) => rhythm))], ['B', 'VT', 'N', 'VFL', 'IVR', 'SVTA']);
    assert.equal(named.at(-1)?.end, mitdbFrames);

    const noisy = noise(read('mitdb/203.atr'), mitdbFrames);
    assert.deepEqual(noisy[0], { start: 24, end: 3584, noisy: [0], unreadable: [] });
    assert.deepEqual(
      noisy.filter(({ unreadable }) => unreadable === 'all'),
      [{ start: 199185, end: 199777, noisy: [], unreadable: 'all' }],
    );
    assert.deepEqual(
      rhythms(read('cpsc2021/data_101_6.atr'), 1e6)
        .map(({ rhythm }) => rhythm)
        .slice(0, 2),
      ['AFIB', 'N'],
    );
  });
});

/** Older files have C's NUL at the end of a text in its length; the words of an MIT file without them. */
function withoutCountedNuls(bytes: Uint8Array): Buffer {
  const words: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const code = bytes[at + 1] >> 2;
    const length = code === 63 ? bytes[at] + (bytes[at] & 1) : code === 59 ? 4 : 0;
    const body = Buffer.from(bytes.subarray(at + 2, at + 2 + length));
    if (code === 63) {
      const text = body.toString('latin1').replace(/\0+$/, '');
      words.push(Buffer.from([text.length, 63 << 2]), Buffer.from(text, 'latin1'));
      if (text.length & 1) words.push(Buffer.alloc(1));
    } else {
      words.push(Buffer.from(bytes.subarray(at, at + 2)), body);
    }
    at += 2 + length;
  }
  return Buffer.concat(words);
}
