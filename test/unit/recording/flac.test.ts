import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, it } from 'node:test';
import { UserError } from '../../../src/common/errors.ts';
import { RandomStream } from '../../../src/common/random.ts';
import { DiskFile, MemoryFile, type ByteFile } from '../../../src/recording/byte-file.ts';
import { FlacStream } from '../../../src/recording/flac/flac-stream.ts';
import { openWfdb } from '../../../src/recording/wfdb/record.ts';
import { memorySource } from '../../fixtures/memory-source.ts';
import { dataFolder, needsData } from '../../require.ts';
import { encodeFrame, encodeStream, type Subframe } from './flac-encoder.ts';
import { survivesDamage } from './hostile.ts';

function stream(bytes: Uint8Array): FlacStream {
  return new FlacStream(new MemoryFile('x.flac', bytes));
}

/** One channel, one frame. */
function oneFrame(samples: readonly number[], width: number, how: Subframe): FlacStream {
  const frame = encodeFrame([{ samples, width, how }], { number: 0 });
  const options = { channels: 1, bits: width, blockSize: samples.length, samples: samples.length };
  return stream(encodeStream([frame], options));
}

function wave(length: number, amplitude: number): number[] {
  return Array.from({ length }, (_, i) => Math.trunc(amplitude * Math.sin(i / 3) - ((i * 7919) % 13)) | 0);
}

const top = 2 ** 23 - 1;

describe('a FLAC subframe', () => {
  const kinds: [string, number[], number, Subframe][] = [
    ['constant', new Array<number>(32).fill(-top - 1), 24, { kind: 'constant' }],
    ['verbatim, 24 bits', [top, -top - 1, 0, -1, ...wave(28, 1e6)], 24, { kind: 'verbatim' }],
    ['verbatim, 8 bits', [127, -128, 0, -1, ...wave(28, 100)], 8, { kind: 'verbatim' }],
    ...[0, 1, 2, 3, 4].map((order): [string, number[], number, Subframe] => [
      `fixed of order ${order}`,
      wave(32, 100),
      16,
      { kind: 'fixed', order, partitions: [3, 4] },
    ]),
    ['with no Rice bits', [0, 1, 0, -1, ...wave(28, 2)], 16, { kind: 'fixed', order: 0, partitions: [0] }],
    ['with a quotient longer than a word', [900, ...wave(31, 40)], 16, { kind: 'fixed', partitions: [0] }],
    [
      'with an escaped partition, one of zeros, and Rice ones',
      [...wave(8, 1000), ...new Array<number>(8).fill(0), ...wave(16, 20)],
      16,
      { kind: 'fixed', order: 0, partitions: [{ raw: 12 }, { raw: 0 }, 3, 4] },
    ],
    ['with wide parameters', wave(32, 4e6), 24, { kind: 'fixed', partitions: [20, { raw: 24 }], wide: true }],
    [
      'linear of order 2',
      wave(32, 9000),
      16,
      { kind: 'linear', order: 2, coefficients: [7000, -4000], shift: 12, partitions: [9] },
    ],
    [
      'linear of order 32 whose sums exceed 32 bits',
      wave(64, top - 20),
      24,
      {
        kind: 'linear',
        order: 32,
        coefficients: Array.from({ length: 32 }, (_, i) => (i % 2 ? 16383 : -16384)),
        shift: 14,
        partitions: [{ raw: 31 }],
        wide: true,
      },
    ],
    ['with wasted bits', wave(32, 60).map((v) => v * 32), 16, { kind: 'verbatim', wasted: 5 }],
    ['linear with a wasted bit', wave(32, 60).map((v) => v * 2), 16, { kind: 'fixed', order: 1, wasted: 1 }],
  ];
  for (const [name, samples, width, how] of kinds) {
    it(`${name} is decoded exactly`, () => {
      assert.deepEqual([...oneFrame(samples, width, how).read(0, samples.length)[0]], samples);
    });
  }
});

describe('FLAC stereo', () => {
  const left = [5, -6, 7, top, -top - 1, ...wave(27, 5000)];
  const right = [4, -6, -8, -top - 1, top, ...wave(27, 4000)];
  const side = left.map((l, i) => l - right[i]);
  const mid = left.map((l, i) => (l + right[i]) >> 1);
  const how: Subframe = { kind: 'verbatim' };
  const of = (samples: number[], width = 24) => ({ samples, width, how });
  const pairs = [
    ['independent', 1, [of(left), of(right)]],
    ['left/side', 8, [of(left), of(side, 25)]],
    ['side/right', 9, [of(side, 25), of(right)]],
    ['mid/side', 10, [of(mid), of(side, 25)]],
  ] as const;
  for (const [name, assignment, channels] of pairs) {
    it(`${name} gives both channels back exactly`, () => {
      const frame = encodeFrame(channels, { number: 0, assignment });
      const bytes = encodeStream([frame], { channels: 2, bits: 24, blockSize: 32, samples: 32 });
      assert.deepEqual(
        stream(bytes)
          .read(0, 32)
          .map((c) => [...c]),
        [left, right],
      );
    });
  }
});

/** Frames of 16 samples that count up, so that a sample says where it is. */
function counting(frames: number, variable: boolean, samples = frames * 16): Uint8Array {
  const encoded = Array.from({ length: frames }, (_, f) => {
    const values = Array.from({ length: 16 }, (_, i) => f * 16 + i);
    const how: Subframe = { kind: f % 3 ? 'verbatim' : 'fixed', order: f % 3 ? 0 : 2 };
    const channels = [0, 1, 2].map((c) => ({ samples: values.map((v) => v + c * 1000), width: 20, how }));
    return encodeFrame(channels, { number: variable ? f * 16 : f, variable });
  });
  return encodeStream(encoded, { channels: 3, bits: 20, blockSize: 16, samples, padding: 9 });
}

/** Counts the bytes that are read. */
function counted(bytes: Uint8Array): { file: ByteFile; read: () => number } {
  let sum = 0;
  const memory = new MemoryFile('x.flac', bytes);
  const read = (offset: number, length: number): Uint8Array => {
    const some = memory.read(offset, length);
    sum += some.length;
    return some;
  };
  return { file: { location: 'x.flac', size: bytes.length, read, close() {} }, read: () => sum };
}

describe('a FLAC stream', () => {
  for (const variable of [false, true]) {
    it(`with ${variable ? 'numbered samples' : 'numbered frames'} is read by range in any order`, () => {
      const flac = stream(counting(3000, variable));
      const random = new RandomStream(3, 'ranges');
      for (let i = 0; i < 200; i++) {
        const start = random.integer(flac.samples);
        const end = Math.min(flac.samples, start + random.integer(100));
        const expected = Array.from({ length: end - start }, (_, k) => start + k);
        const [first, , third] = flac.read(start, end);
        assert.deepEqual([...first], expected);
        assert.deepEqual(
          [...third],
          expected.map((v) => v + 2000),
        );
      }
    });

    it(`with ${variable ? 'numbered samples' : 'numbered frames'} and no length is counted`, () => {
      const flac = stream(counting(50, variable, 0));
      assert.equal(flac.samples, 800);
      assert.equal(flac.read(799, 800)[1][0], 1799);
    });
  }

  it('is not read as a whole for a range at its end', () => {
    const bytes = counting(20_000, false);
    const { file, read } = counted(bytes);
    const [first] = new FlacStream(file).read(310_000, 310_010);
    assert.equal(first[0], 310_000);
    assert.ok(bytes.length > 2_000_000 && read() < bytes.length / 2, `${read()} of ${bytes.length} bytes`);
  });

  it('refuses a range outside of it', () => {
    const flac = stream(counting(2, false));
    assert.throws(() => flac.read(0, 33), RangeError);
    assert.throws(() => flac.read(-1, 3), RangeError);
  });
});

describe('a damaged FLAC file', () => {
  it('with a changed sample is refused by the CRC of its frame; other frames are read', () => {
    const bytes = counting(10, false);
    bytes[bytes.length - 20] ^= 4;
    const flac = stream(bytes);
    assert.equal(flac.read(0, 100)[0][99], 99);
    assert.throws(
      () => flac.read(0, 160),
      (e) => e instanceof UserError && e.place.file === 'x.flac' && /sample 144, .*CRC-16/.test(e.message),
    );
  });

  it('that announces more samples than its bytes can hold is refused before anything is allocated', () => {
    assert.throws(() => stream(counting(2, false, 2 ** 35)), /announces 34359738368 samples/);
  });

  it('of no length that is cut off is refused', () => {
    const bytes = counting(5, false, 0);
    assert.throws(() => stream(bytes.subarray(0, bytes.length - 3)), /does not end with a whole frame/);
  });

  it('that is no FLAC file, or of 32 bits, is refused by field', () => {
    assert.throws(() => stream(Buffer.from('RIFF')), /fLaC/);
    const options = { channels: 1, bits: 32, blockSize: 16, samples: 16 };
    assert.throws(() => stream(encodeStream([], options)), /32 bits a sample/);
  });

  it('never ends in anything but samples or a UserError', () => {
    const read = (file: ByteFile): void => {
      const flac = new FlacStream(file);
      flac.read(0, Math.min(flac.samples, 1000));
      flac.read(Math.max(0, flac.samples - 1000), flac.samples);
    };
    survivesDamage(counting(8, false), 2000, read);
    survivesDamage(counting(8, true, 0), 2000, read);
  });
});

describe('FLAC files of WFDB', () => {
  const folder = path.join(dataFolder, 'wfdb-formats');
  for (const [file, bits, first, step] of [
    ['flacformats.d0', 8, -127, 14],
    ['flacformats.d1', 16, -32766, 524],
    ['flacformats.d2', 24, -8388605, 65804],
  ] as const) {
    it(`format ${500 + bits}: ${file} is its ramp and has the MD5 that STREAMINFO gives`, needsData, () => {
      const flac = new FlacStream(new DiskFile(path.join(folder, file)));
      assert.deepEqual([flac.channels, flac.bitsPerSample, flac.samples], [1, bits, 499]);
      const [samples] = flac.read(0, 499);
      assert.deepEqual([...samples.subarray(0, 3)], [first, first + step, first + 2 * step]);
      const md5 = createHash('md5');
      for (const sample of samples) {
        const bytes = Buffer.alloc(4);
        bytes.writeInt32LE(sample);
        md5.update(bytes.subarray(0, bits / 8));
      }
      const head = fs.readFileSync(path.join(folder, file)).subarray(26, 42);
      assert.equal(md5.digest('hex'), head.toString('hex'));
    });
  }

  it('whose skew is longer than the signal end in samples that are missing', () => {
    const frame = encodeFrame([{ samples: wave(16, 90), width: 16, how: { kind: 'verbatim' } }], {
      number: 0,
    });
    const flac = encodeStream([frame], { channels: 1, bits: 16, blockSize: 16, samples: 16 });
    const read = (skew: number): number[] => {
      const files = { 'R.hea': `R 1 250 16\nR.flac 516:${skew} 1\n`, 'R.flac': flac };
      return [...openWfdb(memorySource(files), 'R').read(0, 14, 16)];
    };
    const [first, second] = wave(16, 90).slice(14);
    assert.deepEqual([0, 1, 2, 3, 1000].map(read), [
      [first, second],
      [second, NaN],
      [NaN, NaN],
      [NaN, NaN],
      [NaN, NaN],
    ]);
  });

  it('format 516 holds the same ramp as format 16', needsData, () => {
    const [samples] = new FlacStream(new DiskFile(path.join(folder, 'flacformats.d1'))).read(0, 499);
    const plain = fs.readFileSync(path.join(folder, 'binformats.d1'));
    assert.deepEqual([...samples], [...new Int16Array(new Uint8Array(plain).buffer)]);
  });
});
