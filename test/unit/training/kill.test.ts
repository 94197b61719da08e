import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { describe, it } from 'node:test';
import { silentContext } from '../../../src/common/job.ts';
import { RandomStream } from '../../../src/common/random.ts';
import { trainJob } from '../../../src/jobs/train.ts';
import { RunFolder, runFiles } from '../../../src/training/run-folder.ts';
import { data, folder, metricsOf, weightsOf } from '../../fixtures/tiny-training.ts';

const modelFile = path.join(folder, 'killed.ecgmodel.yaml');
// Wide enough that a checkpoint takes a while to write, and everything that a checkpoint keeps is in use.
fs.writeFileSync(
  modelFile,
  `version: 1
name: killed
input: { rate: 100, window: 64, hop: 32, filter: { band: [0.5, 40] } }
classes: [a, b]
layers:
  - conv1d: { filters: 8, kernel: 5, activation: relu }
  - average-pool: 4
  - global-average-pool
  - gru: 160
  - dense: 2
training:
  epochs: 60
  batch: 16
  optimizer: { adamw: 0.003 }
  clip: 1
  schedule: { plateau: { patience: 1 } }
  augmentation: { sign-flip: 0.5, offset: true, stretch: {} }
`,
);
const seed = 5;
const runs = path.join(folder, 'killed');
const cli = path.resolve(import.meta.dirname, '../../../src/cli/main.ts');

function train(...args: string[]): ChildProcess {
  return spawn(process.execPath, [cli, 'train', ...args], { stdio: ['ignore', 'ignore', 'inherit'] });
}

const list = (place: string): string[] => (fs.existsSync(place) ? fs.readdirSync(place) : []);
const theRun = (): string => path.join(runs, list(runs)[0] ?? '');
const checkpoint = (): string => path.join(theRun(), runFiles.checkpoint);
const beingWritten = (): boolean => list(path.dirname(checkpoint())).some((name) => name.endsWith('.tmp'));

/** Look again and again, in between what the system does, until it is so; false once the process has ended. */
async function until(child: ChildProcess, isSo: () => boolean): Promise<boolean> {
  while (child.exitCode === null && child.signalCode === null) {
    if (isSo()) return true;
    await setImmediate();
  }
  return false;
}

/** Kill it after its first checkpoint: some time later, or as soon as another is being written. */
async function kill(child: ChildProcess, random: RandomStream, inWriting: boolean): Promise<void> {
  const before = fs.existsSync(checkpoint()) ? fs.statSync(checkpoint()).ino : 0;
  await until(child, () => fs.existsSync(checkpoint()) && fs.statSync(checkpoint()).ino !== before);
  await setTimeout(40 * random.uniform());
  if (inWriting) await until(child, beingWritten);
  const ended = once(child, 'close');
  child.kill('SIGKILL');
  await ended;
}

describe('a training that is killed again and again', () => {
  it('at random points and in the middle of writing checkpoints ends in the same weights, bit for bit', async () => {
    const random = new RandomStream(seed, 'kill');
    let child = train(modelFile, '--data', data, '--runs', runs, '--seed', String(seed), '--threads', '2');
    let inWriting = 0;
    // On a busy system kills can come too late for the writing: then some more are tried.
    for (let kills = 0; kills < 6 || (inWriting === 0 && kills < 15); kills++) {
      await kill(child, random, kills % 3 !== 1);
      assert.equal(child.signalCode, 'SIGKILL', 'it was done before it could be killed');
      if (beingWritten()) inWriting++;
      child = train('--resume', theRun());
    }
    assert.ok(inWriting > 0, 'no kill hit the writing of a checkpoint');
    const [code] = (await once(child, 'close')) as [number];
    assert.equal(code, 0);

    const whole = await trainJob(
      { modelFile, data, runs: path.join(folder, 'whole'), seed, threads: 1 },
      silentContext(),
    );
    assert.equal(weightsOf(theRun()), weightsOf(whole.run));
    assert.deepEqual(metricsOf(theRun()), metricsOf(whole.run));
    assert.equal(RunFolder.open(theRun()).info.status, 'done');
    const { base } = path.parse(checkpoint());
    assert.deepEqual(
      list(path.dirname(checkpoint())).sort(),
      [base, `${base}.previous`],
      'nothing is left behind',
    );
  });
});
