import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { before, describe, it } from 'node:test';
import { temporaryFolder } from '../fixtures/workspace.ts';
import { ecg, root, type Outcome } from './ecg.ts';

const folder = temporaryFolder();
const data = path.join(folder, 'data');
const slim = path.join(root, 'media', 'zoo', 'slim.ecgmodel.yaml');
const train = (runs: string): string[] => [
  'train',
  slim,
  '--data',
  data,
  '--runs',
  path.join(folder, runs),
  '--epochs',
  '4',
];

before(async () => {
  assert.equal((await ecg(['synthesize', data, '--records', '200', '--seconds', '20'])).code, 0);
});

const onlyRun = (runs: string): string => path.join(folder, runs, fs.readdirSync(path.join(folder, runs))[0]);
const weightsOf = (run: string): string => fs.readFileSync(path.join(run, 'weights.safetensors'), 'hex');

/** Start a training and send the signal as soon as it has written its first checkpoint. */
function signalled(runs: string, signal: NodeJS.Signals): Promise<Outcome> {
  return ecg(train(runs), {
    onChild: (child) => {
      const timer = setInterval(() => {
        if (!fs.existsSync(path.join(folder, runs)) || fs.readdirSync(path.join(folder, runs)).length === 0)
          return;
        if (!fs.existsSync(path.join(onlyRun(runs), 'checkpoint', 'checkpoint.safetensors'))) return;
        clearInterval(timer);
        child.kill(signal);
      }, 5);
      child.on('close', () => clearInterval(timer));
    },
  });
}

describe('a training on the command line', () => {
  let whole = '';

  it('that runs through has weights', async () => {
    assert.equal((await ecg(train('whole'))).code, 0);
    whole = weightsOf(onlyRun('whole'));
  });

  it('stopped with Ctrl-C ends with exit code 130, says how to go on, and ends in the same weights', async () => {
    const { code, stderr } = await signalled('interrupted', 'SIGINT');
    assert.equal(code, 130);
    const run = onlyRun('interrupted');
    assert.ok(stderr.includes(`ecg train --resume "${run}"`), stderr);
    assert.ok(!fs.existsSync(path.join(run, 'weights.safetensors')), 'nothing that looks whole');
    assert.equal((await ecg(['train', '--resume', run])).code, 0);
    assert.equal(weightsOf(run), whole);
  });

  it('killed without warning is resumed from its last checkpoint and ends in the same weights', async () => {
    const { code } = await signalled('killed', 'SIGKILL');
    assert.notEqual(code, 0);
    const run = onlyRun('killed');
    assert.equal(
      (JSON.parse(fs.readFileSync(path.join(run, 'run.json'), 'utf8')) as { status: string }).status,
      'running',
    );
    assert.equal((await ecg(['train', '--resume', run])).code, 0);
    assert.equal(weightsOf(run), whole);
  });
});
