import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, it } from 'node:test';
import { CancelledError } from '../../../src/common/errors.ts';
import { silentContext } from '../../../src/common/job.ts';
import { RandomStream } from '../../../src/common/random.ts';
import { openDataset } from '../../../src/dataset/dataset.ts';
import { synthesizeDataset } from '../../../src/dataset/synthetic/dataset.ts';
import { synthesizeRecord, syntheticRate } from '../../../src/dataset/synthetic/record.ts';
import { fibrillation, sinusRhythm, withEctopics, type Beat } from '../../../src/dataset/synthetic/rhythm.ts';
import { addBeats, addFibrillatoryWaves, drawMorphology } from '../../../src/dataset/synthetic/waveform.ts';
import { temporaryFolder } from '../../fixtures/workspace.ts';

const folder = temporaryFolder();
const random = (i: number): RandomStream => new RandomStream(7, 'test', i);

/** Coefficient of variation of the RR intervals, and the correlation of each with the next. */
function rrStatistics(beats: readonly Beat[]): { variation: number; correlation: number; rate: number } {
  const rr = beats.slice(1).map((b, i) => b.time - beats[i].time);
  const mean = rr.reduce((a, b) => a + b, 0) / rr.length;
  const centred = rr.map((v) => v - mean);
  const variance = centred.reduce((a, v) => a + v * v, 0) / rr.length;
  const product = centred.slice(1).reduce((a, v, i) => a + v * centred[i], 0) / (rr.length - 1);
  return { variation: Math.sqrt(variance) / mean, correlation: product / variance, rate: 60 / mean };
}

describe('synthetic rhythms', () => {
  it('sinus rhythm is regular, atrial fibrillation is irregular without memory', () => {
    for (let i = 0; i < 20; i++) {
      const sinus = rrStatistics(sinusRhythm(random(i), 300, 70));
      assert.ok(sinus.variation < 0.06, `sinus rhythm varies by ${sinus.variation}`);
      assert.ok(Math.abs(sinus.rate - 70) < 2);
      const af = rrStatistics(fibrillation(random(i), 300));
      assert.ok(af.variation > 0.12, `fibrillation varies by ${af.variation}`);
      assert.ok(Math.abs(af.correlation) < 0.2, `fibrillation has a memory of ${af.correlation}`);
    }
  });

  it('a ventricular beat comes early, has a compensatory pause, and no P wave', () => {
    const sinus = sinusRhythm(random(1), 120, 70);
    const beats = withEctopics(random(2), sinus, 'ventricular');
    const ectopics = beats
      .map((b, i) => ({ b, i }))
      .filter(({ b, i }) => b.origin === 'ventricular' && i + 1 < beats.length);
    assert.ok(ectopics.length > 3);
    for (const { b, i } of ectopics) {
      const after = beats[i + 1].time - b.time;
      assert.ok(b.rr < 0.8 * sinus[i].rr && after > 1.1 * sinus[i].rr);
    }
  });

  it('has a P wave before the beat in sinus rhythm and none in fibrillation', () => {
    const morphology = { ...drawMorphology(random(3), undefined), qrs: [] };
    const level = (origin: Beat['origin']): number => {
      const signal = new Float64Array(600);
      addBeats(signal, 300, [{ time: 1, rr: 1, origin }], morphology);
      return Math.max(...signal.subarray(210, 290).map(Math.abs));
    };
    assert.ok(level('sinus') > 0.05);
    assert.ok(level('fibrillation') < 0.005);
  });

  it('fibrillatory waves are at 4 to 9 Hz', () => {
    const signal = new Float64Array(3000);
    addFibrillatoryWaves(random(4), signal, 300);
    const power = (hz: number): number => {
      let re = 0;
      let im = 0;
      signal.forEach((v, i) => {
        re += v * Math.cos((2 * Math.PI * hz * i) / 300);
        im += v * Math.sin((2 * Math.PI * hz * i) / 300);
      });
      return re * re + im * im;
    };
    let peak = 0;
    for (let hz = 0.5; hz < 40; hz += 0.25) if (power(hz) > power(peak)) peak = hz;
    assert.ok(peak >= 3.5 && peak <= 9.5, `the peak is at ${peak} Hz`);
  });
});

describe('a synthetic record', () => {
  it('is the same for the same seed, name and class, and another for another seed', () => {
    assert.deepEqual(synthesizeRecord(1, 'S1', 'A', 10), synthesizeRecord(1, 'S1', 'A', 10));
    assert.notDeepEqual(synthesizeRecord(1, 'S1', 'A', 10), synthesizeRecord(2, 'S1', 'A', 10));
    assert.equal(synthesizeRecord(1, 'S1', 'N', 10).length, 10 * syntheticRate);
  });
});

describe('a synthetic dataset', () => {
  it('is read as any other, is marked as synthetic, and is never written over another', async () => {
    const inputs = { folder: path.join(folder, 'made'), records: 20, seed: 3, seconds: [2, 3] as const };
    await synthesizeDataset(inputs, silentContext());
    const dataset = await openDataset(inputs.folder, silentContext());
    assert.equal(dataset.synthetic, true);
    assert.equal(dataset.classCounts().size, 4);
    for (const record of dataset.records) assert.ok(dataset.read(record).samples.length >= 600);
    assert.match(fs.readFileSync(path.join(inputs.folder, 'S00001.hea'), 'utf8'), /# synthetic/);
    await assert.rejects(synthesizeDataset(inputs, silentContext()), /not empty/);
  });

  it('leaves nothing behind when it is cancelled', async () => {
    const context = silentContext();
    context.cancellation.cancel();
    const target = path.join(folder, 'cancelled');
    await assert.rejects(
      synthesizeDataset({ folder: target, records: 5, seed: 1, seconds: [2, 3] }, context),
      CancelledError,
    );
    assert.deepEqual(
      fs.readdirSync(folder).filter((n) => n.startsWith('cancelled')),
      [],
    );
  });
});
