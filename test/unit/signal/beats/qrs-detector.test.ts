import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { UserError } from '../../../../src/common/errors.ts';
import { QrsDecision } from '../../../../src/signal/beats/qrs-decision.ts';
import { detectBeats, QrsDetector } from '../../../../src/signal/beats/qrs-detector.ts';
import { ecg, noisy, type Beat } from '../synthetic-ecg.ts';

/** Beats every `seconds`, from 0.5 s on. */
function every(seconds: number, duration: number, beat: Partial<Beat> = {}): Beat[] {
  const beats: Beat[] = [];
  for (let time = 0.5; time < duration - 0.3; time += seconds) beats.push({ time, ...beat });
  return beats;
}

/** Each beat found once, within 20 ms, and nothing else. */
function assertFound(found: readonly number[], beats: readonly Beat[], rate: number): void {
  assert.deepEqual(
    found.map((sample) => beats.findIndex(({ time }) => Math.abs(sample / rate - time) <= 0.02 + 1 / rate)),
    beats.map((_, i) => i),
  );
}

describe('QRS detector', () => {
  it('finds the beats of a clean signal at any rate, from the first to the last', () => {
    for (const rate of [80, 100, 128, 250, 360, 500, 977.5, 1000, 2000]) {
      const beats = every(0.8, 30);
      assertFound(detectBeats(ecg(beats, 30, rate), rate), beats, rate);
    }
  });

  it('finds the same whatever the size of the blocks', () => {
    const rate = 250;
    const signal = noisy(ecg(every(0.7, 120), 120, rate), 0.15, 3);
    signal.fill(NaN, 9000, 9700);
    const whole = detectBeats(signal, rate);
    assert.ok(whole.length > 150);
    for (const size of [1, 7, 1000, 4999]) {
      const detector = new QrsDetector(rate);
      const found: number[] = [];
      for (let at = 0; at < signal.length; at += size)
        found.push(...detector.push(signal.subarray(at, at + size)));
      assert.deepEqual([...found, ...detector.end()], whole, String(size));
    }
  });

  it('gives beats out as they are certain, in order, the last but one at the latest when the next is found', () => {
    const rate = 200;
    const beats = every(1, 60);
    const signal = ecg(beats, 60, rate);
    const detector = new QrsDetector(rate);
    assert.deepEqual(detector.push(signal.subarray(0, 8 * rate - 100)), []);
    const found = detector.push(signal.subarray(8 * rate - 100, 50 * rate));
    assert.ok(found.length >= 48, String(found.length));
    assertFound([...found, ...detector.push(signal.subarray(50 * rate)), ...detector.end()], beats, rate);
  });

  it('does not care for sign, for an offset of the baseline and its slow wander', () => {
    const rate = 360;
    const beats = every(0.9, 60);
    const signal = ecg(beats, 60, rate);
    assertFound(
      detectBeats(
        signal.map((v) => -v),
        rate,
      ),
      beats,
      rate,
    );
    assertFound(
      detectBeats(
        signal.map((v, i) => v + 300 + 2 * Math.sin((2 * Math.PI * 0.3 * i) / rate)),
        rate,
      ),
      beats,
      rate,
    );
  });

  it('finds beats of a tenth of a millivolt, and those after a sudden fall to a fifth', () => {
    const rate = 250;
    const small = every(0.8, 40, { size: 0.1 });
    assertFound(detectBeats(ecg(small, 40, rate), rate), small, rate);
    const falling = every(0.8, 80).map((beat) => ({ ...beat, size: beat.time > 40 ? 0.2 : 1 }));
    assertFound(detectBeats(ecg(falling, 80, rate), rate), falling, rate);
  });

  it('takes a tall T wave for no beat', () => {
    const rate = 360;
    const beats = every(0.9, 60, { t: 1.2, tWidth: 0.03 });
    assertFound(detectBeats(ecg(beats, 60, rate), rate), beats, rate);
  });

  it('finds both beats of bigeminy, wide and large ones between narrow ones', () => {
    const rate = 360;
    const beats = every(0.75, 60).map((beat, i) =>
      i % 2 ? { ...beat, time: beat.time - 0.15, size: 2, width: 2.5, t: -0.4 } : beat,
    );
    assertFound(detectBeats(ecg(beats, 60, rate), rate), beats, rate);
  });

  it('finds the small beats where every other one is large, as they become smaller', () => {
    const rate = 360;
    const beats = every(0.75, 60).map((beat, i) => ({
      ...beat,
      size: i % 2 ? 1 : beat.time < 30 ? 0.45 : 0.22,
    }));
    assertFound(detectBeats(ecg(beats, 60, rate), rate), beats, rate);
  });

  it('takes back a weak peak without which the rhythm is even, and keeps it where the rhythm is not', () => {
    const rate = 360;
    const even = every(0.9, 60);
    const between = { time: even[30].time + 0.43, size: 0.5, t: 0 };
    const inOrder = (beats: Beat[]): Beat[] => [...beats, between].sort((a, b) => a.time - b.time);
    assertFound(detectBeats(ecg(inOrder(even), 60, rate), rate), even, rate);
    const uneven = even.map((beat, i) => ({
      ...beat,
      time: beat.time + (i === 30 || i === 31 ? 0 : 0.09 * ((i % 5) - 2)),
    }));
    assertFound(detectBeats(ecg(inOrder(uneven), 60, rate), rate), inOrder(uneven), rate);
  });

  it('finds a beat just after the start, just before the end, and just after a gap', () => {
    const rate = 250;
    const beats = [...every(0.8, 20).slice(1), { time: 19.94 }];
    beats.unshift({ time: 0.06 });
    assertFound(detectBeats(ecg(beats, 20, rate), rate), beats, rate);
    const later = every(0.8, 20).filter(({ time }) => time < 9.8 || time > 11.5);
    const signal = ecg(later, 20, rate).map((v, i) => (i > 11 * rate ? v + 50 : v));
    signal.fill(NaN, Math.round(9.9 * rate), Math.round(11.62 * rate));
    assertFound(detectBeats(signal, rate), later, rate);
  });

  it('finds nothing in what is not there: a flat line, missing samples, steps of the baseline', () => {
    const rate = 250;
    const flat = new Float32Array(60 * rate).fill(0.3);
    assert.deepEqual(detectBeats(flat, rate), []);
    assert.deepEqual(
      detectBeats(
        flat.map(() => NaN),
        rate,
      ),
      [],
    );
    const steps = flat.map((_, i) => (Math.floor(i / (2 * rate)) % 2 ? 1 : 0));
    assert.deepEqual(detectBeats(steps, rate), []);
    assert.deepEqual(detectBeats([], rate), []);
  });

  it('goes on after a gap, however high the signal comes back, and after an hour of a flat line', () => {
    const rate = 250;
    const beats = every(0.8, 60).filter(({ time }) => time < 19.7 || time > 30.3);
    const signal = ecg(beats, 60, rate).map((v, i) => (i > 30 * rate ? v + 50 : v));
    signal.fill(NaN, 20 * rate, 30 * rate);
    assertFound(detectBeats(signal, rate), beats, rate);

    const detector = new QrsDetector(rate);
    const part = ecg(every(0.8, 30), 30, rate);
    const first = detector.push(part);
    for (let minute = 0; minute < 60; minute++)
      first.push(...detector.push(new Float32Array(60 * rate).fill(part[0])));
    const later = every(0.8, 30, { size: 0.1 });
    const last = [...detector.push(ecg(later, 30, rate)), ...detector.end()];
    const offset = 3630 * rate;
    assert.equal(first.length + last.filter((sample) => sample < offset).length, every(0.8, 30).length);
    assertFound(
      last.filter((sample) => sample >= offset).map((sample) => sample - offset),
      later,
      rate,
    );
  });

  it('finds the beats though some samples are missing in each second', () => {
    const rate = 360;
    const beats = every(0.81, 60);
    const signal = ecg(beats, 60, rate).map((v, i) => (i % 50 < 3 ? NaN : v));
    assertFound(detectBeats(signal, rate), beats, rate);
  });

  it('recovers from one absurd value', () => {
    const rate = 250;
    const beats = every(0.8, 60);
    for (const value of [1e30, 1e308, Infinity]) {
      const signal = Float64Array.from(ecg(beats, 60, rate));
      signal[30 * rate] = value;
      const found = detectBeats(signal, rate).filter((sample) => Math.abs(sample / rate - 30) > 1.5);
      assertFound(
        found,
        beats.filter(({ time }) => Math.abs(time - 30) > 1.5),
        rate,
      );
    }
  });

  it('finds the beats of signals of a few seconds', () => {
    const rate = 300;
    for (const seconds of [1.3, 2, 4, 7.9, 9]) {
      const beats = every(0.7, seconds);
      assertFound(detectBeats(ecg(beats, seconds, rate), rate), beats, rate);
    }
  });

  it('keeps no more and more of what is not a beat: two days of nothing else', () => {
    const decision = new QrsDecision(250);
    const none = { strength: 0.01, beside: 0, rise: 0.1, fall: 0.1 };
    for (let second = 0; second < 200_000; second++) {
      decision.peak({ ...none, index: 250 * second, beat: 250 * second });
      decision.second(1);
    }
    decision.end(250 * 200_000);
    assert.deepEqual(decision.take(), []);
  });

  it('says at which rates beats cannot be found', () => {
    for (const rate of [0, 10, -250, NaN, Infinity, 1e9]) {
      assert.throws(() => new QrsDetector(rate), UserError);
    }
  });
});
