import assert from 'node:assert/strict';
import * as path from 'node:path';
import { describe, it } from 'node:test';
import { UserError } from '../../../src/common/errors.ts';
import { DiskFile, MemoryFile, type ByteFile } from '../../../src/recording/byte-file.ts';
import { MissingFactError, type Facts } from '../../../src/recording/facts.ts';
import { encodeMatlab4 } from '../../../src/recording/matlab/matlab4.ts';
import { matrixPlace, openMatlab } from '../../../src/recording/matlab/matlab-recording.ts';
import type { Recording } from '../../../src/recording/recording.ts';
import { dataFolder, needsData } from '../../require.ts';
import { readEnds, survivesDamage } from './hostile.ts';
import { array5, level4, level5, matrix5, struct5, text5, type Matrix } from './matlab-encoder.ts';

function open(bytes: Uint8Array, facts: Facts = { rate: 300, units: 'mV' }): Recording {
  return openMatlab(new MemoryFile('x.mat', bytes), 'x', facts);
}

function all(recording: Recording): number[][] {
  return recording.leads.map((_, lead) => [...recording.read(lead, 0, recording.frames)]);
}

/** Two leads of five samples, lead by lead in rows: columns follow each other. */
const leads = [
  [1, 2, 3, 4, 5],
  [-10, -20, -30, -40, 127],
];
const wide: Matrix = {
  name: 'val',
  rows: 2,
  columns: 5,
  values: leads[0].flatMap((v, i) => [v, leads[1][i]]),
};
const tall: Matrix = { name: 'val', rows: 5, columns: 2, values: leads.flat() };
const scalar = (name: string, value: number): Matrix => ({
  name,
  rows: 1,
  columns: 1,
  values: [value],
  type: 'float64',
});

const refusedWith = (pattern: RegExp) => (e: unknown) =>
  e instanceof UserError && e.place.file === 'x.mat' && pattern.test(e.message);

describe('a MATLAB file of version 4', () => {
  for (const big of [false, true]) {
    for (const type of ['float64', 'float32', 'int32', 'int16', 'uint8'] as const) {
      it(`with ${big ? 'big' : 'little'}-endian ${type} is read along its longer axis`, () => {
        const positive = {
          ...wide,
          values: wide.values.map((v) => (type === 'uint8' ? Math.abs(v) : v)),
          type,
        };
        const expected = type === 'uint8' ? leads.map((lead) => lead.map(Math.abs)) : leads;
        const recording = open(level4(positive, { big }));
        assert.deepEqual([recording.format, recording.rate, recording.frames], ['MATLAB 4', 300, 5]);
        assert.deepEqual(all(recording), expected);
        const rows = { ...tall, values: tall.values.map((v) => (type === 'uint8' ? Math.abs(v) : v)), type };
        assert.deepEqual(all(open(level4(rows, { big }))), expected);
        assert.equal(recording.digital !== undefined, !type.startsWith('float'));
      });
    }
  }

  it('names its leads, and has the units that it is told to', () => {
    const recording = open(level4({ ...wide, type: 'int16' }), { rate: 300, units: 'uV' });
    const lead = { units: 'uV', gain: undefined, baseline: 0, samplesPerFrame: 1 };
    assert.deepEqual(recording.leads, [
      { name: 'lead 1', ...lead },
      { name: 'lead 2', ...lead },
    ]);
    assert.deepEqual([...recording.digital!(1, 1, 3)], [-20, -30]);
    assert.deepEqual(recording.segments, [{ name: 'x', start: 0, frames: 5 }]);
    assert.throws(() => recording.read(0, 0, 6), RangeError);
  });

  it('gives the largest named matrix, and the rate that stands beside it', () => {
    const other = { name: 'weights', rows: 10, columns: 10, values: new Array<number>(100).fill(1) };
    const files = [level4(scalar('age', 60)), level4(other), level4(wide), level4(scalar('Fs', 360))];
    const recording = open(Buffer.concat(files), { units: 'mV' });
    assert.deepEqual([recording.rate, recording.frames], [360, 5]);
    const unnamed = Buffer.concat([level4({ ...wide, name: 'b' }), level4(other)]);
    assert.equal(open(unnamed).frames, 10);
    const texts = Buffer.concat([
      level4({ ...wide, name: 'ecg' }, { kind: 1 }),
      level4({ ...wide, name: 'c' }),
    ]);
    assert.equal(open(texts).frames, 5);
  });

  it('says where its matrix is', () => {
    const file = new MemoryFile('x.mat', encodeMatlab4('val', Int16Array.of(1, 2, 3)));
    const place = { offset: 24, rows: 1, columns: 3, type: 'int16', littleEndian: true };
    assert.deepEqual(matrixPlace(file), place);
    assert.equal(matrixPlace(new MemoryFile('x.dat', Buffer.from('no MATLAB file'))), undefined);
  });

  it('is read by range', () => {
    const bytes = encodeMatlab4('val', new Int16Array(1 << 20));
    let read = 0;
    const file: ByteFile = {
      location: 'x.mat',
      size: bytes.length,
      read(offset, length) {
        const some = bytes.slice(offset, offset + length);
        read += some.length;
        return some;
      },
      close() {},
    };
    assert.equal(openMatlab(file, 'x', { rate: 1, units: 'mV' }).read(0, 500_000, 500_100).length, 100);
    assert.ok(read < 2000, `${read} bytes were read for 100 samples`);
  });

  it('whose header does not fit its size, or that has complex numbers, is refused by variable', () => {
    const bytes = level4(wide);
    assert.throws(
      () => open(bytes.subarray(0, 90)),
      refusedWith(/variable 1 is 2 × 5, which takes 104 bytes; the file has 90/),
    );
    const huge = level4({ ...wide, rows: 2 ** 31 - 1, columns: 2 ** 31 - 1 });
    assert.throws(() => open(huge), refusedWith(/2147483647 × 2147483647/));
    const complex = level4({ ...wide, values: [...wide.values, ...wide.values] }, { imaginary: true });
    assert.throws(() => open(complex), refusedWith(/no matrix of numbers, but `val` \(complex numbers\)/));
  });
});

describe('a MATLAB file of version 5', () => {
  for (const big of [false, true]) {
    for (const compress of [false, true]) {
      it(`that is ${big ? 'big' : 'little'}-endian and ${compress ? '' : 'not '}compressed is read`, () => {
        const of = (...variables: Buffer[]): Recording =>
          open(level5(variables, { big, compress }), { units: 'mV' });
        const fs = matrix5(scalar('fs', 250), big);
        const recording = of(
          text5('info', 'made by hand', big),
          matrix5({ ...wide, type: 'int16' }, big),
          fs,
        );
        assert.deepEqual([recording.format, recording.rate], ['MATLAB 5', 250]);
        assert.deepEqual(all(recording), leads);
        assert.deepEqual([...recording.digital!(1, 3, 5)], [-40, 127]);
        assert.deepEqual(all(of(matrix5(tall, big), fs)), leads);
        // MATLAB stores doubles as the shortest integers that hold them.
        assert.deepEqual(all(of(matrix5(wide, big, 'int8'), matrix5(scalar('fs', 100), big, 'int8'))), leads);
      });

      it(`with a structure, ${big ? 'big' : 'little'}-endian, ${compress ? '' : 'not '}compressed, is read`, () => {
        const fields = {
          sex: text5('', 'Male', big),
          data: matrix5({ ...wide, name: '' }, big),
          fs: matrix5(scalar('', 500), big),
          inner: struct5('', { fs: matrix5(scalar('', 1), big) }, big),
        };
        const bytes = level5([matrix5(scalar('fs', 9), big), struct5('ECG', fields, big)], { big, compress });
        const recording = open(bytes, { units: 'mV' });
        assert.deepEqual([recording.rate, all(recording)], [500, leads]);
      });
    }
  }

  it('with axes of one element, truth values and complex numbers gives the signal among them', () => {
    const values = Array.from({ length: 12 }, (_, i) => i);
    const three = array5('signal', [1, 2, 6], values);
    assert.deepEqual(all(open(level5([three]))), [
      [0, 2, 4, 6, 8, 10],
      [1, 3, 5, 7, 9, 11],
    ]);
    const truth = matrix5({ ...wide, name: 'ecg' }, false, 'uint8', 2);
    assert.equal(open(level5([truth, matrix5({ ...wide, name: 'b' })])).frames, 5);
    assert.throws(
      () => open(level5([array5('a', [2, 2, 3], values)])),
      refusedWith(/`a` \(numbers of 3 dimensions\)/),
    );
  });

  it('says where its matrix is where that is not compressed', () => {
    const variables = [matrix5(scalar('fs', 250)), matrix5({ ...wide, type: 'int16' })];
    const place = matrixPlace(new MemoryFile('x.mat', level5(variables)))!;
    assert.deepEqual([place.rows, place.columns, place.type, place.littleEndian], [2, 5, 'int16', true]);
    assert.equal(level5(variables).readInt16LE(place.offset + 2), -10);
    assert.equal(matrixPlace(new MemoryFile('x.mat', level5(variables, { compress: true }))), undefined);
  });

  it('whose compressed data are damaged, cut off, or a bomb is refused', () => {
    const bytes = level5([matrix5(wide)], { compress: true });
    const damaged = Buffer.from(bytes);
    damaged[140] ^= 0xff;
    assert.throws(() => all(open(damaged)), refusedWith(/damaged/));
    assert.throws(() => open(bytes.subarray(0, bytes.length - 9)), refusedWith(/after what holds it/));
    const claim = Buffer.from(matrix5(wide));
    claim.writeUInt32LE(0x7fffffff, 4);
    assert.throws(
      () => open(level5([claim], { compress: true })),
      refusedWith(/damaged|announces|compressed as a whole/),
    );
  });

  it('of version 7.3 is refused with what to do', () => {
    const bytes = Buffer.alloc(1024);
    bytes.write('MATLAB 7.3 MAT-file, Platform: GLNXA64');
    bytes.set([0, 2, 0x49, 0x4d], 124);
    assert.throws(
      () => open(bytes),
      (e) => refusedWith(/7\.3.*HDF5/)(e) && /-v7'/.test((e as UserError).advice),
    );
  });
});

describe('what a MATLAB file does not say', () => {
  const missing = (fact: keyof Facts) => (e: unknown) => e instanceof MissingFactError && e.fact === fact;

  it('is asked for, and what it says is not overruled', () => {
    const withRate = Buffer.concat([level4(wide), level4(scalar('sampling_rate', 250))]);
    assert.throws(() => open(level4(wide), { units: 'mV' }), missing('rate'));
    assert.throws(() => open(withRate, {}), missing('units'));
    assert.throws(() => open(withRate), refusedWith(/rate is 250 Hz, not 300 Hz/));
    assert.equal(open(withRate, { rate: 250, units: 'mV' }).rate, 250);
    const absurd = Buffer.concat([level4(wide), level4(scalar('fs', -1))]);
    assert.throws(() => open(absurd), refusedWith(/`fs` is -1, which is no rate/));
  });
});

describe('a file that is no MATLAB file', () => {
  it('is refused', () => {
    assert.throws(() => open(Buffer.from('time,ecg\n0,1\n')), refusedWith(/no MATLAB file/));
    assert.throws(() => open(Buffer.alloc(0)), refusedWith(/no MATLAB file/));
    const empty = Buffer.concat(new Array<Buffer>(3000).fill(Buffer.alloc(8)));
    assert.throws(() => open(level5([empty])), refusedWith(/more than 2000 elements/));
    const square = { name: 'val', rows: 2000, columns: 2000, values: [] };
    const zeros = Buffer.concat([level4({ ...square, type: 'uint8' }), Buffer.alloc(4_000_000)]);
    assert.throws(() => open(zeros), refusedWith(/no recording has so many leads/));
  });

  it('never ends in anything but samples or a UserError', () => {
    const facts = { rate: 250, units: 'mV' };
    const use = (file: ByteFile): void => {
      matrixPlace(file);
      readEnds(openMatlab(file, 'x', facts));
    };
    const fields = {
      data: matrix5({ ...wide, name: '' }),
      fs: matrix5(scalar('', 250)),
      who: text5('', 'X'),
    };
    const variables = [text5('who', 'me'), struct5('ECG', fields), matrix5(wide)];
    survivesDamage(Buffer.concat([level4({ ...wide, type: 'int16' }), level4(scalar('fs', 250))]), 2000, use);
    survivesDamage(level5(variables), 2000, use);
    survivesDamage(level5(variables, { compress: true }), 2000, use);
  });
});

describe('real MATLAB files', () => {
  it('a103l.mat of WFDB has three leads', needsData, () => {
    const file = new DiskFile(path.join(dataFolder, 'wfdb-formats', 'a103l.mat'));
    const recording = openMatlab(file, 'a103l', { rate: 250, units: 'NU' });
    assert.deepEqual([recording.leads.length, recording.frames], [3, 82_500]);
    assert.deepEqual(
      recording.leads.map((_, lead) => recording.read(lead, 0, 1)[0]),
      [-171, 9127, 6042],
    );
    const place = { offset: 24, rows: 3, columns: 82_500, type: 'int16', littleEndian: true };
    assert.deepEqual(matrixPlace(file), place);
    recording.close();
  });
});
