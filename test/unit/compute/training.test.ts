import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { ResponseError } from 'vscode-jsonrpc/node';
import { silentContext } from '../../../src/common/job.ts';
import { sampleDatasetJob } from '../../../src/jobs/sample-dataset.ts';
import type { FailureData } from '../../../src/protocol/compute.ts';
import { summarizeRun } from '../../../src/training/run-summary.ts';
import {
  ComputeProcess,
  infoOf,
  trainedEpochs,
  writeEndlessModel,
  type StartedJob,
} from '../../fixtures/compute-process.ts';
import { temporaryFolder } from '../../fixtures/workspace.ts';

const folder = temporaryFolder();
const modelFile = path.join(folder, 'tiny.ecgmodel.yaml');
writeEndlessModel(modelFile);

function hasCheckpoint(run: string): boolean {
  return fs.existsSync(path.join(run, 'checkpoint', 'checkpoint.safetensors'));
}

async function cancelled(job: StartedJob<unknown>): Promise<void> {
  job.cancel();
  await assert.rejects(job.result, ({ data }: ResponseError<FailureData>) => data?.kind === 'cancelled');
}

describe('a training in the compute process', { timeout: 120_000 }, () => {
  const compute = new ComputeProcess();
  const others: ComputeProcess[] = [];
  let data = '';
  before(async () => {
    ({ file: data } = await sampleDatasetJob({ folder, records: 40, seed: 1 }, silentContext()));
  });
  after(() => [compute, ...others].forEach((p) => p.dispose()));

  function train(process_: ComputeProcess): StartedJob<unknown> {
    return process_.job('train', { modelFile, data, runs: path.join(folder, 'runs'), seed: 1, threads: 1 });
  }

  function another(): ComputeProcess {
    const made = new ComputeProcess();
    others.push(made);
    return made;
  }

  /** Goes on after the epoch that the run has reached, and leaves no epoch out of the metrics and none twice in. */
  async function resumes(run: string): Promise<void> {
    const reached = trainedEpochs(run).length;
    // As where the process died between an epoch's line and its checkpoint: that epoch is trained, and written, anew.
    fs.appendFileSync(path.join(run, 'metrics.jsonl'), JSON.stringify({ epoch: reached + 1 }) + '\n');
    const job = compute.job('resume', { run });
    await job.training(reached + 3);
    await cancelled(job);
    assert.ok(job.epochs[0] >= reached, `began at epoch ${job.epochs[0]} after ${reached}`);
    const epochs = trainedEpochs(run);
    assert.ok(epochs.length > reached);
    assert.deepEqual(
      epochs,
      epochs.map((_, i) => i + 1),
    );
    assert.equal(infoOf(run).status, 'cancelled');
  }

  it('that is cancelled ends as cancelled, with a checkpoint from which it goes on', async () => {
    const job = train(compute);
    const run = await job.training(3);
    await cancelled(job);
    assert.equal(infoOf(run).status, 'cancelled');
    assert.ok(hasCheckpoint(run));
    await resumes(run);
  });

  it('that is cancelled before it has begun ends as cancelled, and no run says that it runs', async () => {
    await cancelled(train(compute));
    const runs = path.join(folder, 'runs');
    for (const name of fs.readdirSync(runs)) {
      assert.equal(infoOf(path.join(runs, name)).status, 'cancelled', name);
    }
  });

  it('is stopped with a checkpoint when the parent is gone, and the process ends by itself', async () => {
    const other = another();
    const job = train(other);
    job.result.catch(() => {}); // Nobody is there to hear it.
    const run = await job.training(3);
    other.child.disconnect();
    assert.deepEqual(await other.ended, { code: 0, signal: null });
    assert.equal(infoOf(run).status, 'cancelled');
    assert.ok(hasCheckpoint(run));
    await resumes(run);
  });

  it('whose process is killed is a run that was interrupted, and goes on where it was', async () => {
    const other = another();
    const job = train(other);
    job.result.catch(() => {}); // It has no end to tell of.
    const run = await job.training(3);
    other.child.kill('SIGKILL');
    assert.equal((await other.ended).signal, 'SIGKILL');
    assert.equal(infoOf(run).status, 'running');
    const summary = await summarizeRun(run);
    assert.ok(summary && 'info' in summary, JSON.stringify(summary));
    assert.equal(summary.info.status, 'interrupted');
    await resumes(run);
  });
});
