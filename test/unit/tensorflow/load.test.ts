import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterEach, describe, it } from 'node:test';
import { UserError } from '../../../src/common/errors.ts';
import { silentContext, type JobContext } from '../../../src/common/job.ts';
import { openEngine } from '../../../src/jobs/open-engine.ts';
import { evaluateJob } from '../../../src/jobs/evaluate.ts';
import { resumeJob, trainJob } from '../../../src/jobs/train.ts';
import type { Network } from '../../../src/model/network.ts';
import { TensorFlowEngine } from '../../../src/tensorflow/engine.ts';
import { forwards } from '../../../src/tensorflow/layers.ts';
import { loadTensorFlow } from '../../../src/tensorflow/load.ts';
import { tensorFlowFolder } from '../../../src/tensorflow/package.ts';
import type { Forward } from '../../../src/tensorflow/pass.ts';
import { RunFolder } from '../../../src/training/run-folder.ts';
import { installedTensorFlow } from '../../fixtures/tensorflow.ts';
import { cancelAfter, folder, inputs, metricsOf, stoppedRun } from '../../fixtures/tiny-training.ts';
import { network } from '../engine/networks.ts';

const whole = installedTensorFlow(path.join(folder, 'whole'));
const onTensorFlow = { ...inputs, engine: 'tensorflow', threads: 1, epochs: 2 } as const;

function logging(): { context: JobContext; lines: string[] } {
  const lines: string[] = [];
  return { context: { ...silentContext(), log: (line) => lines.push(line) }, lines };
}

const cache = process.env.ECG_CACHE_DIR;
afterEach(() => {
  delete process.env.ECG_TENSORFLOW;
  if (cache === undefined) delete process.env.ECG_CACHE_DIR;
  else process.env.ECG_CACHE_DIR = cache;
});

describe('loading TensorFlow', () => {
  it("looks in ECG_TENSORFLOW's folder, else in one of ECG Studio's own", () => {
    const own = tensorFlowFolder();
    assert.equal(path.basename(own), 'tensorflow');
    process.env.ECG_TENSORFLOW = whole;
    assert.equal(tensorFlowFolder(), whole);
    assert.equal(loadTensorFlow().build, 'node 4.22.0');
  });

  it('says what to do where it is not installed, is only half so, or is something else', () => {
    const says = (place: string, message: RegExp) =>
      assert.throws(
        () => loadTensorFlow(path.join(folder, place)),
        (error: unknown) =>
          error instanceof UserError &&
          message.test(error.message) &&
          error.advice.includes('ecg engine install tensorflow'),
      );
    says('nowhere', /^TensorFlow is not installed$/);
    const half = installedTensorFlow(path.join(folder, 'half'));
    const entry = path.join(half, 'node_modules', '@tensorflow', 'tfjs-node', 'index.js');
    fs.writeFileSync(entry, 'throw new Error("tfjs_binding.node can not be found\\nmore");');
    says('half', /^TensorFlow does not load: tfjs_binding.node can not be found$/);
    const other = installedTensorFlow(path.join(folder, 'other'));
    fs.writeFileSync(entry.replace(half, other), 'module.exports = {};');
    says('other', /it is no TensorFlow/);
  });
});

describe('a training on TensorFlow', () => {
  it('ends as one on the built-in engine does, to rounding, and can be resumed and evaluated', async () => {
    process.env.ECG_TENSORFLOW = whole;
    const run = await stoppedRun(cancelAfter(4), onTensorFlow);
    assert.match(RunFolder.open(run).info.engine, /^tensorflow node 4\.22\.0$/);
    const { info } = await resumeJob(run, silentContext());
    assert.equal(info.status, 'done');
    assert.equal(info.engine, 'tensorflow node 4.22.0');
    assert.equal(info.engineChoice, 'tensorflow');
    assert.equal(info.bitReproducible, false);
    const built = await trainJob({ ...onTensorFlow, engine: 'wasm' }, silentContext());
    const losses = (of: string) => (metricsOf(of) as { loss: number }[]).map(({ loss }) => loss);
    losses(built.run).forEach((loss, i) => assert.ok(Math.abs(losses(run)[i] / loss - 1) < 1e-3));
    const on = (engine: 'tensorflow' | 'wasm') =>
      evaluateJob({ model: run, data: undefined, split: 'test', integer: false, engine }, silentContext());
    const [a, b] = [await on('tensorflow'), await on('wasm')];
    a.predictions.forEach(({ probabilities }, i) =>
      probabilities.forEach((p, c) => assert.ok(Math.abs(p - b.predictions[i].probabilities[c]) < 1e-4)),
    );
  });

  it('goes on with the built-in engine where it is not there: log and run.json say why', async () => {
    process.env.ECG_TENSORFLOW = path.join(folder, 'nowhere');
    const { context, lines } = logging();
    const { info } = await trainJob(onTensorFlow, context);
    assert.match(info.engine, /^(native|wasm) /);
    assert.equal(info.engineChoice, 'tensorflow');
    assert.equal(info.engineFallback, 'TensorFlow is not installed');
    assert.equal(info.bitReproducible, true);
    assert.match(lines.join('\n'), /TensorFlow is not installed\n[^]*Going on with the built-in engine/);
  });

  it('of a student asks the teacher on the same engine, and keeps its answers apart from those of others', async () => {
    process.env.ECG_TENSORFLOW = whole;
    process.env.ECG_CACHE_DIR = path.join(folder, 'labels');
    const { run: teacher } = await trainJob({ ...inputs, epochs: 1 }, silentContext());
    const kept = () => fs.readdirSync(path.join(folder, 'labels', 'soft-labels')).length;
    await trainJob({ ...onTensorFlow, epochs: 1, teacher }, silentContext());
    assert.equal(kept(), 1);
    for (let i = 0; i < 2; i++) {
      await trainJob({ ...onTensorFlow, epochs: 1, teacher, engine: 'simd128' }, silentContext());
      assert.equal(kept(), 2);
    }
  });

  it('is resumed on the built-in engine where TensorFlow has gone, and marked', async () => {
    process.env.ECG_TENSORFLOW = whole;
    const run = await stoppedRun(cancelAfter(4), onTensorFlow);
    process.env.ECG_TENSORFLOW = path.join(folder, 'nowhere');
    const { context, lines } = logging();
    const { info } = await resumeJob(run, context);
    assert.equal(info.status, 'done');
    assert.match(info.engine, /^(native|wasm) /);
    assert.match(lines.join('\n'), /Resumed on another engine/);
  });

  it('of a network that it cannot compute is refused by the name of the layer', async () => {
    process.env.ECG_TENSORFLOW = whole;
    const net = network({
      window: 8,
      hop: 4,
      layers: [
        ['global-average-pool', null],
        ['dense', 2],
      ],
    });
    const request = { seed: 1, training: true, threads: 1, engine: 'tensorflow' } as const;
    const engine = await openEngine(net, request, silentContext());
    assert.ok(engine instanceof TensorFlowEngine);
    await engine.close();
    const hard = network({
      window: 8,
      hop: 4,
      layers: [
        ['global-average-pool', null],
        ['gru', { units: 2, 'recurrent-activation': 'hard-sigmoid' }],
        ['dense', 2],
      ],
    });
    const refused = (of: Network, layer: string | undefined, message: RegExp) =>
      assert.rejects(
        openEngine(of, request, silentContext()),
        (error: unknown) =>
          error instanceof UserError && error.place.layer === layer && message.test(error.message),
      );
    await refused(hard, 'gru-1', /hard-sigmoid/);
    const aware = { ...net, quantization: { ...net.quantization, aware: true } };
    await refused(aware, undefined, /aware of their quantisation/);
    const known = forwards as Map<string, Forward>;
    const dense = known.get('dense')!;
    known.delete('dense');
    try {
      await refused(net, 'dense-1', /the TensorFlow engine has no layers of kind dense/);
    } finally {
      known.set('dense', dense);
    }
  });
});
