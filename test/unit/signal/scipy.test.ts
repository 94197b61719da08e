import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, it } from 'node:test';
import { butterworthBandPass, butterworthLowPass, magnitude } from '../../../src/signal/butterworth.ts';
import { CausalFilter, filterCausal, filterZeroPhase } from '../../../src/signal/filter.ts';
import { rationalFactor, resample } from '../../../src/signal/resample.ts';

interface Fixture {
  x: number[];
  filters: { order: number; band: [number, number]; rate: number; causal: number[]; zeroPhase: number[] }[];
  resampled: { up: number; down: number; y: number[] }[];
}
const fixture = JSON.parse(
  fs.readFileSync(path.join(import.meta.dirname, '../../fixtures/scipy-signal.json'), 'utf8'),
) as Fixture;
const x = Float32Array.from(fixture.x);

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  assert.equal(a.length, b.length);
  let worst = 0;
  for (let i = 0; i < a.length; i++) worst = Math.max(worst, Math.abs(a[i] - b[i]));
  return worst;
}

describe('signal processing equals scipy', () => {
  for (const { order, band, rate, causal, zeroPhase } of fixture.filters) {
    it(`Butterworth band-pass of order ${order}, ${band[0]}–${band[1]} Hz at ${rate} Hz, causal and zero-phase`, () => {
      const sections = butterworthBandPass(order, band, rate);
      assert.ok(largestDifference(filterCausal(sections, x), causal) < 2e-8);
      assert.ok(largestDifference(filterZeroPhase(sections, x), zeroPhase) < 2e-8);
    });
  }
  for (const { up, down, y } of fixture.resampled) {
    it(`resampling by ${up}/${down}`, () => {
      assert.ok(largestDifference(resample(x, down, up), y) < 1e-6);
    });
  }
});

describe('the band-pass', () => {
  it('lets the middle of its band through at gain 1 and halves the power at its edges', () => {
    const sections = butterworthBandPass(2, [0.5, 40], 122);
    const at = (hz: number): number => magnitude(sections, (2 * Math.PI * hz) / 122);
    assert.ok(Math.abs(at(0.5) - Math.SQRT1_2) < 1e-9);
    assert.ok(Math.abs(at(40) - Math.SQRT1_2) < 1e-9);
    assert.ok(Math.abs(at(5) - 1) < 1e-3);
    assert.ok(at(0.01) < 1e-3);
  });

  it('refuses a band that does not fit the rate', () => {
    assert.throws(() => butterworthBandPass(2, [0.5, 61], 122), RangeError);
  });
});

describe('the low-pass', () => {
  it('has gain 1 at 0 Hz, half of the power at its edge, and falls by 24 dB an octave at order 4', () => {
    const sections = butterworthLowPass(4, 0.5, 360);
    const at = (hz: number): number => magnitude(sections, (2 * Math.PI * hz) / 360);
    assert.ok(Math.abs(at(0) - 1) < 1e-6);
    assert.ok(Math.abs(at(0.5) - Math.SQRT1_2) < 1e-6);
    assert.ok(Math.abs(20 * Math.log10(at(4) / at(8)) - 24.1) < 0.1);
    assert.throws(() => butterworthLowPass(2, 61, 122), RangeError);
  });

  it('is stable, and the same sample by sample as of a whole signal', () => {
    const sections = butterworthLowPass(4, 0.5, 1000);
    const step = new Float32Array(20_000).fill(1);
    const whole = filterCausal(sections, step);
    const filter = new CausalFilter(sections);
    assert.deepEqual(step.length, whole.length);
    for (const [i, value] of whole.entries()) assert.equal(filter.next(step[i]), value);
    assert.ok(Math.abs(whole[19_999] - 1) < 1e-6);
  });
});

describe('the resampling factor', () => {
  it('is in lowest terms', () => {
    assert.deepEqual(rationalFactor(300, 122), [61, 150]);
    assert.deepEqual(rationalFactor(300, 200), [2, 3]);
    assert.deepEqual(rationalFactor(128.5, 257), [2, 1]);
  });

  it('is refused where it is not simple', () => {
    assert.throws(() => rationalFactor(300.001, 122), /not simple enough/);
  });
});
