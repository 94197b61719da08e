import assert from 'node:assert/strict';
import { describeError, UserError } from '../../../src/common/errors.ts';
import { RandomStream } from '../../../src/common/random.ts';
import { MemoryFile, type ByteFile } from '../../../src/recording/byte-file.ts';
import { leadLength, type Recording } from '../../../src/recording/recording.ts';

/** Run a reader over a file cut at every byte, and over mutations of it: it succeeds or throws a UserError. */
export function survivesDamage(bytes: Uint8Array, mutations: number, use: (file: ByteFile) => void): void {
  const run = (damaged: Uint8Array, what: string): boolean => {
    try {
      use(new MemoryFile('damaged', damaged));
      return true;
    } catch (error) {
      assert.ok(error instanceof UserError, `${what}: ${(error as Error).stack ?? describeError(error)}`);
      assert.equal(error.place.file, 'damaged', `${what} names no file`);
      return false;
    }
  };
  assert.ok(run(bytes, 'whole'), 'the whole file is readable');
  for (let length = 0; length < bytes.length; length++) run(bytes.subarray(0, length), `cut at ${length}`);
  const random = new RandomStream(1, 'hostile');
  for (let m = 0; m < mutations; m++) {
    const damaged = Uint8Array.from(bytes);
    // Heads are where the sizes are: half of the changes go there.
    const reach = m % 2 ? damaged.length : Math.min(damaged.length, 512);
    for (let k = random.integer(4); k >= 0; k--) {
      const at = random.integer(reach);
      const kind = random.integer(4);
      if (kind === 0) damaged[at] ^= 1 << random.integer(8);
      else if (kind === 1) damaged[at] = random.integer(256);
      else if (kind === 2)
        damaged.fill([0, 0xff, 0x30, 0x39, 0x20][random.integer(5)], at, at + 1 + random.integer(8));
      else damaged.copyWithin(at, random.integer(reach), random.integer(reach));
    }
    run(damaged, `mutation ${m}`);
  }
}

/** Read what a recording has, up to a thousand samples at both ends of each lead. */
export function readEnds(recording: Recording): void {
  recording.annotations();
  for (const lead of recording.leads.keys()) {
    const length = leadLength(recording, lead);
    assert.ok(Number.isSafeInteger(length) && length >= 0, `lead ${lead} has ${length} samples`);
    const some = Math.min(length, 1000);
    for (const start of [0, length - some]) {
      recording.read(lead, start, start + some);
      recording.digital?.(lead, start, start + some);
    }
  }
  const ends = recording.segments.reduce(
    (at, { start, frames }) => (assert.equal(start, at), at + frames),
    0,
  );
  assert.equal(ends, recording.frames, 'the segments are all frames');
}
