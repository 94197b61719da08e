import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, it } from 'node:test';
import { UserError } from '../../../src/common/errors.ts';
import { silentContext } from '../../../src/common/job.ts';
import { resumeJob, trainJob } from '../../../src/jobs/train.ts';
import { RunFolder, runFiles } from '../../../src/training/run-folder.ts';
import {
  cancelAfter,
  folder,
  inputs,
  metricsOf,
  modelFile,
  stoppedRun,
  weightsOf,
  withTraining,
} from '../../fixtures/tiny-training.ts';
import { writeFiles } from '../../fixtures/workspace.ts';

describe('a training that is stopped and resumed', () => {
  let whole = '';

  it('runs through: the loss falls and the run has all its files', async () => {
    const { run, info } = await trainJob(inputs, silentContext());
    whole = run;
    assert.equal(info.status, 'done');
    const lines = metricsOf(run) as { loss: number }[];
    assert.equal(lines.length, 4);
    assert.ok(lines[3].loss < lines[0].loss);
    for (const name of [runFiles.model, runFiles.dataset, runFiles.weights, runFiles.checkpoint]) {
      assert.ok(fs.existsSync(path.join(run, name)), name);
    }
  });

  // 3 batches an epoch: in the middle of the first, at the end of one, in a later one.
  for (const batches of [1, 3, 8]) {
    it(`after ${batches} batches ends in the same weights and metrics, bit for bit`, async () => {
      const run = await stoppedRun(cancelAfter(batches));
      assert.equal(RunFolder.open(run).info.status, 'cancelled');
      assert.ok(!fs.existsSync(path.join(run, runFiles.weights)), 'no weights before the end');
      await resumeJob(run, silentContext());
      assert.equal(weightsOf(run), weightsOf(whole));
      assert.deepEqual(metricsOf(run), metricsOf(whole));
    });
  }

  it('keeps the state of its schedule', async () => {
    const plateau = withTraining(
      'plateau',
      'epochs: 8, batch: 16, optimizer: { adamw: 0.2 }, clip: 0.5, label-smoothing: 0.1, class-weights: balanced, schedule: { plateau: { patience: 1 } }',
    );
    const { run: straight } = await trainJob(plateau, silentContext());
    const run = await stoppedRun(cancelAfter(24), plateau);
    const rates = (metricsOf(run) as { learningRate: number }[]).map((m) => m.learningRate);
    assert.ok(rates.length < 8 && rates.at(-1)! < rates[0], `not cut before the stop: ${rates.join()}`);
    await resumeJob(run, silentContext());
    assert.equal(weightsOf(run), weightsOf(straight));
    assert.deepEqual(metricsOf(run), metricsOf(straight));
  });

  it('of a run whose process is gone is possible, of one that still runs it is not', async () => {
    const run = await stoppedRun(cancelAfter(2));
    const folderOf = RunFolder.open(run);
    folderOf.update({ status: 'running', pid: process.ppid });
    await assert.rejects(resumeJob(run, silentContext()), /still training/);
    folderOf.update({ pid: 2 ** 22 - 1 });
    assert.equal(folderOf.interrupted, true);
    assert.equal((await resumeJob(run, silentContext())).info.status, 'done');
  });
});

describe('weights', () => {
  it('do not depend on the number of threads', async () => {
    const one = await trainJob({ ...inputs, threads: 1, epochs: 2 }, silentContext());
    const three = await trainJob({ ...inputs, threads: 3, epochs: 2 }, silentContext());
    assert.equal(weightsOf(one.run), weightsOf(three.run));
  });

  it('depend on the seed', async () => {
    const one = await trainJob({ ...inputs, epochs: 1 }, silentContext());
    const other = await trainJob({ ...inputs, epochs: 1, seed: 6 }, silentContext());
    assert.notEqual(weightsOf(one.run), weightsOf(other.run));
  });
});

describe('a training with augmentation', () => {
  const noise = path.join(folder, 'noise');
  const writeNoise = (seed: number): void => {
    const samples = Int16Array.from({ length: 900 }, (_, i) => ((i * seed) % 211) - 100);
    writeFiles(noise, {
      'em.hea': 'em 1 300 900\nem.dat 16 1000/mV 16 0 0 0 0 noise\n',
      'em.dat': new Uint8Array(samples.buffer),
    });
  };
  writeNoise(7919);
  const sections =
    'sign-flip: 0.5, offset: true, stretch: {}, gain: 0.1, baseline-wander: { amplitude: 0.1 }, noise: { records: noise/em }, lead-off: {}';
  const plain = 'epochs: 3, batch: 16, optimizer: { adam: 0.01 }';
  const augmented = withTraining('augmented', `${plain}, augmentation: { ${sections} }`);
  let straight = '';

  it('gives the same weights for any number of threads, and others than without', async () => {
    straight = (await trainJob(augmented, silentContext())).run;
    const one = await trainJob({ ...augmented, threads: 1 }, silentContext());
    assert.equal(weightsOf(one.run), weightsOf(straight));
    const without = await trainJob(withTraining('plain', plain), silentContext());
    assert.notEqual(weightsOf(without.run), weightsOf(straight));
  });

  for (const batches of [2, 8])
    it(`that is stopped after ${batches} batches goes on bit for bit`, async () => {
      const run = await stoppedRun(cancelAfter(batches), augmented);
      await resumeJob(run, silentContext());
      assert.equal(weightsOf(run), weightsOf(straight));
      assert.deepEqual(metricsOf(run), metricsOf(straight));
    });

  it('does not go on with other noise', async () => {
    const run = await stoppedRun(cancelAfter(2), augmented);
    writeNoise(31);
    await assert.rejects(resumeJob(run, silentContext()), /made with other data/);
  });
});

describe('a run folder', () => {
  it('that exists gets a number, and a place that is a file is an error that names it', () => {
    const info = {
      kind: 'train',
      name: 'x',
      seed: 0,
      epochs: 1,
      engine: '',
      threads: 1,
      dataset: { name: 'd', fingerprint: '', synthetic: false },
      modelFingerprint: '',
    } as const;
    const parent = path.join(folder, 'several');
    const made = [1, 2, 3].map(() => RunFolder.create(parent, info).folder);
    assert.equal(new Set(made).size, 3);
    assert.throws(
      () => RunFolder.create(modelFile, info),
      (e) => e instanceof UserError && e.place.file === modelFile,
    );
  });
});
