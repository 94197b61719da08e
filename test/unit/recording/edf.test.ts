import assert from 'node:assert/strict';
import * as path from 'node:path';
import { describe, it } from 'node:test';
import { UserError } from '../../../src/common/errors.ts';
import { DiskFile, MemoryFile } from '../../../src/recording/byte-file.ts';
import { openEdf } from '../../../src/recording/edf/edf-recording.ts';
import { missingSample, type Recording } from '../../../src/recording/recording.ts';
import { dataFolder, needsData } from '../../require.ts';
import { edf, type EdfTestSignal } from './edf-encoder.ts';
import { readEnds, survivesDamage } from './hostile.ts';

function open(bytes: Uint8Array): Recording {
  return openEdf(new MemoryFile('x.edf', bytes), 'x');
}

const two: readonly EdfTestSignal[] = [
  {
    label: 'ECG II',
    records: [
      [0, 100, -200, 1000],
      [1, 2, 3, 4],
      [-32768, 32767, 0, 0],
    ],
  },
  {
    label: 'Resp',
    units: 'Ohm',
    physical: ['0', '10'],
    digital: ['0', '100'],
    records: [
      [50, 70],
      [0, 1],
      [9, 8],
    ],
  },
];

const refusedWith = (pattern: RegExp) => (e: unknown) =>
  e instanceof UserError && e.place.file === 'x.edf' && pattern.test(e.message);

describe('an EDF file', () => {
  it('gives leads of different rates, with the greatest common rate as that of its frames', () => {
    const recording = open(edf(two, { duration: '0.02' }));
    assert.deepEqual([recording.format, recording.rate, recording.frames], ['EDF', 100, 6]);
    assert.deepEqual(recording.leads, [
      { name: 'ECG II', units: 'mV', gain: 200, baseline: 0, samplesPerFrame: 2 },
      { name: 'Resp', units: 'Ohm', gain: 10, baseline: 0, samplesPerFrame: 1 },
    ]);
    assert.deepEqual([...recording.read(0, 1, 6)], [0.5, -1, 5, 0.005, 0.01]);
    assert.deepEqual(
      [...recording.read(1, 0, 6)],
      [5, 7, 0, 0.1, 0.9, 0.8].map((v) => recordingRounding(v)),
    );
    assert.deepEqual([...recording.digital!(0, 7, 10)], [4, -32768, 32767]);
    assert.deepEqual(recording.segments, [{ name: 'x', start: 0, frames: 6 }]);
    assert.equal(recording.checksum(0), 'absent');
    assert.deepEqual(recording.annotations(), []);
    assert.throws(() => recording.read(1, 0, 7), RangeError);
  });

  it('says when it was started and of whom it is', () => {
    const { started, comments } = open(edf(two));
    assert.equal(started, '1987-12-24T23:05:09');
    assert.deepEqual(comments, ['Patient: X F X Somebody']);
    const later = { date: '01.02.03', recording: 'Startdate 01-FEB-2103 X X X' };
    assert.equal(open(edf(two, { fields: later })).started, '2103-02-01T23:05:09');
    assert.equal(open(edf(two, { fields: { date: '31.02.03' } })).started, undefined);
  });

  it('with a physical range that is not symmetric has exact physical values', () => {
    const signal: EdfTestSignal = {
      label: 'a',
      physical: ['-1', '3'],
      digital: ['-32768', '32767'],
      records: [[-32768, 32767, 0]],
    };
    const values = open(edf([signal])).read(0, 0, 3);
    for (const [i, expected] of [-1, 3, -1 + (4 * 32768) / 65535].entries()) {
      assert.ok(Math.abs(values[i] - expected) < 1e-12, `${values[i]} is ${expected}`);
    }
  });

  it('is read although its writer was sloppy: commas, zeros for spaces, a wrong header size, a record count of -1', () => {
    const sloppy: EdfTestSignal[] = [
      { label: 'V1\0\0\0', physical: ['-5,0', '+5.'], records: two[0].records },
    ];
    const bytes = edf(sloppy, { count: '-1', duration: '0,5\0', fields: { headerBytes: '1024' } });
    const recording = open(Buffer.concat([bytes, Buffer.alloc(3)]));
    assert.deepEqual([recording.rate, recording.frames], [8, 12 / recording.leads[0].samplesPerFrame]);
    assert.equal(recording.leads[0].name, 'V1');
    assert.equal(recording.read(0, 3, 4)[0], 5);
  });

  it('keeps values as they are stored where minima and maxima are no scale, and says so', () => {
    const recording = open(edf([{ label: 'Event', physical: ['0', '0'], records: [[7, 8]] }]));
    assert.equal(recording.leads[0].units, 'NU');
    assert.deepEqual([...recording.read(0, 0, 2)], [7, 8]);
    assert.match(recording.comments.join(), /Event: its minima and maxima are no scale/);
  });

  it('may be inverted', () => {
    const recording = open(edf([{ label: 'a', physical: ['5', '-5'], records: [[1000, -1000]] }]));
    assert.deepEqual([...recording.read(0, 0, 2)], [-5, 5]);
  });

  it('of 24 bits is BDF', () => {
    const records = [[-8388608, 8388607, -1, 65536]];
    const recording = open(edf([{ label: 'a', records }], { bdf: true, reserved: '24BIT' }));
    assert.equal(recording.format, 'BDF');
    assert.deepEqual([...recording.digital!(0, 0, 4)], records[0]);
  });

  it('of many leads is read lead by lead, whatever their share of a data record', () => {
    const wide: EdfTestSignal[] = Array.from({ length: 40 }, (_, s) => ({
      label: `c${s}`,
      records: Array.from({ length: 5 }, (_, r) =>
        Array.from({ length: 100 }, (_, i) => s * 500 + r * 100 + i),
      ),
    }));
    const recording = open(edf(wide));
    for (const lead of [0, 17, 39]) {
      assert.deepEqual(
        [...recording.digital!(lead, 95, 305)],
        Array.from({ length: 210 }, (_, i) => lead * 500 + 95 + i),
      );
    }
  });
});

/** What dividing by a gain gives. */
function recordingRounding(value: number): number {
  return Math.round(value * 10) * (1 / 10);
}

describe('EDF+', () => {
  const beats = {
    label: 'ECG',
    records: [
      [1, 2, 3, 4],
      [5, 6, 7, 8],
      [9, 10, 11, 12],
    ],
  };
  const annotated = (texts: string[], label = 'EDF Annotations'): EdfTestSignal => ({
    label,
    records: texts,
    room: 40,
  });

  it('has its annotations as notes, counted from the first data record', () => {
    const texts = [
      '+10\x14\x14\0+10.5\x14Lights off\x14Ärger\x14\0',
      '+11\x14\x14\0-2\x150.25\x14before@@ECG\x14\0',
      '+12\x14\x14after\x14\0',
    ];
    for (const [bdf, reserved] of [
      [false, 'EDF+C'],
      [true, 'BDF+C'],
    ] as const) {
      const label = `${reserved.slice(0, 3)} Annotations`;
      const recording = open(
        edf([annotated(texts, label), { label: 'x', records: beats.records }, beats], { bdf, reserved }),
      );
      assert.deepEqual([recording.format, recording.frames, recording.leads.length], [reserved, 12, 2]);
      const rows = recording.annotations().map((a) => [a.sample, a.symbol, a.text, a.duration, a.channel]);
      assert.deepEqual(rows, [
        [2, '"', 'Lights off', 0, 0],
        [2, '"', 'Ärger', 0, 0],
        [-48, '"', 'before', 0.25, 1],
        [8, '"', 'after', 0, 0],
      ]);
    }
  });

  it('of annotations alone has no leads and counts milliseconds', () => {
    const bytes = edf([annotated(['+0\x14\x14\0+3.25\x14note\x14\0'])], { reserved: 'EDF+C', duration: '0' });
    const recording = open(bytes);
    assert.deepEqual([recording.rate, recording.frames, recording.leads.length], [1000, 0, 0]);
    assert.equal(recording.annotations()[0].sample, 3250);
  });

  it('of the kind D has gaps on its time line', () => {
    const texts = ['+0.5\x14\x14\0', '+1.5\x14\x14\0', '+4\x14\x14\0'];
    const recording = open(edf([beats, annotated(texts)], { reserved: 'EDF+D' }));
    assert.equal(recording.format, 'EDF+D');
    assert.deepEqual(recording.segments, [
      { name: 'part 1', start: 0, frames: 8 },
      { name: '', start: 8, frames: 6 },
      { name: 'part 2', start: 14, frames: 4 },
    ]);
    assert.equal(recording.frames, 18);
    assert.deepEqual(
      [...recording.digital!(0, 6, 16)],
      [7, 8, ...new Array<number>(6).fill(missingSample), 9, 10],
    );
    assert.deepEqual([...recording.read(0, 13, 15)], [NaN, 0.045]);
    assert.deepEqual([...recording.read(0, 9, 12)], [NaN, NaN, NaN]);
  });

  it('of the kind D whose data records overlap, lie in different years, or do not say their times is refused', () => {
    const of = (...texts: string[]) => edf([beats, annotated(texts)], { reserved: 'EDF+D' });
    const first = '+0\x14\x14\0';
    assert.throws(
      () => open(of(first, '+0.2\x14\x14\0', first)),
      refusedWith(/record 2 starts at 0.2 s .*before/),
    );
    assert.throws(
      () => open(of(first, '+1\x14\x14\0', '+99999999\x14\x14\0')),
      refusedWith(/more than a year/),
    );
    assert.throws(() => open(of(first, '', '')), refusedWith(/data record 2 does not say/));
    assert.throws(
      () => open(of(first, 'noon', '')),
      refusedWith(/data record 2: .*`noon`, which is no time/),
    );
  });

  it('with an annotation that is cut off is refused where annotations are asked for, not before', () => {
    const recording = open(edf([beats, annotated(['+0\x14\x14\0+1\x14abc', '', ''])], { reserved: 'EDF+C' }));
    assert.equal(recording.read(0, 0, 1).length, 1);
    assert.throws(() => recording.annotations(), refusedWith(/the annotation at \+1 s is cut off/));
  });
});

describe('a damaged EDF file', () => {
  const patched = (at: number, value: string): Uint8Array => {
    const bytes = Buffer.from(edf(two));
    bytes.write(value, at, 'latin1');
    return bytes;
  };

  it('is refused by the field that is wrong', () => {
    assert.throws(() => open(patched(0, '1')), refusedWith(/`version`/));
    assert.throws(() => open(patched(252, '9999')), refusedWith(/`number of signals` is 9999/));
    assert.throws(() => open(patched(252, '4000')), refusedWith(/more bytes than the file/));
    assert.throws(
      () => open(patched(236, '4       ')),
      refusedWith(/`number of data records` is 4, the file holds 3/),
    );
    assert.throws(() => open(patched(244, '0       ')), refusedWith(/`duration of a data record` is 0/));
    assert.throws(
      () => open(patched(244, 'one     ')),
      refusedWith(/`duration of a data record` is no number/),
    );
    const samples = 256 + 2 * (16 + 80 + 8 * 5 + 80);
    assert.throws(() => open(patched(samples, '99999999')), refusedWith(/none that is whole/));
    assert.throws(
      () => open(patched(samples + 8, '-1      ')),
      refusedWith(/samples .*of the signal `Resp` is -1/),
    );
    assert.throws(() => open(patched(samples + 8, '1.5     ')), refusedWith(/no whole number/));
    assert.throws(
      () => open(patched(256 + 2 * 104, 'x')),
      refusedWith(/`physical minimum` of the signal `ECG II`/),
    );
  });

  it('never ends in anything but samples or a UserError', () => {
    const texts = ['+0\x14\x14\0+1\x150.5\x14abc\x14\0', '+1\x14\x14\0', '+3\x14\x14\0'];
    const annotated = { label: 'EDF Annotations', records: texts, room: 20 };
    for (const reserved of ['EDF+C', 'EDF+D']) {
      survivesDamage(edf([...two, annotated], { reserved }), 2000, (file) => readEnds(openEdf(file, 'x')));
    }
  });
});

describe('real EDF files', () => {
  const real = (name: string): Recording =>
    openEdf(new DiskFile(path.join(dataFolder, 'wfdb-formats', name)), name);

  it('test_generator_2.edf: eleven leads at 200 Hz, whose sines are sines', needsData, () => {
    const recording = real('test_generator_2.edf');
    assert.deepEqual([recording.format, recording.rate, recording.frames], ['EDF+C', 200, 120_000]);
    assert.equal(recording.started, '2009-12-10T12:44:02');
    assert.equal(recording.leads.length, 11);
    const lead = recording.leads.findIndex(({ name }) => name === 'sine 8.5 Hz');
    for (const start of [0, 57_000, 119_000]) {
      for (const [i, value] of recording.read(lead, start, start + 1000).entries()) {
        const expected = 100 * Math.sin((2 * Math.PI * 8.5 * (start + i + 1)) / 200);
        assert.ok(Math.abs(value - expected) < 0.1, `sample ${start + i}: ${value}, ${expected}`);
      }
    }
    const notes = recording.annotations().map(({ sample, text }) => [sample, text]);
    assert.deepEqual(notes, [
      [0, 'RECORD START'],
      [120_000, 'REC STOP'],
    ]);
  });

  it('test_edfann.edf: 856 sleep stages and notes', needsData, () => {
    const notes = real('test_edfann.edf').annotations();
    assert.equal(notes.length, 856);
    assert.deepEqual([notes[0].text, notes[0].duration, notes[1].sample], ['Sleep stage W', 30, 30_000]);
  });
});
