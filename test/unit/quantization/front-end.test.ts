import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { UserError } from '../../../src/common/errors.ts';
import { RandomStream } from '../../../src/common/random.ts';
import type { InputSpec } from '../../../src/model/network.ts';
import { adcSamples } from '../../../src/quantization/adc.ts';
import { designFrontEnd, type FrontEndDesign } from '../../../src/quantization/front-end-design.ts';
import { FrontEnd } from '../../../src/quantization/front-end.ts';
import { referenceFrontEnd } from '../../../src/quantization/reference-front-end.ts';
import { butterworthBandPass } from '../../../src/signal/butterworth.ts';
import { filterCausal } from '../../../src/signal/filter.ts';
import { preprocess } from '../../../src/signal/front-end.ts';

const input: InputSpec = {
  rate: 122,
  window: 256,
  hop: 128,
  filter: { band: [0.5, 40], order: 2, zeroPhase: false },
  scale: 'training-sd',
};
const design: FrontEndDesign = {
  input,
  decimation: 4,
  countsPerMillivolt: 1000,
  scale: 0.15,
  format: { integer: 2, fraction: 5 },
};

function signal(length: number, f: (n: number) => number): Int16Array {
  return Int16Array.from({ length }, (_, n) => Math.max(-32768, Math.min(32767, Math.round(f(n)))));
}

const stream = new RandomStream(1, 'adc');
const signals: Record<string, Int16Array> = {
  'a step to the largest sample': signal(3000, (n) => (n > 10 ? 32767 : 0)),
  'the smallest sample throughout': signal(3000, () => -32768),
  'a square wave of full range': signal(3000, (n) => (n % 200 < 100 ? 32767 : -32768)),
  'noise of full range': signal(3000, () => stream.integer(65536) - 32768),
  'quiet noise': signal(3000, () => stream.integer(7) - 3),
};

describe('the fixed-point front end: the runtime equals the reference', () => {
  const designs: Record<string, FrontEndDesign> = {
    'slim, ADC at 488 Hz': design,
    'no decimation': { ...design, decimation: 1 },
    'no filter': { ...design, input: { ...input, filter: undefined } },
    'order 4': { ...design, input: { ...input, filter: { band: [0.5, 40], order: 4, zeroPhase: false } } },
    'decimation by 9, coarse ADC': { ...design, decimation: 9, countsPerMillivolt: 50 },
  };
  for (const [name, each] of Object.entries(designs)) {
    for (const [what, samples] of Object.entries(signals)) {
      it(`${name}: ${what}`, async () => {
        const coefficients = designFrontEnd(each);
        const frontEnd = await FrontEnd.create(coefficients);
        const got = frontEnd.push(samples);
        assert.equal(got.length, Math.ceil(samples.length / each.decimation));
        assert.deepEqual([...got], referenceFrontEnd(coefficients, samples));
      });
    }
  }
});

it('the stream may be cut anywhere, and starts anew after a reset', async () => {
  const frontEnd = await FrontEnd.create(designFrontEnd(design));
  const samples = signals['noise of full range'];
  const whole = [...frontEnd.push(samples)];
  frontEnd.reset();
  const parts: number[] = [];
  const cuts = new RandomStream(2, 'cuts');
  for (let at = 0; at < samples.length;) {
    const next = at + cuts.integer(12);
    parts.push(...frontEnd.push(samples.subarray(at, next)));
    at = next;
  }
  assert.deepEqual(parts, whole);
});

it('gives what the real filter gives, within half a step and a little', async () => {
  const coefficients = designFrontEnd({ ...design, decimation: 1 });
  const frontEnd = await FrontEnd.create(coefficients);
  // 1 mV of 10 Hz on 5 mV of drift and 100 mV of offset: the filter has to take both away.
  const samples = signal(
    6000,
    (n) => 100 * Math.sin((2 * Math.PI * 10 * n) / 122) + 5000 * Math.sin(n / 1500) + 20000,
  );
  const got = frontEnd.push(samples);
  const wanted = filterCausal(
    butterworthBandPass(2, [0.5, 40], 122),
    Float64Array.from(samples, (count) => count / 1000 / 0.15),
  );
  let largest = 0;
  for (let n = 3000; n < 6000; n++) largest = Math.max(largest, Math.abs(got[n] - wanted[n] * 32));
  assert.ok(largest < 0.6, `${largest} steps`);
  assert.ok(Math.max(...got.subarray(3000)) > 15);
});

it('a recording goes through ADC and front end as through the real filter, but for the delay of the FIR', async () => {
  // 300 Hz, as CinC2017: a 1.2 Hz train of 1 mV pulses on drift.
  const rate = 300;
  const millivolts = Float32Array.from({ length: 40 * rate }, (_, n) => {
    const beat = ((n / rate) * 1.2) % 1;
    return Math.exp(-(((beat - 0.5) / 0.03) ** 2)) + 0.3 * Math.sin(n / 900);
  });
  const coefficients = designFrontEnd({ ...design, scale: 0.3 });
  const frontEnd = await FrontEnd.create(coefficients);
  const got = frontEnd.push(adcSamples(millivolts, rate, coefficients));
  const wanted = preprocess(millivolts, rate, input).map((v) => (v / 0.3) * 32);
  // Best whole-sample delay: the FIR's half length over the decimation, to the nearest.
  const delay = Math.round((coefficients.taps.length - 1) / 2 / coefficients.decimation);
  const difference = (shift: number) => {
    let sum = 0;
    for (let n = 1000; n < 4000; n++) sum += Math.abs(got[n + shift] - wanted[n]);
    return sum / 3000;
  };
  assert.ok(difference(delay) < 3, `${difference(delay)} steps on the mean`);
  assert.ok(difference(delay) < difference(delay + 2) && difference(delay) < difference(delay - 2));
});

it('ADC samples are rounded and clipped to int16', () => {
  const coefficients = designFrontEnd({ ...design, decimation: 1, countsPerMillivolt: 1024 });
  const samples = adcSamples(Float32Array.of(0.5 / 1024, -0.5 / 1024, 40, -40, 1), 122, coefficients);
  assert.deepEqual([...samples], [1, 0, 32767, -32768, 1024]);
});

it('the anti-alias filter passes 40 Hz and stops what would alias below it', async () => {
  const amplitude = async (hertz: number) => {
    const frontEnd = await FrontEnd.create(designFrontEnd({ ...design, scale: 1, countsPerMillivolt: 320 }));
    const samples = signal(8000, (n) => 1200 * Math.sin((2 * Math.PI * hertz * n) / 488));
    return Math.max(...frontEnd.push(samples).subarray(1000).map(Math.abs));
  };
  const pass = await amplitude(10);
  assert.ok(pass > 110 && pass < 127, `${pass}`);
  // 112 Hz would be seen as 10 Hz, 194 Hz as 50 Hz.
  for (const hertz of [82, 90, 112, 162, 194, 234]) assert.ok((await amplitude(hertz)) <= 1, `${hertz} Hz`);
});

it('what cannot be deployed is refused', () => {
  const zeroPhase = { ...input, filter: { band: [0.5, 40] as const, order: 2, zeroPhase: true } };
  assert.throws(() => designFrontEnd({ ...design, input: zeroPhase }), UserError);
  assert.throws(() => designFrontEnd({ ...design, scale: 0 }), UserError);
});
