import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, it } from 'node:test';
import { UserError } from '../../../src/common/errors.ts';
import { RandomStream } from '../../../src/common/random.ts';
import { augmentationSpec, type AugmentationSection } from '../../../src/model/augmentation.ts';
import type { InputSpec } from '../../../src/model/network.ts';
import { augment, augmentedLength, type Augmentation } from '../../../src/training/augmentation/augment.ts';
import { Augmenter, shareSignals } from '../../../src/training/augmentation/augmenter.ts';
import { loadNoise } from '../../../src/training/augmentation/noise.ts';
import { stretch } from '../../../src/training/augmentation/stretch.ts';
import { temporaryFolder, writeFiles } from '../../fixtures/workspace.ts';

const folder = temporaryFolder();
const input: InputSpec = { rate: 100, window: 64, hop: 32, filter: undefined, scale: 'training-sd' };
const millivolt = 4;
const everything: AugmentationSection = {
  'sign-flip': 0.5,
  offset: true,
  stretch: {},
  gain: 0.2,
  'baseline-wander': { amplitude: 0.1 },
  noise: { records: 'noise' },
  'lead-off': { probability: 0.5 },
};

function common(section: AugmentationSection, seed = 3): Augmentation {
  const random = new RandomStream(1, 'test noise');
  const noise = [Float32Array.from({ length: 150 }, () => random.normal())];
  return { spec: augmentationSpec(section)!, input, seed, noise };
}

function record(samples: number, key = 7): { signal: Float32Array; key: number; millivolt: number } {
  const random = new RandomStream(2, 'test record', samples, key);
  return { signal: Float32Array.from({ length: samples }, () => random.normal()), key, millivolt };
}

const keys = Array.from({ length: 400 }, (_, key) => key);

describe('the augmentation of a record', () => {
  it('is a function of seed, epoch and record', () => {
    const once = augment(record(500), common(everything), 4);
    assert.deepEqual(augment(record(500), common(everything), 4), once);
    assert.notDeepEqual(augment(record(500), common(everything), 5), once);
    assert.notDeepEqual(augment(record(500), common(everything, 9), 4), once);
    assert.notDeepEqual(augment({ ...record(500), key: 8 }, common(everything), 4), once);
  });

  it('leaves the original as it is', () => {
    const original = record(500);
    augment(original, common(everything), 0);
    assert.deepEqual(original, record(500));
  });

  it('draws the other changes alike where one setting is changed', () => {
    const flipOnly = augment(record(500), common({ 'sign-flip': 0.5 }), 4);
    const both = augment(record(500), common({ 'sign-flip': 0.5, gain: 0.2 }), 4);
    assert.equal(Math.sign(both[0]), Math.sign(flipOnly[0]));
    const shorter = augment(record(500), common({ offset: true }), 4);
    const noisy = augment(record(500), common({ offset: true, noise: { records: '', probability: 1 } }), 4);
    assert.equal(noisy.length, shorter.length);
  });

  it('has the length that was planned, never below one window where there was one', () => {
    const settings = common(everything);
    for (const key of keys) {
      const samples = 20 + key;
      const changed = augment(record(samples, key), settings, 1);
      assert.equal(changed.length, augmentedLength(samples, key, settings, 1).samples);
      assert.ok(changed.length >= Math.min(samples, input.window) || samples < input.window, `${samples}`);
    }
  });

  it('turns the sign of its share', () => {
    const { signal } = record(50);
    const turned = keys.filter(
      (key) => augment({ ...record(50), key }, common({ 'sign-flip': 0.25 }), 0)[0] !== signal[0],
    );
    // 400 draws at 1/4: 100 ± 5 standard deviations.
    assert.ok(Math.abs(turned.length - 100) < 44, `${turned.length}`);
    const always = augment(record(50), common({ 'sign-flip': 1 }), 0);
    assert.deepEqual(
      always,
      signal.map((v) => -v),
    );
  });

  it('starts at each sample of one hop, and ends where the record ends', () => {
    const { signal } = record(500);
    const starts = new Set<number>();
    for (const key of keys) {
      const changed = augment({ ...record(500), key }, common({ offset: true }), 0);
      starts.add(signal.length - changed.length);
      assert.deepEqual(changed, signal.slice(signal.length - changed.length));
    }
    assert.deepEqual(
      [...starts].sort((a, b) => a - b),
      Array.from({ length: 32 }, (_, i) => i),
    );
  });

  it('stretches four of five records by up to 5 %', () => {
    const settings = common({ stretch: {} });
    const changes = keys.map((key) => augmentedLength(10_000, key, settings, 0).samples / 10_000 - 1);
    const changed = changes.filter((c) => c !== 0);
    assert.ok(Math.abs(changed.length - 320) < 40, `${changed.length}`);
    assert.ok(Math.max(...changed) > 0.045 && Math.max(...changed) <= 0.05);
    assert.ok(Math.min(...changed) < -0.045 && Math.min(...changed) >= -0.05);
  });

  it('stretches parabolas exactly and sines nearly', () => {
    const parabola = (t: number): number => 3 - 2 * t + 0.5 * t * t;
    const x = Float32Array.from({ length: 41 }, (_, i) => parabola(i / 10));
    // The ends are extended by tangents, so the first and last interval are not exact.
    stretch(x, 61)
      .slice(2, -2)
      .forEach((v, i) => assert.ok(Math.abs(v - parabola(((i + 2) * 40) / 60 / 10)) < 1e-5));
    const sine = (at: number): number => Math.sin((2 * Math.PI * 10 * at) / 122);
    const slow = stretch(
      Float32Array.from({ length: 1000 }, (_, i) => sine(i)),
      1040,
    );
    const error = Math.max(...slow.map((v, i) => Math.abs(v - sine((i * 999) / 1039))));
    assert.ok(error < 0.01, `${error}`);
    assert.deepEqual(stretch(x, 41), x);
  });

  it('multiplies by a factor in its range', () => {
    const { signal } = record(50);
    const factors = keys.map(
      (key) => augment({ ...record(50), key }, common({ gain: 0.2 }), 0)[3] / signal[3],
    );
    assert.ok(Math.min(...factors) >= 0.7999 && Math.min(...factors) < 0.81);
    assert.ok(Math.max(...factors) <= 1.2001 && Math.max(...factors) > 1.19);
  });

  it('adds a slow sine of up to its amplitude', () => {
    const settings = common({
      'baseline-wander': { amplitude: 0.25, probability: 1, frequency: [0.2, 0.4] },
    });
    const { signal } = record(2000);
    let largest = 0;
    for (const key of keys.slice(0, 50)) {
      const added = augment({ ...record(2000), key }, settings, 0).map((v, i) => v - signal[i]);
      largest = Math.max(largest, ...added);
      // A sine's neighbours 50 samples away sum to 2 cos(50 ω) of it.
      let [product, square] = [0, 0];
      for (let i = 50; i < 1950; i++) {
        product += added[i] * (added[i - 50] + added[i + 50]);
        square += added[i] ** 2;
      }
      const frequency = (Math.acos(product / square / 2) / 50 / (2 * Math.PI)) * input.rate;
      assert.ok(frequency > 0.19 && frequency < 0.41, `${frequency} Hz`);
    }
    assert.ok(largest <= 0.25 * millivolt * 1.0001 && largest > 0.2 * millivolt, `${largest}`);
  });

  it('adds noise at a signal-to-noise ratio in its range', () => {
    const settings = common({ noise: { records: '', probability: 1, snr: [3, 9] } });
    const { signal } = record(600);
    const power = (x: Float32Array): number => x.reduce((sum, v) => sum + v * v, 0);
    const found = keys.slice(0, 100).map((key) => {
      const added = augment({ ...record(600), key }, settings, 0).map((v, i) => v - signal[i]);
      // A source that is shorter begins anew: 150 samples.
      assert.ok(Math.abs(added[10] - added[160]) < 1e-5);
      return 10 * Math.log10(power(signal) / power(added));
    });
    assert.ok(Math.min(...found) >= 2.99 && Math.min(...found) < 3.5, `${Math.min(...found)} dB`);
    assert.ok(Math.max(...found) <= 9.01 && Math.max(...found) > 8.5, `${Math.max(...found)} dB`);
  });

  it('makes one stretch flat, as long as asked', () => {
    const settings = common({ 'lead-off': { probability: 1, seconds: [0.5, 1] } });
    const { signal } = record(600);
    for (const key of keys) {
      const changed = augment({ ...record(600), key }, settings, 0);
      const flat = [...changed.keys()].filter((i) => changed[i] !== signal[i]);
      assert.ok(flat.length >= 50 && flat.length <= 100, `${flat.length}`);
      assert.equal(flat.at(-1)! - flat[0] + 1, flat.length, 'in one piece');
      assert.ok(flat.every((i) => changed[i] === 0));
    }
    assert.deepEqual(augment(record(30), settings, 0), new Float32Array(30), 'a record that is shorter');
  });

  it('is not asked for by settings that change nothing', () => {
    assert.equal(augmentationSpec({}), undefined);
    assert.equal(augmentationSpec({ offset: false, 'sign-flip': 0, gain: 0 }), undefined);
  });
});

describe('recorded noise', () => {
  /** Two leads of a record in format 16. */
  const noise = (name: string): Record<string, string | Uint8Array> => ({
    [`${name}.hea`]: `${name} 2 200 400\n${name}.dat 16 1000/mV 16 0 0 0 0 a\n${name}.dat 16 1000/mV 16 0 0 0 0 b\n`,
    [`${name}.dat`]: new Uint8Array(
      Int16Array.from({ length: 800 }, (_, i) => (i % 2 === 0 ? 3000 : -500) + ((i * 7919) % 101)).buffer,
    ),
  });
  const place = path.join(folder, 'noise');
  writeFiles(place, { ...noise('em'), ...noise('ma') });

  it('is read from a record or from a folder, at the rate of the network and without its mean', async () => {
    const one = await loadNoise(path.join(place, 'em'), input);
    assert.equal(one.length, 2);
    assert.equal(one[0].length, 200);
    // Resampling begins and ends in zeros; without the offset of 3 mV there is nothing but the noise.
    assert.ok(Math.max(...one[0].map(Math.abs)) < 0.2);
    assert.notDeepEqual(one[0], one[1]);
    assert.deepEqual(await loadNoise(path.join(place, 'em.hea'), input), one);
    assert.deepEqual((await loadNoise(place, input)).slice(0, 2), one);
    assert.equal((await loadNoise(place, input)).length, 4);
  });

  it('passes the filter of the network', async () => {
    const [raw] = await loadNoise(path.join(place, 'em'), input);
    const filter = { band: [0.5, 5], order: 2, zeroPhase: false } as const;
    const [filtered] = await loadNoise(path.join(place, 'em'), { ...input, filter });
    const power = (x: Float32Array): number => x.reduce((sum, v) => sum + v * v, 0);
    assert.ok(power(filtered) < 0.5 * power(raw), 'most of it is above 5 Hz');
  });

  it('that is not there, or has no records, is an error that names the place', async () => {
    const named = (location: string) => (error: unknown) =>
      error instanceof UserError && error.place.file === location;
    const nowhere = path.join(folder, 'nowhere');
    await assert.rejects(loadNoise(nowhere, input), named(nowhere));
    const empty = path.join(folder, 'empty');
    fs.mkdirSync(empty);
    await assert.rejects(loadNoise(empty, input), named(empty));
  });
});

describe('the threads of the augmentation', () => {
  const originals = (): { signal: Float32Array; key: number; millivolt: number }[] => {
    const records = keys.slice(0, 40).map((key) => record(100 + key, key));
    return shareSignals(records.map((r) => r.signal)).map((signal, i) => ({ ...records[i], signal }));
  };

  it('give the batches of an epoch in their order, with the records of each', async () => {
    const settings = common(everything);
    const augmenter = new Augmenter(settings, originals(), 6);
    try {
      const batches = keys.slice(0, 40).map((i) => [i, (i * 7) % 40]);
      for (const epoch of [0, 1]) {
        augmenter.begin(epoch, batches);
        const lengths = augmenter.lengths(epoch);
        for (const members of batches) {
          const signals = await augmenter.next();
          const expected = members.map((i) => augment(record(100 + i, i), settings, epoch));
          assert.deepEqual(signals, expected);
          assert.deepEqual(
            signals.map((s) => s.length),
            members.map((i) => lengths[i]),
          );
        }
        await assert.rejects(augmenter.next(), /no more batches/);
      }
    } finally {
      await augmenter.close();
    }
  });

  it('that die end the training with an error that says so', async () => {
    // Noise is asked for, but there is none: the thread fails at the first record.
    const augmenter = new Augmenter({ ...common(everything), noise: [] }, originals(), 1);
    try {
      augmenter.begin(
        0,
        keys.slice(0, 30).map((i) => [i]),
      );
      const all = async (): Promise<void> => {
        for (let i = 0; i < 30; i++) await augmenter.next();
      };
      await assert.rejects(all(), /a thread that changes the training records failed: .*TypeError/s);
    } finally {
      await augmenter.close();
    }
  });
});
