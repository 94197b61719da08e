import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import * as vscode from 'vscode';
import { Engine } from '../../../src/engine/engine.ts';
import { nativeInstructionSets } from '../../../src/engine/load.ts';
import type { TrainResult } from '../../../src/jobs/train.ts';
import { commandIds, settingIds } from '../../../src/vscode/ids.ts';
import { networkOf } from '../../fixtures/network.ts';
import { answering, run, studioApi, writeModel } from '../studio.ts';

const network = networkOf({
  window: 16,
  hop: 8,
  layers: [
    ['conv1d', { filters: 4, kernel: 3, activation: 'relu' }],
    ['global-average-pool', null],
    ['gru', 4],
    ['dense', 3],
  ],
});

/** Loss of a record before and after a step, in this very process. */
async function step(kernels: 'native' | 'wasm'): Promise<{ identity: string; losses: number[] }> {
  const engine = await Engine.create(network, { threads: 1, seed: 1, training: true, kernels });
  try {
    const records = [{ signal: Float32Array.from({ length: 40 }, (_v, i) => Math.sin(i)), label: 1 }];
    const losses = [1, 2].map(() => engine.trainBatch(records, { learningRate: 0.01 }).loss);
    return { identity: engine.identity, losses };
  } finally {
    await engine.close();
  }
}

describe("the engine in the extension host's own process", () => {
  it('loads the add-on and WebAssembly on shared memory, and both train alike', async () => {
    assert.ok(nativeInstructionSets().length > 0, 'the add-on loads here');
    const [native, wasm] = [await step('native'), await step('wasm')];
    assert.match(native.identity, /^native (avx2|avx512) fma /);
    assert.match(wasm.identity, /^wasm /);
    assert.ok(native.losses[1] < native.losses[0], `the loss falls: ${native.losses.join(' ')}`);
    native.losses.forEach((loss, i) => assert.ok(Math.abs(loss - wasm.losses[i]) < 1e-5));
  });

  it('shares memory with a thread, and is woken by it', async () => {
    const words = new Int32Array(new SharedArrayBuffer(8));
    const code = `const { workerData: words } = require('node:worker_threads');
Atomics.wait(words, 0, 0);
Atomics.store(words, 1, words[0] + 1);
Atomics.notify(words, 1);`;
    const worker = new Worker(code, { eval: true, workerData: words });
    const ended = once(worker, 'exit');
    Atomics.store(words, 0, 41);
    Atomics.notify(words, 0);
    await ended;
    assert.equal(Atomics.load(words, 1), 42);
  });
});

describe('the engine of a training', () => {
  const setting = (value: string | undefined) =>
    vscode.workspace
      .getConfiguration()
      .update(settingIds.engine, value, vscode.ConfigurationTarget.Workspace);
  after(() => setting(undefined));

  it('is the one of the setting', async () => {
    await setting('wasm');
    const model = vscode.Uri.file(writeModel('engine', 1));
    const result = await run<TrainResult | undefined>(commandIds.train, model);
    assert.match(result?.info.engine ?? '', /^wasm /);
    assert.equal(result?.info.engineChoice, 'wasm');
  });
});

describe('Install TensorFlow Engine', () => {
  it('asks first, and does nothing without a yes', async () => {
    const { studio } = await studioApi();
    const { result, asked } = await answering(
      'showWarningMessage',
      () => undefined,
      () => run(commandIds.installTensorFlow),
    );
    assert.equal(result, undefined);
    assert.match(String(asked[0][0]), /some hundred MB/);
    assert.deepEqual(studio.jobs.running, []);
  });
});
