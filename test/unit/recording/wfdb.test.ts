import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, it } from 'node:test';
import { UserError } from '../../../src/common/errors.ts';
import { encodeMatlab4, readMatlab4 } from '../../../src/recording/matlab/matlab4.ts';
import { readMillivolts } from '../../../src/recording/millivolts.ts';
import { openRecordingFile } from '../../../src/recording/open-recording.ts';
import { leadLength, missingSample, type Recording } from '../../../src/recording/recording.ts';
import { parseWfdbHeader } from '../../../src/recording/wfdb/header.ts';
import { openWfdb } from '../../../src/recording/wfdb/record.ts';
import { memorySource } from '../../fixtures/memory-source.ts';
import { dataFolder, needsData } from '../../require.ts';

const open = (files: Record<string, string | Uint8Array>, name = 'R'): Recording =>
  openWfdb(memorySource(files), name);
const whole = (recording: Recording, lead = 0): number[] => [
  ...recording.read(lead, 0, leadLength(recording, lead)),
];
const samples = Int16Array.of(100, -200, 300, -32768);
const mat = encodeMatlab4('val', samples);
const bytesOf = (values: Int16Array): Uint8Array => new Uint8Array(values.buffer);

function refused(act: () => unknown, message: RegExp): UserError {
  try {
    act();
  } catch (error) {
    assert.ok(error instanceof UserError, String(error));
    assert.match(error.message, message);
    return error;
  }
  assert.fail(`not refused: ${message}`);
}

describe('a WFDB record in a MATLAB file', () => {
  it('is read in millivolts; the 24-byte header, gain and baseline are honoured', () => {
    const header = 'R 1 300 4 05:05:15 1/05/2000\nR.mat 16+24 1000(50)/mV 16 0 100 0 0 ECG\n';
    const recording = open({ 'R.hea': header, 'R.mat': mat });
    assert.equal(recording.rate, 300);
    assert.equal(recording.leads[0].name, 'ECG');
    assert.deepEqual([...readMillivolts(recording, 0)], [...Float32Array.of(0.05, -0.25, 0.25, NaN)]);
  });

  it('whose header does not say where the samples begin is read behind the header of the matrix', () => {
    const recording = open({ 'R.hea': 'R 1 300 4\nR.mat 16 1000/mV 16 0 100 0 0 ECG\n', 'R.mat': mat });
    assert.deepEqual(whole(recording), [0.1, -0.2, 0.3, NaN]);
  });

  it('tells whether the checksum matches; one of 0 is none', () => {
    const checksum = (sum: number): string =>
      open({ 'R.hea': `R 1 300 4\nR.mat 16+24 1000/mV 16 0 100 ${sum} 0 ECG\n`, 'R.mat': mat }).checksum(0);
    const right = ((100 - 200 + 300 - 32768) << 16) >> 16;
    assert.deepEqual([right, 0, right + 1].map(checksum), ['match', 'absent', 'mismatch']);
  });

  it('shorter than its header says is refused by name', () => {
    const recording = open({ 'R.hea': 'R 1 300 5\nR.mat 16+24 1000/mV 16 0 100 0 0 ECG\n', 'R.mat': mat });
    const { place } = refused(() => whole(recording), /announces 5 samples, the file holds 4/);
    assert.equal(place.record, 'R');
  });
});

describe('a WFDB header that names a signal file', () => {
  for (const name of ['../secret.dat', '/etc/passwd', 'C:\\x.dat', 'a/../../x.dat', '-', 'x\\y.dat']) {
    it(`outside of its folder (${name}) is refused with its line`, () => {
      const recording = open({ 'R.hea': `R 1 300 4\n${name} 16 1000/mV 16 0 100 0 0 ECG\n` });
      const { place } = refused(() => whole(recording), /only files in the record's folder are read/);
      assert.deepEqual([place.file, place.line], ['set/R.hea', 2]);
    });
  }

  it('below its folder is followed', () => {
    const files = { 'a/R.hea': 'R 1 300 1\nb/x.dat 16\n', 'a/b/x.dat': Uint8Array.of(200, 0) };
    assert.deepEqual(whole(open(files, 'a/R')), [1]);
  });
});

describe('a WFDB record', () => {
  it('with several leads takes the samples apart', () => {
    const header = 'R 2 500 2\nR.dat 16 200/uV 16 0 1 0 0 I\nR.dat 16 0 16 0 2 0 0 II\n';
    const recording = open({ 'R.hea': header, 'R.dat': bytesOf(Int16Array.of(1, 2, 3, 4)) });
    assert.ok(Math.abs(readMillivolts(recording, 0)[1] - (3 / 200) * 1e-3) < 1e-12, 'microvolts');
    assert.ok(Math.abs(readMillivolts(recording, 1)[1] - 4 / 200) < 1e-7, 'a gain of 0 means 200');
  });

  it('with several samples in a frame has leads of different rates', () => {
    const header = 'R 2 100 2\nR.dat 16x2 1 16 0 0 0 0 fast\nR.dat 16 1 16 0 0 0 0 slow\n';
    const recording = open({ 'R.hea': header, 'R.dat': bytesOf(Int16Array.of(1, 2, 10, 3, 4, 20)) });
    assert.deepEqual(
      [whole(recording, 0), whole(recording, 1)],
      [
        [1, 2, 3, 4],
        [10, 20],
      ],
    );
    assert.deepEqual([...recording.read(0, 1, 3)], [2, 3], 'a range need not begin with a frame');
  });

  it('with a skew is read that much later, and ends in samples that are missing', () => {
    const header = 'R 2 100 3\nR.dat 16 1 16 0 0 0 0 a\nR.dat 16:1 1 16 0 0 12 0 b\n';
    const recording = open({ 'R.hea': header, 'R.dat': bytesOf(Int16Array.of(1, 2, 3, 4, 5, 6)) });
    assert.deepEqual(
      [whole(recording, 0), whole(recording, 1)],
      [
        [1, 3, 5],
        [4, 6, NaN],
      ],
    );
    assert.equal(recording.checksum(1), 'match', 'which is that of the samples as stored');
  });

  it('without a length is as long as the shortest of its files', () => {
    const header = 'R 2 100\na.dat 16 1\nb.dat 80 1\n';
    const files = { 'R.hea': header, 'a.dat': new Uint8Array(10), 'b.dat': Uint8Array.of(129, 127, 0) };
    const recording = open(files);
    assert.equal(recording.frames, 3);
    assert.deepEqual(whole(recording, 1), [1, -1, NaN]);
  });

  it('with bytes before its samples is read behind them', () => {
    const files = { 'R.hea': 'R 1 100 2\nR.dat 16+3 1\n', 'R.dat': Uint8Array.of(9, 9, 9, 1, 0, 2, 0) };
    assert.deepEqual(whole(open(files)), [1, 2]);
  });

  it('has no checksum where its file ends early, also far from what is read', () => {
    for (const announced of [5, 500_000, 80_000_000_000]) {
      const header = `R 1 250 ${announced}\nR.dat 16 200/mV 16 0 0 5 0 I\n`;
      const recording = open({ 'R.hea': header, 'R.dat': bytesOf(Int16Array.of(1, 2, 3, 4)) });
      const { place } = refused(() => recording.checksum(0), /the file holds 4/);
      assert.equal(place.file, 'set/R.dat');
    }
  });

  it('with a signal that is announced and not stored has it missing, without checksum', () => {
    const header = 'R 2 250 2\nR.dat 16 200/mV\nx 0 200/mV 16 0 0 7 0 absent\n';
    const recording = open({ 'R.hea': header, 'R.dat': bytesOf(Int16Array.of(1, 2)) });
    assert.deepEqual([whole(recording, 1), recording.checksum(1)], [[NaN, NaN], 'absent']);
  });

  it('none of whose signals is stored is refused, as its length is nothing but a claim', () => {
    const error = refused(
      () => open({ 'R.hea': 'R 2 250 80000000000\n~ 0 200/mV\nx 0 200/mV 16 0 0 7\n' }),
      /none of its signals is stored/,
    );
    assert.deepEqual(error.place, { file: 'set/R.hea', line: 2, record: 'R' });
  });

  it('with a name as long as its header is refused in a few words', () => {
    const error = refused(
      () => open({ 'R.hea': `${'x'.repeat(100_000)} 1 250 2\nR.dat 16\n` }),
      /is no record name/,
    );
    assert.ok(error.describe().length < 1000);
  });

  it('with two formats in one file is refused', () => {
    const recording = open({ 'R.hea': 'R 2 100 1\nR.dat 16\nR.dat 80\n', 'R.dat': new Uint8Array(4) });
    refused(() => whole(recording), /said to be in formats 16 and 80/);
  });

  it('of a storage format that does not exist is refused by its line', () => {
    const recording = open({ 'R.hea': 'R 1 100 1\nR.dat 17\n', 'R.dat': new Uint8Array(4) });
    assert.equal(refused(() => whole(recording), /17.* no storage format/).place.line, 2);
  });

  it('is read alike whole and in pieces of any size, in every format', () => {
    const bytes = Uint8Array.from({ length: 600_000 }, (_, i) => (i * i * 31 + i * 7) & 0xff);
    for (const format of [8, 16, 24, 32, 61, 80, 160, 212, 310, 311]) {
      const recording = open({
        'R.hea': `R 2 100\nR.dat ${format} 1\nR.dat ${format}x2 1\n`,
        'R.dat': bytes,
      });
      const all = recording.digital!(1, 0, leadLength(recording, 1));
      for (const [start, end] of [
        [0, 1],
        [7, 100],
        [65_000, 66_100],
        [130_001, 140_000],
      ]) {
        const last = Math.min(end, all.length);
        if (start >= last) continue;
        // Opened anew, so that nothing is known of what is before the range.
        const again = open({ 'R.hea': `R 2 100\nR.dat ${format} 1\nR.dat ${format}x2 1\n`, 'R.dat': bytes });
        assert.deepEqual(again.digital!(1, start, last), all.subarray(start, last), `format ${format}`);
      }
    }
  });
});

describe('a WFDB record in format 212', () => {
  // 12-bit samples as the guide lays them out: the second's high bits are the upper half of the byte in the middle.
  const packed = Uint8Array.of(0xff, 0x1f, 0x02, 0x00, 0x88, 0x01);
  const header = (count: number): string => `R 1 360 ${count}\nR.dat 212 1(0)/mV 12 0 -1 0 0 MLII\n`;

  it('is read with the value of a missing sample as NaN', () => {
    assert.deepEqual(whole(open({ 'R.hea': header(4), 'R.dat': packed })), [-1, 0x102, NaN, -2047]);
  });

  it('of an odd number of samples ends in two bytes', () => {
    assert.equal(whole(open({ 'R.hea': header(3), 'R.dat': packed.subarray(0, 5) })).length, 3);
  });
});

describe('a WFDB record of several segments', () => {
  const segment = (name: string, values: number[], line: string): Record<string, string | Uint8Array> => ({
    [`${name}.hea`]: `${name} 1 100 ${values.length}\n${name}.dat 16 ${line}\n`,
    [`${name}.dat`]: bytesOf(Int16Array.from(values)),
  });
  const fixed = {
    'R.hea': 'R/3 1 100 7\nA 2\n~ 3\nB 2\n',
    ...segment('A', [1, 2], '1/mV 16 0 1 3 0 I'),
    ...segment('B', [3, 4], '1/mV 16 0 3 7 0 I'),
  };

  it('in a fixed layout is read over segments and gaps', () => {
    const recording = open(fixed);
    assert.deepEqual(whole(recording), [1, 2, NaN, NaN, NaN, 3, 4]);
    assert.deepEqual([...recording.digital!(0, 1, 6)], [2, missingSample, missingSample, missingSample, 3]);
    assert.deepEqual(recording.segments, [
      { name: 'A', start: 0, frames: 2 },
      { name: '', start: 2, frames: 3 },
      { name: 'B', start: 5, frames: 2 },
    ]);
    assert.equal(recording.checksum(0), 'match');
    const wrong = open({ ...fixed, ...segment('B', [3, 4], '1/mV 16 0 3 8 0 I') });
    assert.equal(wrong.checksum(0), 'mismatch', 'of one segment is that of the record');
  });

  it('in a variable layout finds leads by name, each with its segment’s own gain', () => {
    const recording = open({
      'R.hea': 'R/3 2 100 4\nL 0\nA 2\nB 2\n',
      'L.hea': 'L 2 100 0\n~ 0 5/mV 16 0 0 0 0 I\n~ 0 5/mV 16 0 0 0 0 V\n',
      ...segment('A', [10, 20], '10/mV 16 0 0 0 0 V'),
      ...segment('B', [10, 20], '5/mV 16 0 0 0 0 I'),
    });
    assert.deepEqual(
      [whole(recording, 0), whole(recording, 1)],
      [
        [NaN, NaN, 2, 4],
        [1, 2, NaN, NaN],
      ],
    );
    assert.equal(recording.digital, undefined, 'integers of different gains are not joined');
  });

  it('whose lengths cannot be counted together is refused', () => {
    const lines = 'a 80000000000\n'.repeat(2);
    refused(() => open({ 'R.hea': `R/2 1 250\n${lines}` }), /160000000000 samples together/);
  });

  it('whose segments do not fit together is refused with the line', () => {
    const cases: [Record<string, string | Uint8Array>, RegExp][] = [
      [{ 'R.hea': 'R/3 1 100 8\nA 2\n~ 3\nB 2\n' }, /8 samples announced, the segments have 7/],
      [{ 'A.hea': 'A 1 100 3\nA.dat 16\n' }, /2 samples announced, the segment's own header says 3/],
      [{ 'A.hea': 'A 1 200 2\nA.dat 16\n' }, /200 Hz, the record 100 Hz/],
      [{ 'A.hea': 'A/1 1 100 2\nB 2\n' }, /has segments itself/],
      [{ 'R.hea': 'R/1 1 100 2\n../A 2\n' }, /leads out of its folder/],
      [{ 'R.hea': 'R/2 1 100 2\nA 2\n' }, /2 segments announced, 1 described/],
    ];
    for (const [files, message] of cases) refused(() => whole(open({ ...fixed, ...files })), message);
  });
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
    ['R 1 300 10\nR.dat 16x0\n', /samples per frame/],
    ['R 1 300 10\nR.dat 16 ten\n', /`ten` is no gain/],
    ['R/x 1 300 10\n', /number of segments/],
    ['R/2 1 300 10\nA 5\nB\n', /no length of the segment B/],
  ];
  for (const [text, message] of cases) {
    it(`${JSON.stringify(text)} is refused with file and line`, () => {
      const { place } = refused(() => parseWfdbHeader(text, 'R.hea'), message);
      assert.equal(place.file, 'R.hea');
      assert.ok((place.line ?? 0) > 0);
    });
  }

  it('keeps comments, and what follows the eighth field as the name of a lead', () => {
    const { signals, comments } = parseWfdbHeader(
      '# a\nR 1\nR.dat 16 200 12 0 0 0 0 lead  V5\n#b\n',
      'R.hea',
    );
    assert.equal(signals[0].description, 'lead V5');
    assert.deepEqual(comments, ['a', 'b']);
  });
});

describe('the real WFDB records', () => {
  const headers = (folder: string): string[] =>
    fs
      .readdirSync(path.join(dataFolder, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.hea'))
      .map((file) => path.join(dataFolder, folder, file));
  for (const folder of ['mitdb', 'nstdb', 'wfdb-formats', 'cinc2021', 'cpsc2021', 'ptbxl']) {
    it(`of ${folder} read, and every checksum that is given matches`, needsData, () => {
      const files = headers(folder);
      assert.ok(files.length > 0);
      let matched = 0;
      for (const file of files) {
        const recording = openRecordingFile(file);
        for (const lead of recording.leads.keys()) {
          const checksum = recording.checksum(lead);
          assert.notEqual(checksum, 'mismatch', `${file}, lead ${lead}`);
          if (checksum === 'match') matched++;
          const values = recording.read(lead, 0, leadLength(recording, lead));
          assert.ok(recording.frames === 0 || values.some((v) => Number.isFinite(v)), file);
        }
        recording.close();
      }
      assert.ok(matched > files.length / 2, `${matched} checksums matched`);
    });
  }

  it('of every format begin with the header’s value and go up a ramp', needsData, () => {
    for (const name of ['binformats', 'flacformats']) {
      const recording = openRecordingFile(path.join(dataFolder, 'wfdb-formats', `${name}.hea`));
      const text = fs.readFileSync(path.join(dataFolder, 'wfdb-formats', `${name}.hea`), 'latin1');
      const { signals } = parseWfdbHeader(text, name);
      for (const lead of signals.keys()) {
        const values = recording.digital!(lead, 0, recording.frames);
        assert.equal(values[0], signals[lead].initialValue, signals[lead].description);
        // Format 8 follows a ramp as fast as its differences can.
        if (signals[lead].format === 8) continue;
        const steps = new Set<number>();
        for (let i = 1; i < values.length; i++) steps.add(values[i] - values[i - 1]);
        const [up, down] = [...steps].sort((x, y) => y - x);
        const bits =
          { 80: 8, 212: 12, 310: 10, 311: 10, 24: 24, 32: 32, 508: 8, 524: 24 }[signals[lead].format] ?? 16;
        assert.equal(steps.size, 2, signals[lead].description);
        assert.equal(up - down, 2 ** bits - 1, 'around all values but that of a missing sample');
      }
      recording.close();
    }
  });

  it('of 16 bits are the same as FLAC and uncompressed', needsData, () => {
    const [plain, flac] = ['binformats', 'flacformats'].map((name) =>
      openRecordingFile(path.join(dataFolder, 'wfdb-formats', `${name}.hea`)),
    );
    assert.deepEqual(flac.digital!(1, 0, 499), plain.digital!(1, 0, 499));
  });
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
