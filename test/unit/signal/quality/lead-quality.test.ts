import assert from 'node:assert/strict';
import * as path from 'node:path';
import { describe, it } from 'node:test';
import { UserError } from '../../../../src/common/errors.ts';
import { readMillivolts } from '../../../../src/recording/millivolts.ts';
import { openRecordingFile } from '../../../../src/recording/open-recording.ts';
import {
  leadQuality,
  LeadQualityMeter,
  type LeadQuality,
} from '../../../../src/signal/quality/lead-quality.ts';
import { verdictOf } from '../../../../src/signal/quality/verdict.ts';
import { dataFolder, needsData } from '../../../require.ts';
import { ecg, noisy, type Beat } from '../synthetic-ecg.ts';

const rate = 360;
const seconds = 120;

/** Beats of 1 mV that are never quite the same distance apart. */
function beats(size = 1): Beat[] {
  const list: Beat[] = [];
  for (let time = 0.5; time < seconds - 0.4; time += 0.8 + 0.04 * Math.sin(time)) list.push({ time, size });
  return list;
}

const clean = noisy(ecg(beats(), seconds, rate), 0.005, 1);
const sine = (amplitude: number, frequency: number): Float32Array =>
  clean.map((v, i) => v + amplitude * Math.sin((2 * Math.PI * frequency * i) / rate));

function assertNear(value: number | undefined, expected: number, tolerance: number): void {
  assert.ok(
    value !== undefined && Math.abs(value - expected) <= tolerance,
    `${value} is not ${expected} ± ${tolerance}`,
  );
}

function assertReason(quality: LeadQuality, verdict: LeadQuality['verdict'], reason: RegExp): void {
  assert.equal(quality.verdict, verdict, quality.reasons.join('; '));
  assert.match(quality.reasons[0], reason);
}

describe('quality of a lead', () => {
  it('is good where nothing is wrong, with duration, heart rate and height of the complexes', () => {
    const quality = leadQuality(clean, rate);
    assert.deepEqual([quality.verdict, quality.reasons, quality.concern], ['good', [], 0]);
    assertNear(quality.duration, seconds, 1e-9);
    assertNear(quality.heartRate, 75, 2);
    assert.equal(quality.beats, beats().length);
    // R and S from peak to peak, a little less after the low-pass at 40 Hz.
    assertNear(quality.height, 1.15, 0.1);
    assert.deepEqual([quality.missing, quality.clipped, quality.flat], [0, 0, 0]);
    assert.ok(quality.wander < 0.03, String(quality.wander));
  });

  it('does not depend on the size of the blocks', () => {
    const signal = noisy(clean, 0.1, 2);
    signal.fill(NaN, 7000, 12_345);
    const whole = leadQuality(signal, rate);
    for (const size of [1, 359, 10_000]) {
      const meter = new LeadQualityMeter(rate);
      for (let at = 0; at < signal.length; at += size) meter.push(signal.subarray(at, at + size));
      assert.deepEqual(meter.end(), whole, String(size));
    }
  });

  it('has missing samples, and what is there is as good as without the gap', () => {
    const signal = clean.slice();
    signal.fill(NaN, 30 * rate, 45 * rate);
    const quality = leadQuality(
      signal.map((v, i) => (i < 45 * rate ? v : v + 20)),
      rate,
    );
    assertNear(quality.missing, 15 / seconds, 1e-9);
    assertReason(quality, 'fair', /^13 % of the samples are missing$/);
    assertNear(quality.snr, leadQuality(clean, rate).snr ?? NaN, 1);
    assert.equal(quality.reasons.length, 1);
  });

  it('has flat stretches, of the whole lead at the most', () => {
    const signal = clean.map((v, i) => (i >= 20 * rate && i < 50 * rate ? 0.3 + 0.004 * (i % 2) : v));
    const quality = leadQuality(signal, rate);
    assertNear(quality.longestFlat, 30, 0.2);
    assertNear(quality.flat, 0.25, 0.002);
    assertReason(quality, 'poor', /^flat for 25 % of the time, 30\.\d s at a stretch$/);
    const all = leadQuality(new Float32Array(10 * rate), rate);
    assert.deepEqual([all.flat, all.longestFlat, all.clipped, all.beats], [1, 10, 0, 0]);
    assertReason(all, 'poor', /^flat for 100 %/);
    assert.ok(all.reasons.includes('no beats were found'));
  });

  it('has samples that were clipped at the top and at the bottom', () => {
    const signal = clean.map((v) => Math.max(-0.1, Math.min(0.5, v)));
    const quality = leadQuality(signal, rate);
    const at = signal.filter((v) => v === Math.fround(-0.1) || v === 0.5).length / signal.length;
    assert.ok(at > 0.02 && quality.clipped <= at);
    assertNear(quality.clipped, at, 0.2 * at);
    assertReason(quality, 'poor', /of the samples are clipped$/);
    assert.equal(leadQuality(sine(0.5, 0.2), rate).clipped, 0);
  });

  it('is clipped where three samples and more are at the very top or bottom, and nowhere below it', () => {
    const clipped = (...values: number[]): number => leadQuality(values, rate).clipped * values.length;
    assert.equal(clipped(0, 1, 1, 0, -1, -1, 0), 0);
    assert.equal(clipped(0, 1, 1, 1, 0, -1, -1, -1, -1, 0), 7);
    assert.equal(clipped(0, 1, 1, 1, 0, 1.5, 0), 0);
    assert.equal(clipped(0, 1, NaN, 1, 1, 0), 0);
  });

  it('has the wander of its baseline in mV, and no more because of an offset', () => {
    const quality = leadQuality(
      sine(1, 0.2).map((v) => v + 40),
      rate,
    );
    assertNear(quality.wander, Math.SQRT1_2, 0.03);
    assertReason(quality, 'fair', /^baseline wanders by 0\.7\d mV RMS$/);
    assertNear(leadQuality(sine(1, 1.2), rate).wander, 0, 0.05);
  });

  it('has the share of hum of 50 and of 60 Hz, where the rate lets it be told', () => {
    const power = leadPower(clean);
    for (const [frequency, key] of [
      [50, 'at50'],
      [60, 'at60'],
    ] as const) {
      const quality = leadQuality(sine(0.2, frequency), rate);
      assertNear(quality.mains[key], 0.02 / (0.02 + power), 0.03);
      assertNear(quality.mains[key === 'at50' ? 'at60' : 'at50'], 0, 0.005);
      assertReason(quality, 'fair', new RegExp(`^\\d\\d % of the power is hum of ${frequency} Hz$`));
    }
    const drifting = leadQuality(
      sine(0.2, 50).map((v, i) => v + (3 * i) / rate),
      rate,
    );
    assertNear(drifting.mains.at50, leadQuality(sine(0.2, 50), rate).mains.at50 ?? NaN, 0.03);
    assert.deepEqual(leadQuality(clean.subarray(0, 2000), 100).mains, { at50: undefined, at60: undefined });
    assert.equal(leadQuality(clean.subarray(0, 2000), 125).mains.at60, undefined);
  });

  it('has the signal-to-noise ratio of the noise stress test', () => {
    for (const deviation of [0.03, 0.05, 0.1]) {
      const quality = leadQuality(noisy(ecg(beats(), seconds, rate), deviation, 5), rate);
      // Of white noise, 39.5 of 180 Hz are within the band; the best of eight beats is a little too good.
      const expected = 10 * Math.log10((quality.height ?? NaN) ** 2 / 8 / (deviation ** 2 * (39.5 / 180)));
      assertNear(quality.snr, expected, 1.5);
    }
    const drowned = leadQuality(noisy(ecg(beats(), seconds, rate), 2, 5), rate);
    assertReason(drowned, 'poor', /beats are in noise|signal-to-noise/);
    assert.ok((drowned.snr ?? NaN) < 6, String(drowned.snr));
  });

  it('is not less for beats of two shapes', () => {
    const two = beats().map((beat, i) => (i % 3 === 2 ? { ...beat, size: -1.5, width: 2.5 } : beat));
    const quality = leadQuality(noisy(ecg(two, seconds, rate), 0.005, 1), rate);
    assert.equal(quality.verdict, 'good', quality.reasons.join('; '));
    assert.ok((quality.snr ?? 0) > 20);
  });

  it('has the share of beats in noise that comes and goes', () => {
    const noise = noisy(clean, 0.6, 9);
    const quality = leadQuality(
      clean.map((v, i) => (i > 80 * rate && i < 100 * rate ? noise[i] : v)),
      rate,
    );
    assertNear(quality.noisyBeats, 1 / 6, 0.05);
    assertReason(quality, 'fair', /beats are in noise$/);
  });

  it('has no signal-to-noise ratio where beats are too far apart to be kept until they are certain', () => {
    const signal = ecg(
      [0.5, 14, 28, 42, 57, 71, 85, 99, 113].map((time) => ({ time })),
      seconds,
      rate,
    );
    const quality = leadQuality(signal, rate);
    assert.equal(quality.beats, 9);
    assertNear(quality.heartRate, 60 / 14, 0.1);
    assert.equal(quality.snr, undefined);
  });

  it('says first what is worst, and leads with more wrong are of more concern', () => {
    const figures = {
      ...leadQuality(clean, rate),
      verdict: undefined,
      reasons: undefined,
      concern: undefined,
    };
    const one = verdictOf({ ...figures, wander: 0.5 });
    const two = verdictOf({ ...figures, wander: 0.5, missing: 0.02 });
    const three = verdictOf({ ...figures, wander: 0.5, missing: 0.02, snr: 3 });
    assert.deepEqual([one.verdict, two.verdict, three.verdict], ['fair', 'fair', 'poor']);
    assert.ok(0 < one.concern && one.concern < two.concern && two.concern < 1 && three.concern >= 1);
    assert.deepEqual(three.reasons, [
      'signal-to-noise ratio 3.0 dB',
      'baseline wanders by 0.50 mV RMS',
      '2.0 % of the samples are missing',
    ]);
  });

  it('is of signals of a second, and of none', () => {
    for (const length of [0, 1, 100, rate]) {
      const quality = leadQuality(clean.subarray(0, length), rate);
      assertReason(quality, 'poor', /^no beats were found$/);
      assertNear(quality.duration, length / rate, 1e-9);
    }
    assert.throws(() => leadQuality(clean, 20), UserError);
  });

  it('is poor under the noise of 118e00, of more concern than that of clean records', needsData, () => {
    const of = (file: string): LeadQuality => {
      const recording = openRecordingFile(path.join(dataFolder, file));
      try {
        return leadQuality(readMillivolts(recording, 0), recording.rate);
      } finally {
        recording.close();
      }
    };
    const stressed = of('nstdb/118e00.hea');
    assert.equal(stressed.verdict, 'poor');
    for (const record of ['100', '103', '205']) {
      const quality = of(`mitdb/${record}.hea`);
      assert.equal(quality.verdict, 'good', `${record}: ${quality.reasons.join('; ')}`);
      assert.ok((quality.snr ?? 0) > (stressed.snr ?? 0) + 10 && quality.concern < stressed.concern);
    }
  });
});

/** Mean power of the seconds of a signal without their means. */
function leadPower(signal: Float32Array): number {
  let power = 0;
  for (let at = 0; at < signal.length; at += rate) {
    const second = signal.subarray(at, at + rate);
    const mean = second.reduce((a, b) => a + b, 0) / rate;
    power += second.reduce((a, b) => a + (b - mean) ** 2, 0);
  }
  return power / signal.length;
}
