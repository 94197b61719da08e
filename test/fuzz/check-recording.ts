import assert from 'node:assert/strict';
import { UserError } from '../../src/common/errors.ts';
import type { RandomStream } from '../../src/common/random.ts';
import type { Annotation } from '../../src/recording/annotation.ts';
import { flutter, noise, rhythms } from '../../src/recording/annotations/episodes.ts';
import { leadLength, physical, type Recording } from '../../src/recording/recording.ts';

const atOnce = 1000;

/**
 * Whatever an open recording says must make sense, and be the same in one piece and in two. What it refuses does not keep the
 * rest from being looked at; the first refusal is thrown in the end.
 */
export function checkRecording(recording: Recording, random: RandomStream): void {
  const { rate, frames, leads, segments } = recording;
  assert.ok(rate > 0 && rate < Infinity, `a rate of ${rate}`);
  assert.ok(Number.isSafeInteger(frames) && frames >= 0, `${frames} frames`);
  assert.ok(segments.length > 0, 'no segments');
  let at = 0;
  for (const { start, frames: length } of segments) {
    assert.equal(start, at, 'segments follow each other');
    at += length;
  }
  assert.equal(at, frames, 'segments are all frames');
  for (const text of [recording.name, recording.format, ...recording.comments])
    assert.equal(typeof text, 'string');
  const refusals: UserError[] = [];
  const attempt: Attempt = (what) => {
    try {
      what();
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      refusals.push(error);
    }
  };
  attempt(() => checkAnnotations(recording.annotations(), frames));
  // Some leads of many: the first, the last, and one more.
  const some = new Set([0, leads.length - 1, random.integer(Math.max(1, leads.length))]);
  for (const lead of some) if (lead in leads) checkLead(recording, lead, random, attempt);
  if (refusals.length > 0) throw refusals[0];
}

type Attempt = (what: () => void) => void;

function checkLead(recording: Recording, lead: number, random: RandomStream, attempt: Attempt): void {
  const { name, units, gain, baseline, samplesPerFrame } = recording.leads[lead];
  assert.ok(typeof name === 'string' && typeof units === 'string');
  assert.ok(
    Number.isFinite(baseline) && (gain === undefined || (Number.isFinite(gain) && gain !== 0)),
    `gain ${gain}`,
  );
  assert.ok(
    Number.isSafeInteger(samplesPerFrame) && samplesPerFrame > 0,
    `${samplesPerFrame} samples per frame`,
  );
  const length = leadLength(recording, lead);
  assert.ok(Number.isSafeInteger(length), `lead ${lead} has ${length} samples`);
  const middle = Math.floor(random.uniform() * length);
  for (const start of [0, middle, length - Math.min(length, atOnce)]) {
    const end = Math.min(length, start + atOnce);
    const cut = start + random.integer(end - start + 1);
    attempt(() => {
      const whole = recording.read(lead, start, end);
      assert.equal(whole.length, end - start);
      const pieces = [...recording.read(lead, start, cut), ...recording.read(lead, cut, end)];
      assert.deepEqual([...whole], pieces, 'two pieces are the whole');
      const digital = recording.digital?.(lead, start, end);
      if (digital) {
        assert.deepEqual([...physical(digital, recording.leads[lead])], pieces, 'integers are the values');
      }
    });
  }
  attempt(() => assert.match(recording.checksum(lead), /^(match|absent|mismatch)$/));
}

/** Samples that are stored, and not only claimed, take a byte each at least, or what deflate makes of one. */
export function checkClaim(recording: Recording, size: number, isPacked: boolean): void {
  let frames = 0;
  for (const { name, frames: length } of recording.segments) if (name !== '') frames += length;
  let perFrame = 0;
  for (const { samplesPerFrame } of recording.leads) perFrame += samplesPerFrame;
  const most = size * (isPacked ? 1032 : 1);
  assert.ok(frames * perFrame <= most, `${frames * perFrame} samples in ${size} bytes`);
}

export function checkAnnotations(annotations: readonly Annotation[], frames: number): void {
  for (const { sample, symbol, subtype, channel, number, text, duration } of annotations) {
    assert.ok(Number.isSafeInteger(sample), `an annotation at ${sample}`);
    assert.ok(typeof symbol === 'string' && symbol !== '' && typeof text === 'string');
    assert.ok(Math.abs(subtype) <= 128 && Math.abs(number) <= 128 && channel >= 0 && channel < 4096);
    assert.ok(duration >= 0 && duration < Infinity, `a duration of ${duration}`);
  }
  for (const { start, end } of [
    ...rhythms(annotations, frames),
    ...noise(annotations, frames),
    ...flutter(annotations, frames),
  ]) {
    assert.ok(start >= 0 && end > start && end <= frames, `an episode from ${start} to ${end} of ${frames}`);
  }
}
