import { RandomStream } from '../../src/common/random.ts';
import { encodeAnnotations } from '../../src/recording/annotations/encode.ts';
import { crc16, crc8 } from '../../src/recording/flac/crc.ts';
import { encodeMatlab4 } from '../../src/recording/matlab/matlab4.ts';
import { storageFormats } from '../../src/recording/wfdb/storage-formats.ts';
import { encodeFrame, encodeStream, type Subframe } from '../unit/recording/flac-encoder.ts';
import { annotation } from './corpus-annotations.ts';
import type { Seed } from './seed.ts';

/** Any bytes are samples of the packed formats. */
export function noise(count: number, purpose: string): Uint8Array {
  const random = new RandomStream(1, purpose);
  return Uint8Array.from({ length: count }, () => random.integer(256));
}

const text = (...lines: string[]): Uint8Array => Buffer.from(`${lines.join('\n')}\n`, 'latin1');

function packed(format: number, samples: number): Uint8Array {
  return noise(storageFormats.get(format)!.bytes(samples), `format ${format}`);
}

/** The checksum of a header for samples of format 16. */
function sum16(data: Uint8Array, every: number, first: number): number {
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  let sum = 0;
  for (let i = first; 2 * i < data.length; i += every) sum = ((sum + view.getInt16(2 * i, true)) << 16) >> 16;
  return sum;
}

export function wfdbSeeds(): Seed[] {
  const seeds: Seed[] = [];
  const add = (title: string, header: Uint8Array, signals: Record<string, Uint8Array>): void => {
    const targets = ['R.hea', 'R.hea', ...Object.keys(signals)];
    seeds.push({ kind: 'wfdb', title, files: { 'R.hea': header, ...signals }, name: 'R.hea', targets });
  };
  for (const format of storageFormats.keys()) {
    const line = (name: string, at: number): string =>
      `R.dat ${format} 200(${at})/mV 12 0 ${at} 77 0 ${name}`;
    add(`format ${format}`, text('R 2 360 100', line('MLII', 5), line('V5', -3), '# 69 M'), {
      'R.dat': packed(format, 200),
    });
  }
  const two = packed(16, 200);
  const checked = [0, 1].map((s) => `R.dat 16 1000/uV 16 0 0 ${sum16(two, 2, s)} 0 lead ${s}`);
  add('checksums', text('R 2 250/125(3) 100 12:30:00 1/2/2003', ...checked), { 'R.dat': two });
  add(
    'rates and skew',
    text('R 3 128 40 0:0', 'R.dat 212x2:3+7 100 12', 'R.dat 212:1 100', 'R.dat 212x4:2 1e2(-5)/mmHg 10 3'),
    { 'R.dat': noise(7 + 1.5 * 40 * 7, 'offset') },
  );
  add('no length, two files', text('R 3', 'a.dat 80', 'b.dat 310', 'b.dat 310', '# <age>: 5'), {
    'a.dat': packed(80, 61),
    'b.dat': packed(310, 122),
  });
  add('not stored', text('R 3 500 100', '~ 0 200/mV', 'x 0 200/mV 0 0 0 77 0 absent', 'R.dat 16'), {
    'R.dat': packed(16, 100),
  });
  const row = Int16Array.from(noise(200, 'matlab'), (v) => v * 50);
  add('MATLAB file', text('R 1 300 200', 'R.mat 16+24 1000/mV 16 0 0 5 0 ECG'), {
    'R.mat': encodeMatlab4('val', row),
  });
  add('MATLAB file without offset', text('R 1 300', 'R.mat 16 1000/mV'), {
    'R.mat': encodeMatlab4('val', row),
  });
  // More than a block of samples.
  add('differences over two blocks', text('R 1 1000', 'R.dat 8 200 8 0 7'), { 'R.dat': packed(8, 70_000) });
  add('annotated', text('R 1 250 50', 'R.dat 16'), {
    'R.dat': packed(16, 50),
    'R.atr': encodeAnnotations([annotation(3), annotation(40, 'V')], 'R.atr'),
  });
  return seeds;
}

export function segmentSeeds(): Seed[] {
  const files = {
    'a.hea': text('a 2 250 30', 'a.dat 16 100/mV 16 0 0 0 0 I', 'a.dat 16 200/mV 16 0 0 0 0 II'),
    'a.dat': packed(16, 60),
    'b.hea': text('b 2 250 20', 'b.dat 16 100/mV 16 0 0 0 0 I', 'b.dat 16 200/mV 16 0 0 0 0 II'),
    'b.dat': packed(16, 40),
    'layout.hea': text(
      'layout 3 250 0',
      '~ 0 1/mV 0 0 0 0 0 II',
      '~ 0 1/mV 0 0 0 0 0 I',
      '~ 0 1/mV 0 0 0 0 0 V',
    ),
    'c.hea': text('c 1 250 20', 'c.dat 212 50/mV 12 0 0 0 0 V'),
    'c.dat': packed(212, 20),
  };
  const fixed = text('R/3 2 250 60', 'a 30', '~ 10', 'b 20', '# two parts');
  const variable = text('R/5 3 250 80', 'layout 0', 'a 30', '~ 10', 'b 20', 'c 20');
  const all = Object.keys(files);
  return [
    ['fixed layout', fixed],
    ['variable layout', variable],
    ['no length', text('R/2 2 250', 'a 30', 'b 20')],
    ['the same segment many times', text('R/40 2 250 1200', ...Array<string>(40).fill('a 30'))],
  ].map(([title, header]) => ({
    kind: 'segments',
    title: title as string,
    files: { 'R.hea': header as Uint8Array, ...files },
    name: 'R.hea',
    targets: ['R.hea', 'R.hea', 'R.hea', ...all],
  }));
}

function wave(count: number, size: number): number[] {
  return Array.from({ length: count }, (_, i) => Math.round(size * Math.sin(i / 5) + ((i * 7) % 5)));
}

/** The CRCs of a frame whose header has 8 bytes, as those of the corpus have. */
function sealFrame(frame: Uint8Array): Uint8Array {
  if (frame.length < 11) return frame;
  const sealed = Uint8Array.from(frame);
  sealed[7] = crc8(sealed, 0, 7);
  const end = sealed.length - 2;
  const crc = crc16(sealed, 0, end);
  sealed.set([crc >> 8, crc & 0xff], end);
  return sealed;
}

const ways: readonly Subframe[] = [
  { kind: 'verbatim' },
  ...[0, 1, 2, 3, 4].map((order): Subframe => ({ kind: 'fixed', order, partitions: [5, { raw: 20 }] })),
  { kind: 'linear', order: 3, coefficients: [3000, -2000, 500], shift: 11, partitions: [6, 6, 6, 6] },
  { kind: 'fixed', order: 0, wasted: 1, partitions: [9], wide: true },
];

export function flacSeeds(): Seed[] {
  const seeds: Seed[] = [];
  for (const [format, bits, size] of [
    [508, 8, 50],
    [516, 16, 3000],
    [524, 24, 9000],
  ]) {
    for (const [w, how] of ways.entries()) {
      const even = how.wasted ? 2 : 1;
      const channel = (k: number) => ({
        samples: wave(64, size / (k + 1) / even).map((v) => v * even),
        width: bits,
        how,
      });
      const frames = [0, 1, 2].map((number) => encodeFrame([channel(0), channel(1)], { number }));
      const options = { channels: 2, bits, blockSize: 64, samples: w % 3 ? 192 : 0 };
      const header = text(
        `R 2 500 ${w % 2 ? 192 : 0}`,
        `R.flac ${format}:2 200/mV`,
        `R.flac ${format} 200/mV`,
      );
      const base: Pick<Seed, 'kind' | 'name' | 'targets'> = {
        kind: 'flac',
        name: 'R.hea',
        targets: ['R.flac', 'R.flac', 'R.hea'],
      };
      const stream = encodeStream(frames, options);
      seeds.push({
        ...base,
        title: `format ${format}, ${how.kind}`,
        files: { 'R.hea': header, 'R.flac': stream },
      });
      const start = stream.length - frames[2].length;
      seeds.push({
        ...base,
        title: `format ${format}, ${how.kind}, CRCs right`,
        files: { 'R.hea': header, 'R.flac': stream },
        targets: ['R.flac'],
        // The last frame is damaged with the rest, and then says that it is whole.
        seal: (bytes) => Buffer.concat([bytes.subarray(0, start), sealFrame(bytes.subarray(start))]),
      });
    }
  }
  // Long enough for a frame to be searched.
  const block = { samples: wave(1024, 9000), width: 16, how: { kind: 'verbatim' } as const };
  const frames = Array.from({ length: 24 }, (_, number) => encodeFrame([block], { number }));
  seeds.push({
    kind: 'flac',
    title: 'long',
    files: {
      'R.hea': text(`R 1 500 ${24 * 1024}`, 'R.flac 516 200/mV 16 0 0 5'),
      'R.flac': encodeStream(frames, { channels: 1, bits: 16, blockSize: 1024, samples: 24 * 1024 }),
    },
    name: 'R.hea',
    targets: ['R.flac', 'R.flac', 'R.hea'],
  });
  return seeds;
}
