import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { before, describe, it, mock } from 'node:test';
import { CancelledError, UserError } from '../../../src/common/errors.ts';
import { sha256 } from '../../../src/common/files.ts';
import { silentContext } from '../../../src/common/job.ts';
import { encodeSafetensors } from '../../../src/common/safetensors.ts';
import { openDataset } from '../../../src/dataset/dataset.ts';
import { Engine, type BatchRecord, type StepResult, type TrainingStep } from '../../../src/engine/engine.ts';
import { resumeJob, trainJob, type TrainInputs } from '../../../src/jobs/train.ts';
import { encodeMatlab4 } from '../../../src/recording/matlab/matlab4.ts';
import type { TrainingExample } from '../../../src/training/loop.ts';
import { readCheckpoint } from '../../../src/training/checkpoint.ts';
import { requireFiniteLosses } from '../../../src/training/finite.ts';
import { RunFolder, runFiles } from '../../../src/training/run-folder.ts';
import {
  cancelAfter,
  data,
  folder,
  inputs,
  metricsOf,
  stoppedRun,
  weightsOf,
} from '../../fixtures/tiny-training.ts';

let whole = '';
before(async () => {
  whole = (await trainJob(inputs, silentContext())).run;
});

/** Everything of a run but its status. */
function contents(run: string): Record<string, string> {
  const files = fs.readdirSync(run, { recursive: true, encoding: 'utf8' });
  const kept = files.filter((name) => name !== runFiles.info && fs.statSync(path.join(run, name)).isFile());
  return Object.fromEntries(kept.map((name) => [name, fs.readFileSync(path.join(run, name), 'hex')]));
}

/** A resume must fail with this message, and leave all files as they are. */
async function refused(run: string, message: RegExp): Promise<void> {
  const before = contents(run);
  await assert.rejects(
    resumeJob(run, silentContext()),
    (e) => e instanceof UserError && message.test(e.message),
  );
  assert.deepEqual(contents(run), before);
}

type TrainBatch = (this: Engine, records: readonly BatchRecord[], step: TrainingStep) => StepResult;

/** Train, but do something else in one step of the engine; the run's folder, and the error that it ended with. */
async function sabotaged(
  step: number,
  instead: (engine: Engine, original: TrainBatch, ...args: Parameters<TrainBatch>) => StepResult,
): Promise<{ run: string; error: UserError }> {
  let calls = 0;
  // eslint-disable-next-line @typescript-eslint/unbound-method
  const original = Engine.prototype.trainBatch;
  const mocked = mock.method(
    Engine.prototype,
    'trainBatch',
    function (this: Engine, ...args: Parameters<TrainBatch>) {
      return ++calls === step ? instead(this, original, ...args) : original.apply(this, args);
    },
  );
  let run = '';
  try {
    await trainJob({ ...inputs, onRun: (r) => (run = r) }, silentContext());
  } catch (error) {
    assert.ok(error instanceof UserError, String(error));
    return { run, error };
  } finally {
    mocked.mock.restore();
  }
  return assert.fail('the training went on');
}

describe('a loss or a gradient that is no number', () => {
  it('stops the run with epoch, batch and record, and the last checkpoint is gone on from', async () => {
    let name = '';
    // 3 batches an epoch: the second of the third.
    const { run, error } = await sabotaged(8, (engine, original, records, step) => {
      name = (records as readonly TrainingExample[])[3].name;
      records[3].signal.fill(NaN);
      return original.call(engine, records, step);
    });
    assert.match(error.message, /the gradient became NaN in epoch 3, batch 2, at record/);
    assert.equal(error.place.record, name);
    assert.ok(name !== '' && error.message.includes(name));
    assert.equal(RunFolder.open(run).info.status, 'failed');
    assert.equal(metricsOf(run).length, 2);
    await resumeJob(run, silentContext());
    assert.equal(weightsOf(run), weightsOf(whole));
  });

  it('is found in the losses of the records where they show it', () => {
    const where = { when: 'in epoch 1, batch 2', folder };
    const records = ['R1', 'R2', 'R3'].map((name) => ({ name }));
    const check = (losses: number[]) => (): void => requireFiniteLosses(losses, records, where);
    assert.doesNotThrow(check([1, 2, 3]));
    assert.throws(check([1, NaN, 3]), /the loss became NaN in epoch 1, batch 2, at record R2$/);
    assert.throws(check([Infinity, 2, NaN]), /the loss became Infinity .* at record R1 and 1 more/);
    assert.throws(check([NaN, NaN, NaN]), /not at single records/);
  });

  it('of every record is put down to the weights', async () => {
    const { error } = await sabotaged(5, (engine, original, records, step) => {
      const weights = engine.weights();
      for (const values of weights.values()) values.fill(NaN);
      engine.setWeights(weights);
      return original.call(engine, records, step);
    });
    assert.match(error.message, /NaN in epoch 2, batch 2, not at single records: the weights/);
  });

  it('behind the last batch of an epoch is never kept as a checkpoint', async () => {
    for (const poison of ['weights', 'v'] as const) {
      const { run, error } = await sabotaged(6, (engine, original, records, step) => {
        const result = original.call(engine, records, step);
        const state = engine.optimizerState();
        const weights = engine.weights();
        (poison === 'v' ? state.v : weights).get('dense-1/kernel')![1] = Infinity;
        engine.setWeights(weights);
        engine.setOptimizerState(state);
        return result;
      });
      assert.match(error.message, /dense-1\/kernel or its moments/);
      await resumeJob(run, silentContext());
      assert.equal(weightsOf(run), weightsOf(whole));
    }
  });
});

describe('a record with values that are too large to filter', () => {
  it('is refused by name', async () => {
    const place = path.join(folder, 'huge');
    fs.cpSync(data, place, { recursive: true });
    const dataset = await openDataset(place, silentContext());
    const { id } = dataset.of('train')[0];
    dataset.close();
    // A square wave just below the largest float: what resampling and filter overshoot is above it.
    const square = Int16Array.from({ length: 1200 }, (_, t) => (t % 150 < 75 ? 30_000 : -30_000));
    fs.writeFileSync(path.join(place, 'set', `${id}.mat`), encodeMatlab4('val', square));
    const header = path.join(place, 'set', `${id}.hea`);
    fs.writeFileSync(header, fs.readFileSync(header, 'utf8').replace('1000/mV', '9e-35/mV'));
    await assert.rejects(
      trainJob({ ...inputs, data: place }, silentContext()),
      (e) => e instanceof UserError && e.place.record === id && /infinite or NaN/.test(e.message),
    );
  });
});

describe('a checkpoint', () => {
  const fileOf = (run: string): string => path.join(run, runFiles.checkpoint);

  it('that was cut off or changed in a byte gives way to the one before it, which then is kept', async () => {
    for (const damage of [
      (file: string) => fs.truncateSync(file, Math.floor(fs.statSync(file).size / 2)),
      (file: string) => {
        const bytes = fs.readFileSync(file);
        bytes[Math.floor(bytes.length / 2)] ^= 1;
        fs.writeFileSync(file, bytes);
      },
    ]) {
      const run = await stoppedRun(cancelAfter(8));
      damage(fileOf(run));
      const lines: string[] = [];
      const context = cancelAfter(1);
      await assert.rejects(resumeJob(run, { ...context, log: (line) => lines.push(line) }), CancelledError);
      assert.ok(lines.some((line) => /last checkpoint is damaged/.test(line)));
      const previous = `${fileOf(run)}.previous`;
      assert.equal(readCheckpoint(previous)?.file, previous, 'the one before is a whole one again');
      await resumeJob(run, silentContext());
      assert.equal(weightsOf(run), weightsOf(whole));
    }
  });

  it('is refused where it and the one before it are damaged', async () => {
    const run = await stoppedRun(cancelAfter(8));
    for (const suffix of ['', '.previous']) fs.truncateSync(fileOf(run) + suffix, 10);
    await refused(run, /damaged/);
  });

  it('of another run is refused', async () => {
    const run = await stoppedRun(cancelAfter(4));
    const other = await stoppedRun(cancelAfter(4), { ...inputs, seed: 6 });
    fs.copyFileSync(fileOf(other), fileOf(run));
    await refused(run, /other data, another model/);
  });

  it('that is a file of something else is refused', async () => {
    const run = await stoppedRun(cancelAfter(4));
    const body = encodeSafetensors(new Map());
    fs.rmSync(fileOf(run));
    fs.writeFileSync(fileOf(run), Buffer.concat([body, Buffer.from(sha256(body), 'hex')]));
    await refused(run, /no checkpoint/);
  });

  it('of another model is refused', async () => {
    const run = await stoppedRun(cancelAfter(4));
    const model = path.join(run, runFiles.model);
    fs.writeFileSync(model, fs.readFileSync(model, 'utf8').replace('adam: 0.01', 'adam: 0.02'));
    await refused(run, /model file has changed/);
  });

  for (const [what, change] of [
    ['a sample', (place: string) => flip(path.join(place, 'set', 'R0003.mat'))],
    [
      'a label',
      (place: string) => {
        const file = path.join(place, 'set', 'REFERENCE.csv');
        fs.writeFileSync(file, fs.readFileSync(file, 'utf8').replace('R0003,a', 'R0003,b'));
      },
    ],
  ] as const) {
    it(`made before ${what} of the data set changed is refused`, async () => {
      const place = path.join(folder, `changed-${what.slice(2)}`);
      fs.cpSync(data, place, { recursive: true });
      const changed: TrainInputs = { ...inputs, data: place };
      let run = '';
      await assert.rejects(trainJob({ ...changed, onRun: (r) => (run = r) }, cancelAfter(4)));
      change(place);
      await refused(run, /other data, another model/);
    });
  }
});

function flip(file: string): void {
  const bytes = fs.readFileSync(file);
  bytes[bytes.length - 10] ^= 1;
  fs.writeFileSync(file, bytes);
}
