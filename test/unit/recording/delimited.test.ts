import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { UserError } from '../../../src/common/errors.ts';
import { MemoryFile } from '../../../src/recording/byte-file.ts';
import { openDelimited } from '../../../src/recording/delimited/delimited-recording.ts';
import type { GivenLayout } from '../../../src/recording/delimited/layout.ts';
import { MissingFactError, type Facts } from '../../../src/recording/facts.ts';
import type { Recording } from '../../../src/recording/recording.ts';
import { readEnds, survivesDamage } from './hostile.ts';

function open(text: string | Uint8Array, facts?: Facts, given?: GivenLayout): Recording {
  return openDelimited(new MemoryFile('x.csv', Buffer.from(text)), 'x', facts, given);
}

function all(recording: Recording, lead = 0): number[] {
  return [...recording.read(lead, 0, recording.frames)];
}

/** Lines of a time, a ramp of -0.5, -0.4 … and its negative. */
function rows(count: number, time: (i: number) => string, separator = ','): string {
  const value = (v: number): string => (separator === ';' ? v.toFixed(1).replace('.', ',') : v.toFixed(1));
  return Array.from({ length: count }, (_, i) =>
    [time(i), value(i / 10 - 0.5), value(0.5 - i / 10)].join(separator),
  ).join('\n');
}

const ramp = (count: number): number[] =>
  Array.from({ length: count }, (_, i) => Number((i / 10 - 0.5).toFixed(1)));
const at250 = (i: number): string => (i / 250).toFixed(3);

const refusedWith = (pattern: RegExp, line?: number) => (e: unknown) =>
  e instanceof UserError &&
  e.place.file === 'x.csv' &&
  (!line || e.place.line === line) &&
  pattern.test(e.message);

describe('a CSV file', () => {
  it('says its leads, units and rate in header and time column', () => {
    const recording = open(`time (s),MLII (mV),V5_uV\n${rows(20, at250)}\n`);
    assert.deepEqual([recording.format, recording.rate, recording.frames], ['CSV', 250, 20]);
    assert.deepEqual(
      recording.leads.map(({ name, units, gain }) => [name, units, gain]),
      [
        ['MLII', 'mV', undefined],
        ['V5', 'uV', undefined],
      ],
    );
    assert.deepEqual(all(recording), ramp(20));
    assert.deepEqual([...recording.read(1, 3, 5)], [0.2, 0.1]);
    assert.deepEqual(recording.segments, [{ name: 'x', start: 0, frames: 20 }]);
    assert.equal(recording.digital, undefined);
    assert.throws(() => recording.read(0, 0, 21), RangeError);
  });

  const dialects: [string, string][] = [
    ['tabs', `t\tI (mV)\tII (mV)\n${rows(12, at250, '\t')}`],
    [
      'semicolons and decimal commas',
      `Time [s];I [mV];II [mV]\n${rows(12, (i) => at250(i).replace('.', ','), ';')}`,
    ],
    ['runs of blanks', `t I_mV II_mV\n  ${rows(12, at250, '   ').replaceAll('\n', ' \n  ')}`],
    [
      'commas and blanks, CRLF, a byte order mark',
      `\ufefft, I (mV), II (mV)\r\n${rows(12, at250, ', ').replaceAll('\n', '\r\n')}\r\n`,
    ],
    ['quotes', `"t","I (mV)","II (mV)"\n${rows(12, at250).replace(/[^,\n]+/g, '"$&"')}`],
    [
      'comments and empty lines',
      `# made by hand\n% twice\n\nt,I (mV),II (mV)\n${rows(12, at250).replace('\n', '\n# half\n\n')}`,
    ],
    ['a column at its end that is empty', `t,I (mV),II (mV)\n${rows(12, at250).replaceAll('\n', ',\n')},`],
    ['names in a comment', `# t,I (mV),II (mV)\n${rows(12, at250)}`],
    ['row names that have no name', `I (mV),II (mV)\n${rows(12, at250)}`],
  ];
  for (const [name, text] of dialects) {
    it(`with ${name} is read`, () => {
      const recording = open(text);
      assert.equal(recording.rate, 250);
      assert.deepEqual(
        recording.leads.map((lead) => [lead.name, lead.units]),
        [
          ['I', 'mV'],
          ['II', 'mV'],
        ],
      );
      assert.deepEqual(all(recording), ramp(12));
      assert.deepEqual(
        all(recording, 1),
        ramp(12).map((v) => 0 - v),
      );
    });
  }

  it('as rdsamp -v writes it is read', () => {
    const text = `'Elapsed time','MLII'\n'hh:mm:ss.mmm','mV'\n'59:59.996',-0.145\n'1:00:00.000',-0.15\n`;
    const recording = open(text);
    assert.equal(recording.rate, 250);
    assert.deepEqual([recording.leads[0].name, recording.leads[0].units], ['MLII', 'mV']);
    assert.deepEqual(all(recording), [-0.145, -0.15]);
    const tabs = `     Elapsed time\t   MLII\n     hh:mm:ss.mmm\t   (mV)\n         0:00.000\t -0.145\n         0:00.004\t -0.150\n`;
    assert.deepEqual(all(open(tabs)), [-0.145, -0.15]);
    const dates = `time,a (mV)\n[23:59:59.996 31/12/1999],1\n[00:00:00.000 01/01/2000],2\n`;
    assert.deepEqual([open(dates).rate, open(dates).started], [250, '1999-12-31T23:59:59']);
  });

  it('with the date and time of each line says when it was started', () => {
    const text = `timestamp,a (mV)\n2024-02-29 23:59:59.998Z,1\n2024-03-01 00:00:00.000Z,2\n2024-03-01 00:00:00.002Z,3\n`;
    assert.deepEqual([open(text).rate, open(text).started], [500, '2024-02-29T23:59:59']);
  });

  const times: [string, number, (i: number) => string][] = [
    ['time_ms', 250, (i) => String(i * 4)],
    ['t (us)', 1000, (i) => String(i * 1000 + 5)],
    ['time', 360, (i) => (i / 360).toFixed(3)],
    ['sec', 0.5, (i) => String(i * 2)],
    ['Timestamp', 200, (i) => String(1.7e12 + i * 5)],
    ['clock', 100, (i) => `23:59:59.${String(i).padStart(2, '0')}`],
    ['', 128, (i) => (i / 128).toFixed(7)],
  ];
  for (const [name, rate, time] of times) {
    it(`with a time column \`${name}\` like ${time(1)} has a rate of ${rate} Hz`, () => {
      assert.equal(open(`${name},a (mV),b (mV)\n${rows(100, time)}`).rate, rate);
    });
  }

  it('whose clock passes midnight goes on', () => {
    const clock = (i: number): string => (i < 6 ? `23:59:59.${94 + i}` : `00:00:00.0${i - 6}`);
    assert.equal(open(`time,a (mV),b (mV)\n${rows(12, clock)}`).rate, 100);
  });

  it('that counts samples and seconds goes by the seconds', () => {
    const recording = open(`sample,time,a (mV),b (mV)\n${rows(20, (i) => `${i},${at250(i)}`)}`);
    assert.equal(recording.rate, 250);
    assert.deepEqual(
      recording.leads.map(({ name }) => name),
      ['a', 'b'],
    );
  });

  it('without header or time column takes what it is told', () => {
    const recording = open('1,2\n3,4\n', { rate: 300, units: 'uV' });
    assert.deepEqual([recording.rate, recording.frames], [300, 2]);
    assert.deepEqual(
      recording.leads.map((lead) => [lead.name, lead.units]),
      [
        ['column 1', 'uV'],
        ['column 2', 'uV'],
      ],
    );
    assert.deepEqual(all(open('1;2\n3;4\n', { rate: 300, units: 'uV' }, { header: true })), [3]);
    assert.deepEqual(all(open('1,5\n2,5\n', { rate: 300, units: 'uV' }, { delimiter: ';' })), [1.5, 2.5]);
  });

  it('leaves out a column of text, and says so', () => {
    const recording = open('a (mV),beat\n1,N\n2,\n3,V\n', { rate: 1 });
    assert.deepEqual([recording.leads.length, all(recording)], [1, [1, 2, 3]]);
    assert.deepEqual(recording.comments, ['The column beat holds text, and is no lead']);
  });

  it('finds the rate in a comment', () => {
    assert.equal(open('%Sample Rate = 250.0 Hz\na (mV)\n1\n2\n').rate, 250);
    assert.equal(open('# {"sampling rate": 1000}\na (mV)\n1\n2\n').rate, 1000);
  });

  it('has NaN where a cell is empty or says that there is nothing', () => {
    const recording = open('a (mV),b\n1,\n-,2\nNaN,NA\n4,1e-3\n', { rate: 100, units: 'mV' });
    assert.deepEqual(all(recording), [1, NaN, NaN, 4]);
    assert.deepEqual(all(recording, 1), [NaN, 2, NaN, 0.001]);
  });

  it('is read by range beyond the first block, comments within', () => {
    const count = 100_000;
    const lines = Array.from({ length: count }, (_, i) => (i % 1000 ? '' : '# note\n') + `${i},${-i}.25`);
    const recording = open(`a (mV),b (mV)\n${lines.join('\n')}`, { rate: 500 });
    assert.equal(recording.frames, count);
    for (const [start, end] of [
      [0, 3],
      [1023, 1026],
      [52_000, 56_000],
      [99_990, 100_000],
    ]) {
      assert.deepEqual(
        [...recording.read(0, start, end)],
        Array.from({ length: end - start }, (_, k) => start + k),
      );
      assert.equal(recording.read(1, start + 1, start + 2)[0], -(start + 1) - 0.25);
    }
  });

  it('rounds numbers of any length as the language does', () => {
    const numbers = [
      '0.1',
      '-.5',
      '+3.',
      '123456789012345',
      '0.1234567890123456789',
      '1.7976931348623157e308',
      '4.35',
      '2.675',
    ];
    const recording = open(`a (mV)\n${numbers.join('\n')}\n`, { rate: 1 });
    assert.deepEqual(all(recording), numbers.map(Number));
  });
});

describe('what a CSV file does not say', () => {
  const missing = (fact: keyof Facts) => (e: unknown) =>
    e instanceof MissingFactError && e.fact === fact && e.place.file === 'x.csv';

  it('is asked for', () => {
    assert.throws(() => open('a (mV)\n1\n2\n'), missing('rate'));
    assert.throws(() => open(`sample,a (mV),b (mV)\n${rows(20, String)}`), missing('rate'));
    assert.throws(() => open(`time,a (mV),b (mV)\n${rows(20, (i) => String(i * 4))}`), missing('rate'));
    assert.throws(() => open(`t,a (mV),b (mV)\n${rows(1, at250)}`), missing('rate'));
    assert.throws(() => open(`t,a (mV),b\n${rows(20, at250)}`), missing('units'));
    assert.equal(open(`sample,a (mV),b (mV)\n${rows(20, String)}`, { rate: 360 }).rate, 360);
    assert.equal(open(`time,a (mV),b (mV)\n${rows(20, (i) => String(i * 4))}`, { rate: 250 }).rate, 250);
  });

  it('but what it says is not overruled', () => {
    const text = `t,a (mV),Resp (Ohm)\n${rows(20, at250)}`;
    assert.deepEqual(
      open(text, { rate: 250, units: 'mv' }).leads.map(({ units }) => units),
      ['mV', 'Ohm'],
    );
    assert.throws(() => open(text, { rate: 300 }), refusedWith(/`t` says 250 Hz, not 300 Hz/));
    assert.throws(() => open(text, { units: 'uV' }), refusedWith(/`a` is in mV, not in uV/));
    assert.throws(() => open(`# fs: 250\na (mV)\n1\n`, { rate: 360 }), refusedWith(/says 250 Hz, not 360/));
  });
});

describe('a CSV file that is wrong', () => {
  const head = 't,a (mV),b (mV)\n';

  it('is refused with line and column', () => {
    const bad = open(`${head}${rows(20, at250).replace('-0.3', 'x0.3')}`);
    assert.throws(() => bad.read(0, 0, 20), refusedWith(/`x0.3` in the column `a` is no number/, 4));
    assert.deepEqual([...bad.read(0, 3, 4)], [-0.2], 'other ranges are read');
    assert.throws(
      () => open(`${head}${rows(20, at250)}\n0.080,1\n`),
      refusedWith(/has 2 columns, the lines before it 3/, 22),
    );
    assert.throws(() => open(`${head}0,1,2\n0.004,"1,2\n`), refusedWith(/quote is not closed/, 3));
    assert.throws(
      () => open(`t,a\n${rows(20, at250)}`),
      (e) => e instanceof UserError,
    );
    assert.throws(() => open(`a,b,c,d\n1,2,3\n`), refusedWith(/has 3 columns, and its header 4 names/, 2));
    assert.throws(
      () => open(`${head}${rows(20, (i) => (i === 15 ? '' : at250(i)))}`),
      refusedWith(/`` in the column `t` is no time/, 17),
    );
  });

  it('is refused where its time is not even', () => {
    const gap = (i: number): string => at250(i < 15 ? i : i + 30);
    assert.throws(
      () => open(head + rows(40, gap)),
      refusedWith(/rises by 0.124 here, and by 0.004 elsewhere/, 17),
    );
    const fall = (i: number): string => at250(i === 30 ? 5 : i);
    assert.throws(() => open(head + rows(40, fall)), refusedWith(/falls from 0.116 to 0.02/, 32));
    assert.throws(() => open(head + rows(40, () => '1.5')), refusedWith(/does not rise/));
    // Each step is near the mean one, but the rate changes.
    const drifting = (i: number): string => (i < 4096 ? i / 250 : 4096 / 250 + (i - 4096) / 260).toFixed(6);
    assert.throws(() => open(head + rows(8192, drifting)), refusedWith(/rises by .* a line from here/));
  });

  it('that is no text of numbers is refused', () => {
    assert.throws(() => open(''), refusedWith(/no lines of numbers/));
    assert.throws(() => open('# nothing\n\n'), refusedWith(/no lines of numbers/));
    assert.throws(() => open('a,b\n'), refusedWith(/no line of numbers follows/, 1));
    assert.throws(() => open(Buffer.from('\ufeffa,b\n1,2\n', 'utf16le')), refusedWith(/UTF-16/));
    assert.throws(() => open(Buffer.alloc(3 << 20, 0x31)), refusedWith(/longer than/, 1));
    assert.throws(
      () => open(`a (mV)\n1\n${'1'.repeat(3 << 20)}\n`, { rate: 1 }),
      refusedWith(/longer than/, 3),
    );
    assert.throws(
      () => open('1,'.repeat(2000), { rate: 1, units: 'mV' }),
      refusedWith(/more than 1024 columns/, 1),
    );
    assert.throws(() => open('t\n0.1\n0.2\n'), refusedWith(/no column of numbers but that of the time/));
  });

  it('with a megabyte of blanks or brackets in a heading or comment is read all the same', () => {
    for (const filling of [' ', '(', ' _', '( ']) {
      const long = `a${filling.repeat(900_000 / filling.length)}b`;
      const recording = open(`# fs ${long}\nt,I${long},x (mV)\n${rows(20, at250)}`, { units: 'mV' });
      assert.deepEqual([recording.rate, recording.leads[0].name.length], [250, 200]);
    }
  });

  it('never ends in anything but samples or a UserError', () => {
    const text = `# fs = 250\n${head}${rows(30, at250)}\n`;
    survivesDamage(Buffer.from(text), 3000, (file) =>
      readEnds(openDelimited(file, 'x', { rate: 250, units: 'mV' })),
    );
    const quoted = `"time";"a"\n"hh:mm:ss";"mV"\n"0:00,004";1,5\n"0:00,008";2\n`;
    survivesDamage(Buffer.from(quoted), 3000, (file) => readEnds(openDelimited(file, 'x')));
  });
});
