import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { UserError } from '../../../../src/common/errors.ts';
import type { Annotation } from '../../../../src/recording/annotation.ts';
import { beatClass, isBeat } from '../../../../src/recording/annotations/beats.ts';
import { decodeAnnotations } from '../../../../src/recording/annotations/decode.ts';
import { encodeAnnotations } from '../../../../src/recording/annotations/encode.ts';
import { flutter, noise, rhythms } from '../../../../src/recording/annotations/episodes.ts';
import { codeOf, symbolOf, type AnnotationType } from '../../../../src/recording/annotations/symbols.ts';

function annotation(sample: number, symbol = 'N', more: Partial<Annotation> = {}): Annotation {
  return { sample, symbol, subtype: 0, channel: 0, number: 0, text: '', duration: 0, ...more };
}

function words(...values: (number | string)[]): Uint8Array {
  return Buffer.concat(
    values.map((value) =>
      typeof value === 'string' ? Buffer.from(value, 'latin1') : Buffer.from([value & 0xff, value >> 8]),
    ),
  );
}

const word = (code: number, data: number): number => (code << 10) | data;

function again(annotations: readonly Annotation[], types: readonly AnnotationType[] = []): void {
  const bytes = encodeAnnotations(annotations, 'x.atr', types);
  assert.deepEqual(decodeAnnotations(bytes, 'x.atr', 360), { annotations, types });
}

function refuses(bytes: Uint8Array, message: RegExp): void {
  assert.throws(
    () => decodeAnnotations(bytes, 'x.atr', 360),
    (error) => error instanceof UserError && error.place.file === 'x.atr' && message.test(error.message),
  );
}

/** Every code of ecgcodes.h, as its comments and rdann have them. */
const ecgcodes: [number, string][] = [
  ...[...'NLRaVFJASEj/Q~'].map((symbol, i): [number, string] => [i + 1, symbol]),
  [16, '|'],
  ...[...'sT*D"=pB^t+u?![]en@xf()r'].map((symbol, i): [number, string] => [i + 18, symbol]),
];

describe('annotations in MIT format', () => {
  it('have the symbols of ecgcodes.h, and [n] for codes without one', () => {
    assert.equal(ecgcodes.length, 39);
    for (const [code, symbol] of ecgcodes) {
      assert.equal(symbolOf(code), symbol);
      assert.equal(codeOf(symbol), code);
    }
    assert.deepEqual([symbolOf(15), symbolOf(17), symbolOf(42)], ['[15]', '[17]', '[42]']);
    assert.deepEqual(
      [codeOf('[42]'), codeOf('[59]'), codeOf('[0]'), codeOf('PP'), codeOf('')],
      [42, undefined, undefined, undefined, undefined],
    );
  });

  it('keep number and channel until they change, subtype and text for one annotation', () => {
    const bytes = words(
      ...[word(1, 10), word(61, 5), word(62, 1), word(60, 0x3fe), word(63, 3), 'abc\0'],
      ...[word(5, 20), word(1, 30), word(62, 0), word(60, 0), 0],
    );
    assert.deepEqual(decodeAnnotations(bytes, 'x', 360).annotations, [
      annotation(10, 'N', { subtype: 5, channel: 1, number: -2, text: 'abc' }),
      annotation(30, 'V', { channel: 1, number: -2 }),
      annotation(60, 'N'),
    ]);
  });

  it('have gaps as PDP-11 longs, high word first, one after the other and negative too', () => {
    const bytes = words(
      word(59, 0),
      1,
      2,
      word(59, 0),
      0xffff,
      0xffff,
      word(1, 3),
      word(59, 0),
      0,
      0x8000,
      word(1, 0),
      0,
    );
    assert.deepEqual(
      decodeAnnotations(bytes, 'x', 360).annotations.map(({ sample }) => sample),
      [0x10002 - 1 + 3, 0x10004 + 0x8000],
    );
  });

  it('read back as they were written', () => {
    again([]);
    again([
      annotation(0),
      annotation(1023),
      annotation(1024 + 1023),
      annotation(3071),
      annotation(2 ** 31 + 3071),
    ]);
    again([annotation(1e6), annotation(5), annotation(-7), annotation(2 ** 40), annotation(-(2 ** 40))]);
    again(ecgcodes.map(([, symbol], i) => annotation(i * 700, symbol)));
    for (const length of [1, 2, 254, 255])
      again([annotation(1, '"', { text: 'x'.repeat(length) }), annotation(2)]);
    again([
      annotation(1, '~', { subtype: -1, channel: 255, number: -128, text: '(AFIB' }),
      annotation(1, '[58]', { subtype: -128, channel: 255, number: 127 }),
      annotation(2, '=', { subtype: 127, text: 'größer 5 µV ≥ ü' }),
      annotation(2, '"', { text: 'Ã©' }),
    ]);
  });

  it('are written in the bytes that the guide has for them', () => {
    const bytes = encodeAnnotations(
      [annotation(5, 'V', { subtype: 2, channel: 1, number: 3, text: 'abc' }), annotation(0x12345)],
      'x',
    );
    const expected = words(
      ...[word(5, 5), word(61, 2), word(62, 1), word(60, 3), word(63, 3), 'abc\0'],
      ...[word(59, 0), 1, 0x2340, word(1, 0), word(62, 0), word(60, 0), 0],
    );
    assert.deepEqual(Buffer.from(bytes), Buffer.from(expected));
  });

  it('never begin like a file in AHA format', () => {
    for (const sample of [0, 256, 512, 768]) {
      for (const symbol of ['[17]', 'T', '*', 'D', 's']) again([annotation(sample, symbol)]);
    }
  });

  it('count time in ticks where the file says so, halves rounded up as WFDB does', () => {
    const text = '## time resolution: 1000';
    const bytes = words(word(22, 0), word(63, text.length), text, word(1, 25), word(1, 1000), word(1, 1), 0);
    const { annotations } = decodeAnnotations(bytes, 'x', 100);
    assert.deepEqual(
      annotations.map(({ sample }) => sample),
      [3, 103, 103],
    );
    for (const value of ['0', '-5', 'abc', '1e999', '']) {
      const wrong = `## time resolution: ${value}`;
      refuses(
        words(word(22, 0), word(63, wrong.length), wrong + (wrong.length & 1 ? '\0' : ''), word(1, 25), 0),
        /byte 0: the time resolution/,
      );
    }
    const tiny = '## time resolution: 1e-300';
    refuses(
      words(word(22, 0), word(63, tiny.length), tiny, word(1, 25), 0),
      /byte 30: 25 ticks of 1\/1e-300 s/,
    );
  });

  it('know the types that a file defines itself', () => {
    const types = [
      { code: 42, symbol: 'PP', description: 'peak of the pulse' },
      { code: 1, symbol: '\u00b5', description: '' },
    ];
    again(
      [
        annotation(0, '"', { text: 'a note' }),
        annotation(7, 'PP'),
        annotation(8, '\u00b5'),
        annotation(9, 'V'),
      ],
      types,
    );
    const start = '## annotation type definitions';
    refuses(
      words(word(22, 0), word(63, 30), start, word(22, 0), word(63, 4), '99 X', 0),
      /byte 34: `99 X` does not/,
    );
    refuses(
      words(word(22, 0), word(63, 30), start, word(22, 0), word(63, 4), 'note', 0),
      /byte 34: `note` does not/,
    );
  });

  it('keep notes at time 0 that only look as if they were about the file', () => {
    again([
      annotation(0, '"', { text: 'by hand' }),
      annotation(0, '"', { text: '## time resolution: 7' }),
      annotation(9),
    ]);
    again([
      annotation(0, '"', { text: '## annotation type definitions' }),
      annotation(0, '"', { text: 'x' }),
    ]);
    again([annotation(0, 'N'), annotation(0, '"', { text: '## time resolution: 7' })]);
  });

  it('are refused where the file is cut off or begins with nothing to add to, by file and byte', () => {
    refuses(new Uint8Array(0), /byte 0: the file ends where an annotation or the end mark should be/);
    refuses(words(word(1, 5)), /byte 2: the file ends where an annotation or the end mark/);
    refuses(Uint8Array.of(5, 4, 9), /byte 2: the file ends/);
    refuses(words(word(1, 5), word(59, 0), 1), /byte 4: the file ends where the time difference of a SKIP/);
    refuses(words(word(1, 5), word(63, 9), 'abcd'), /byte 4: the file ends where a text of 9 bytes/);
    for (const code of [60, 61, 62, 63]) refuses(words(word(code, 1), 0), /byte 0: code 6\d says something/);
    const skips = Array.from({ length: 600 }, () => [word(59, 0), 0x7fff, 0xffff]).flat();
    refuses(words(...skips, 0), /byte 3072: time \d+ is outside/);
  });

  it('are refused where they do not fit the format, by file and annotation', () => {
    const refused = (bad: Annotation, message: RegExp): void => {
      assert.throws(
        () => encodeAnnotations([annotation(1), bad], 'out.atr'),
        (error) =>
          error instanceof UserError && error.place.file === 'out.atr' && message.test(error.message),
      );
    };
    refused(annotation(1, 'PP'), /annotation 2 \(`PP` at frame 1\): WFDB has no code/);
    refused(annotation(1.5), /no frame/);
    refused(annotation(NaN), /no frame/);
    refused(annotation(2 ** 41), /no frame/);
    refused(annotation(1, 'N', { subtype: 128 }), /subtype 128/);
    refused(annotation(1, 'N', { channel: -1 }), /channel -1/);
    refused(annotation(1, 'N', { number: -129 }), /number -129/);
    refused(annotation(1, 'N', { text: 'ü'.repeat(200) + '≥' }), /403 bytes long, at most 255/);
    assert.throws(() => encodeAnnotations([], 'x', [{ code: 59, symbol: 'a', description: '' }]), UserError);
    assert.throws(() => encodeAnnotations([], 'x', [{ code: 5, symbol: 'a b', description: '' }]), UserError);
  });

  it('of any bytes are read or refused, and what was read is read again after writing', () => {
    let state = 1;
    const random = (below: number): number => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
    let read = 0;
    for (let round = 0; round < 3000; round++) {
      const bytes = new Uint8Array(random(60));
      for (let i = 0; i < bytes.length; i++) bytes[i] = random(256);
      // Mostly high bytes that mean something: notes, pseudo-annotations, AHA's letters.
      for (let i = 1; i < bytes.length; i += 2)
        bytes[i] = random(3) ? [0x58, 0xec, 0xfc, 0xf0, 4, 0x4e][random(6)] : bytes[i];
      if (random(2)) bytes.fill(0, Math.max(0, bytes.length - 1 - random(4)));
      try {
        const file = decodeAnnotations(bytes, 'x', 360);
        read++;
        assert.deepEqual(
          decodeAnnotations(encodeAnnotations(file.annotations, 'x', file.types), 'x', 360),
          file,
        );
      } catch (error) {
        assert.ok(error instanceof UserError, String(error));
      }
    }
    assert.ok(read >= 200, String(read));
  });
});

describe('annotations in AHA format', () => {
  const record = (letter: string, time: number, rest: number[] | string = []): Buffer => {
    const bytes = Buffer.alloc(16);
    bytes[1] = letter.charCodeAt(0);
    bytes.writeUInt16LE(time >> 16, 2);
    bytes.writeUInt16LE(time & 0xffff, 4);
    bytes.writeUInt16LE(1, 6);
    Buffer.from(rest as number[]).copy(bytes, 8);
    return bytes;
  };
  const end = Buffer.alloc(64, 0xff);

  it('are told by their first two bytes, and have the symbols of ecgmap.h', () => {
    const letters = [...'NVFREPQOU[]'];
    const bytes = Buffer.concat([...letters.map((letter, i) => record(letter, 70_000 * i)), end]);
    const { annotations } = decodeAnnotations(bytes, 'x.ann', 250);
    assert.equal(annotations.map(({ symbol }) => symbol).join(''), 'NVFrE/Q"~[]');
    assert.deepEqual(
      annotations.map(({ sample }) => sample),
      letters.map((_, i) => 70_000 * i),
    );
    assert.equal(annotations[8].subtype, -1);
  });

  it('have subtype, MIT code and text where WFDB wrote them, and nothing where the tape has other bytes there', () => {
    const bytes = Buffer.concat([
      record('N', 1, [3, 2]),
      record('O', 2, [0, 28, ...Buffer.from('(AFIB')]),
      record('O', 3, [1, 14]),
      record('V', 4, [77, 99, 1, 2, 3]),
      record('N', 5, [0, 5]),
      end,
    ]);
    assert.deepEqual(decodeAnnotations(bytes, 'x', 250).annotations, [
      annotation(1, 'L', { subtype: 3 }),
      annotation(2, '+', { text: '(AFIB' }),
      annotation(3, '~', { subtype: 1 }),
      annotation(4, 'V'),
      annotation(5, 'N'),
    ]);
  });

  it('are refused where a record is cut off or has a letter that is none of AHA', () => {
    refuses(
      Buffer.concat([record('N', 1), record('V', 2).subarray(0, 9)]),
      /byte 24: the file ends where the second half/,
    );
    refuses(Buffer.concat([record('N', 1), record('X', 2)]), /byte 17: `X` is no annotation code/);
    assert.equal(decodeAnnotations(record('N', 1), 'x', 250).annotations.length, 1);
  });
});

describe('groups of annotations', () => {
  it('are the five classes of beats, and nothing else is a beat', () => {
    const of = (name: string): string =>
      ecgcodes
        .map(([, s]) => s)
        .filter((s) => beatClass(s) === name)
        .join('');
    assert.deepEqual(['N', 'S', 'V', 'F', 'Q'].map(of), ['NLRjBen', 'aJAS', 'VEr', 'F', '/Q?f']);
    assert.equal(ecgcodes.filter(([, symbol]) => isBeat(symbol)).length, 19);
    for (const symbol of ['+', '~', '!', '[', '|', '"', 'x', 'p', '^', '[42]'])
      assert.equal(isBeat(symbol), false, symbol);
  });

  it('are rhythms up to the next one, within the recording, the same twice being one', () => {
    const changes = [
      annotation(900, '+', { text: '(VT' }),
      annotation(100, '+', { text: '(N' }),
      annotation(300, '+', { text: '(AFIB' }),
      annotation(500, '+', { text: '(AFIB' }),
      annotation(2000, '+', { text: '(N' }),
      annotation(400, 'N'),
    ];
    assert.deepEqual(rhythms(changes, 1000), [
      { start: 100, end: 300, rhythm: 'N' },
      { start: 300, end: 900, rhythm: 'AFIB' },
      { start: 900, end: 1000, rhythm: 'VT' },
    ]);
    assert.deepEqual(rhythms([annotation(-5, '+', { text: '(N' })], 10), [
      { start: 0, end: 10, rhythm: 'N' },
    ]);
    assert.deepEqual(rhythms([annotation(5)], 10), []);
  });

  it('are noise by its bits for each lead, and flutter without an end up to the end', () => {
    const changes = [
      annotation(10, '~', { subtype: 0b0010 }),
      annotation(20, '~', { subtype: 0b0001_0011 }),
      annotation(30, '~', { subtype: -1 }),
      annotation(40, '~'),
    ];
    assert.deepEqual(noise(changes, 100), [
      { start: 10, end: 20, noisy: [1], unreadable: [] },
      { start: 20, end: 30, noisy: [0, 1], unreadable: [0] },
      { start: 30, end: 40, noisy: [], unreadable: 'all' },
    ]);
    assert.deepEqual(
      flutter([annotation(3, ']'), annotation(10, '['), annotation(20, ']'), annotation(90, '[')], 100),
      [
        { start: 10, end: 20 },
        { start: 90, end: 100 },
      ],
    );
  });
});
