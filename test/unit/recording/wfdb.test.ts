import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, it } from 'node:test';
import { UserError } from '../../../src/common/errors.ts';
import { encodeMatlab4, readMatlab4 } from '../../../src/recording/matlab/matlab4.ts';
import { parseWfdbHeader } from '../../../src/recording/wfdb-header.ts';
import { readWfdbRecord, type FileSource } from '../../../src/recording/wfdb.ts';
import { dataFolder, needsData } from '../../require.ts';

function source(files: Record<string, string | Uint8Array>): FileSource {
  return {
    location: 'set',
    read(name) {
      const data = files[name];
      if (data === undefined) throw new UserError(`lacks the file ${name}`, { file: 'set' });
      return typeof data === 'string' ? Buffer.from(data) : data;
    },
  };
}

const samples = Int16Array.of(100, -200, 300, -32768);
const mat = encodeMatlab4('val', samples);

describe('a WFDB record in a MATLAB file', () => {
  it('is read in millivolts; the 24-byte header, gain and baseline are honoured', () => {
    const header = 'R1 1 300 4 05:05:15 1/05/2000\nR1.mat 16+24 1000(50)/mV 16 0 100 0 0 ECG\n';
    const { rate, leads } = readWfdbRecord(source({ 'R1.hea': header, 'R1.mat': mat }), '', 'R1');
    assert.equal(rate, 300);
    assert.equal(leads[0].name, 'ECG');
    assert.ok(Math.abs(leads[0].samples[0] - 0.05) < 1e-7);
    assert.ok(Math.abs(leads[0].samples[1] + 0.25) < 1e-7);
    assert.ok(Number.isNaN(leads[0].samples[3]), 'the value that format 16 gives a missing sample is NaN');
  });

  it('with a checksum that does not match is refused; a checksum of 0 is none', () => {
    const header = (sum: number): string => `R1 1 300 4\nR1.mat 16+24 1000/mV 16 0 100 ${sum} 0 ECG\n`;
    const files = (sum: number): FileSource => source({ 'R1.hea': header(sum), 'R1.mat': mat });
    const right = ((100 - 200 + 300 - 32768) << 16) >> 16;
    assert.equal(readWfdbRecord(files(right), '', 'R1').leads.length, 1);
    assert.equal(readWfdbRecord(files(0), '', 'R1').leads.length, 1);
    assert.throws(() => readWfdbRecord(files(right + 1), '', 'R1'), /checksum/);
  });

  it('shorter than its header says is refused by name', () => {
    const files = source({ 'R1.hea': 'R1 1 300 5\nR1.mat 16+24 1000/mV 16 0 100 0 0 ECG\n', 'R1.mat': mat });
    assert.throws(
      () => readWfdbRecord(files, '', 'R1'),
      (e) =>
        e instanceof UserError &&
        e.place.record === 'R1' &&
        /announces 5 samples, the file holds 4/.test(e.message),
    );
  });

  it('does not follow a signal file outside of its folder', () => {
    const files = source({ 'R1.hea': 'R1 1 300 4\n../secret.mat 16+24 1000/mV 16 0 100 0 0 ECG\n' });
    assert.throws(() => readWfdbRecord(files, '', 'R1'), /outside of the record's folder/);
  });

  it('with several leads takes the samples apart', () => {
    const header = 'R2 2 500 2\nR2.dat 16 200/uV 16 0 1 0 0 I\nR2.dat 16 0 16 0 2 0 0 II\n';
    const data = new Uint8Array(Int16Array.of(1, 2, 3, 4).buffer);
    const { leads } = readWfdbRecord(source({ 'R2.hea': header, 'R2.dat': data }), '', 'R2');
    assert.ok(Math.abs(leads[0].samples[1] - (3 / 200) * 1e-3) < 1e-12, 'microvolts become millivolts');
    assert.ok(Math.abs(leads[1].samples[1] - 4 / 200) < 1e-7, 'a gain of 0 means 200');
  });
});

describe('a WFDB record in format 212', () => {
  // 12-bit samples as the guide lays them out: the second's high bits are the upper half of the byte in the middle.
  const packed = Uint8Array.of(0xff, 0x1f, 0x02, 0x00, 0x88, 0x01);
  const values = [-1, 0x102, -2048, -2047];
  const header = (count: number): string => `R1 1 360 ${count}\nR1.dat 212 200(0)/mV 12 0 -1 0 0 MLII\n`;

  it('is read in millivolts, with the value of a missing sample as NaN', () => {
    const { leads } = readWfdbRecord(source({ 'R1.hea': header(4), 'R1.dat': packed }), '', 'R1');
    const expected = values.map((v) => (v === -2048 ? NaN : v / 200));
    assert.deepEqual(leads[0].samples, Float32Array.from(expected));
  });

  it('of an odd number of samples ends in two bytes', () => {
    const files = source({ 'R1.hea': header(3), 'R1.dat': packed.subarray(0, 5) });
    assert.equal(readWfdbRecord(files, '', 'R1').leads[0].samples.length, 3);
  });

  for (const database of ['mitdb', 'nstdb']) {
    it(`of ${database} has the samples and checksums that its headers give`, needsData, () => {
      const folder = path.join(dataFolder, database);
      const headers = fs.readdirSync(folder).filter((file) => file.endsWith('.hea'));
      assert.ok(headers.length > 0);
      for (const file of headers) {
        const files: FileSource = {
          location: folder,
          read: (name) => fs.readFileSync(path.join(folder, name)),
        };
        const { signals, sampleCount } = parseWfdbHeader(
          fs.readFileSync(path.join(folder, file), 'latin1'),
          file,
        );
        assert.ok(signals.every(({ checksum }) => checksum !== undefined && checksum !== 0));
        const { leads } = readWfdbRecord(files, '', file.slice(0, -4));
        for (const [i, { samples }] of leads.entries()) {
          assert.equal(samples.length, sampleCount);
          const { initialValue, baseline, gain } = signals[i];
          assert.ok(Math.abs(samples[0] - (initialValue! - baseline) / gain) < 1e-6);
        }
      }
    });
  }
});

describe('a WFDB header', () => {
  const cases: [string, RegExp][] = [
    ['', /empty/],
    ['R 1\n', /1 signals announced, 0 described/],
    ['R x\n', /number of signals/],
    ['R 999999999\n', /number of signals/],
    ['R 1 -5\nR.dat 16\n', /no sampling rate/],
    ['R 1 300 abc\nR.dat 16\n', /no length/],
    ['R 1 300 10\nR.dat sixteen\n', /no signal format/],
    ['R/3 1 300 10\n', /multi-segment/],
  ];
  for (const [text, message] of cases) {
    it(`${JSON.stringify(text)} is refused with file and line`, () => {
      assert.throws(
        () => parseWfdbHeader(text, 'R.hea'),
        (e) =>
          e instanceof UserError &&
          message.test(e.message) &&
          e.place.file === 'R.hea' &&
          (e.place.line ?? 0) > 0,
      );
    });
  }
});

describe('a MATLAB v4 file', () => {
  it('is written and read back identical', () => {
    const { name, rows, columns, data } = readMatlab4(mat, 'R1.mat');
    assert.deepEqual([name, rows, columns, [...data]], ['val', 1, 4, [...samples]]);
    assert.equal(mat.length, 24 + 8);
  });

  it('whose header claims more than the file has is refused before anything is allocated', () => {
    const lying = Buffer.from(mat);
    lying.writeInt32LE(2_000_000_000, 8);
    assert.throws(() => readMatlab4(lying, 'R1.mat'), /asks for 4000000024 bytes, the file has 32/);
  });

  it('is refused at every length at which it can be cut off', () => {
    for (let n = 0; n < mat.length; n++)
      assert.throws(() => readMatlab4(mat.subarray(0, n), 'R1.mat'), UserError);
  });
});
