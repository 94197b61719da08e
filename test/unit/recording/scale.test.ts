import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { silentContext } from '../../../src/common/job.ts';
import { cinc2017 } from '../../../src/dataset/recipes/cinc2017.ts';
import { defaultSource } from '../../../src/dataset/spec.ts';
import { ViewedRecording } from '../../../src/jobs/viewed-recording.ts';
import { MemoryFile, type ByteFile } from '../../../src/recording/byte-file.ts';
import type { Archive, FileSource } from '../../../src/recording/file-source.ts';
import { openWfdb } from '../../../src/recording/wfdb/record.ts';

const hours = 24;
const rate = 250;
const leads = 3;
const frames = hours * 3600 * rate;

/** A day of three leads that is on no disk: each byte is a function of its place. Counts what is asked of it. */
class DayFile implements ByteFile {
  readonly location = 'day.dat';
  readonly size = frames * leads * 2;
  bytesRead = 0;
  largestRead = 0;

  read(offset: number, length: number): Uint8Array {
    const count = Math.max(0, Math.min(length, this.size - offset));
    this.bytesRead += count;
    this.largestRead = Math.max(this.largestRead, count);
    const bytes = new Uint8Array(count);
    for (let i = 0; i < count; i++) bytes[i] = (offset + i) & 1 ? 0 : ((offset + i) >> 1) % 251;
    return bytes;
  }

  close(): void {}
}

function day(file: DayFile): FileSource {
  const lead = (name: string): string => `day.dat 16 200/mV 12 0 0 0 0 ${name}\n`;
  const header = `day ${leads} ${rate} ${frames}\n${lead('I')}${lead('II')}${lead('V1')}`;
  return {
    location: 'memory',
    has: () => true,
    open: (name) => (name === 'day.hea' ? new MemoryFile(name, Buffer.from(header)) : file),
  };
}

describe('a recording of 24 hours, 250 Hz and three leads', () => {
  it('is opened without reading a sample', () => {
    const file = new DayFile();
    const recording = openWfdb(day(file), 'day');
    assert.equal(recording.frames, 21_600_000);
    assert.equal(file.bytesRead, 0);
  });

  it('is read by range: ten seconds anywhere are a megabyte at most', () => {
    for (const hour of [0, 7.5, 23.99]) {
      const file = new DayFile();
      const recording = openWfdb(day(file), 'day');
      const start = Math.floor(hour * 3600 * rate);
      for (let lead = 0; lead < leads; lead++) {
        const values = recording.read(lead, start, start + 10 * rate);
        assert.equal(Math.round(values[7] * 200), ((start + 7) * leads + lead) % 251);
      }
      assert.ok(file.bytesRead <= 1 << 20, `${file.bytesRead} bytes`);
    }
  });

  it('is drawn whole from an envelope, for which it is read once and a part at a time', () => {
    const file = new DayFile();
    const view = new ViewedRecording(openWfdb(day(file), 'day'));
    assert.equal(file.bytesRead, 0);
    const buckets = Math.ceil(view.sampleCount / 256);
    let pairs = 0;
    // An hour is enough to see it; the rest is alike.
    for (let start = 0; start < buckets / hours; start += 4096) {
      pairs += view.envelope(start, start + 4096)[0].length / 2;
    }
    assert.ok(pairs >= buckets / hours);
    assert.ok(file.bytesRead < pairs * 256 * leads * 2 + (1 << 20), 'each sample once');
    assert.ok(file.largestRead <= 1 << 20, 'a block at a time');
  });
});

describe('100,000 records', () => {
  it('are listed from their labels: no recording and no header is opened', async () => {
    const count = 100_000;
    const ids = Array.from({ length: count }, (_, i) => `A${String(i).padStart(6, '0')}`);
    const labels = ids.map((id, i) => `${id},${'NAO~'[i % 4]}\n`).join('');
    const names = ['REFERENCE.csv', ...ids.flatMap((id) => [`${id}.hea`, `${id}.mat`])];
    const all = new Set(names);
    const opened: string[] = [];
    const archive: Archive = {
      location: 'many',
      names: () => names,
      has: (name) => all.has(name),
      stamp: () => undefined,
      open(name) {
        opened.push(name);
        return new MemoryFile(name, Buffer.from(labels));
      },
      close: () => {},
    };
    const records = await cinc2017.index(archive, defaultSource('cinc2017', 'many'), silentContext());
    assert.equal(records.length, count);
    assert.deepEqual(opened, ['REFERENCE.csv']);
  });
});
