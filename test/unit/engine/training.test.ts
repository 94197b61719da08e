import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { RandomStream } from '../../../src/common/random.ts';
import { parameterName } from '../../../src/model/network.ts';
import { everyKind, mixedLengths, noiseRecords, toFloat64, withEngine, worstTensor } from './helpers.ts';
import { network, slim, teacher } from './networks.ts';

describe('engine: optimiser, initial weights, learning', () => {
  test('five steps of Adam equal a float64 Adam fed with the same gradients', async () => {
    const { layers, window } = everyKind[0];
    const net = network({ window, hop: 7, layers });
    const records = noiseRecords(mixedLengths);
    const step = { learningRate: 0.01, beta1: 0.8, beta2: 0.99, epsilon: 1e-4 };
    await withEngine(net, {}, (engine) => {
      const w = toFloat64(engine.weights());
      const m = toFloat64(new Map([...w].map(([name, v]) => [name, new Float32Array(v.length)])));
      const v = toFloat64(new Map([...w].map(([name, x]) => [name, new Float32Array(x.length)])));
      for (let t = 1; t <= 5; t++) {
        for (const [name, g] of engine.gradients(records)) {
          g.forEach((gradient, i) => {
            const mean = (m.get(name)![i] = 0.8 * m.get(name)![i] + 0.2 * gradient);
            const square = (v.get(name)![i] = 0.99 * v.get(name)![i] + 0.01 * gradient * gradient);
            w.get(name)![i] -=
              (0.01 * (mean / (1 - 0.8 ** t))) / (Math.sqrt(square / (1 - 0.99 ** t)) + 1e-4);
          });
        }
        engine.trainBatch(records, step);
      }
      const state = engine.optimizerState();
      assert.equal(state.step, 5);
      for (const [ours, theirs] of [
        [engine.weights(), w],
        [state.m, m],
        [state.v, v],
      ] as const) {
        const worst = worstTensor(ours, theirs);
        assert.ok(worst.error < 1e-6, `${worst.name}: ${worst.error}`);
      }
    });
  });

  test('training goes on bit-identically from saved weights and optimiser state', async () => {
    const { layers, window } = everyKind[1];
    const net = network({ window, hop: 7, layers });
    const records = noiseRecords(mixedLengths);
    const step = { learningRate: 0.01 };
    const straight = await withEngine(net, {}, (engine) => {
      for (let s = 0; s < 6; s++) engine.trainBatch(records, step);
      return engine.weights();
    });
    const saved = await withEngine(net, {}, (engine) => {
      for (let s = 0; s < 3; s++) engine.trainBatch(records, step);
      return { weights: engine.weights(), state: engine.optimizerState() };
    });
    await withEngine(net, { seed: 99 }, (engine) => {
      engine.setWeights(saved.weights);
      engine.setOptimizerState(saved.state);
      for (let s = 0; s < 3; s++) engine.trainBatch(records, step);
      assert.deepEqual(engine.weights(), straight);
    });
  });

  test('the slim network learns to tell four sine waves apart', async () => {
    const random = new RandomStream(1, 'toy');
    const records = Array.from({ length: 24 }, (_v, i) => ({
      signal: Float32Array.from(
        { length: 512 },
        (_s, t) => Math.sin(0.05 * (1 + (i % 4)) * t) + 0.2 * random.normal(),
      ),
      label: i % 4,
    }));
    await withEngine(slim, { threads: 2 }, (engine) => {
      const losses: number[] = [];
      let correct = 0;
      for (let s = 0; s < 40; s++) {
        const result = engine.trainBatch(records, { learningRate: 0.002 });
        losses.push(result.loss / records.length);
        correct = result.correct;
      }
      assert.ok(Math.abs(losses[0] - Math.log(4)) < 0.3, `${losses[0]}`);
      assert.ok(losses.at(-1)! < 0.1, `${losses.at(-1)}`);
      assert.equal(correct, records.length);
    });
  });

  test('initial weights: Glorot limits, orthonormal recurrent columns, forget gate 1, keyed by seed and name', async () => {
    const weights = await withEngine(teacher, { seed: 7 }, (engine) => engine.weights());
    for (const layer of teacher.layers) {
      for (const spec of layer.parameters) {
        const values = weights.get(parameterName(layer, spec))!;
        if (spec.initialiser === 'zeros') assert.ok(values.every((v) => v === 0));
        if (spec.initialiser === 'glorot-uniform') {
          const limit = Math.sqrt(6 / (spec.fanIn + spec.fanOut));
          assert.ok(values.every((v) => Math.abs(v) <= limit));
          const variance = values.reduce((sum, v) => sum + v * v, 0) / values.length;
          assert.ok(Math.abs(variance / (limit ** 2 / 3) - 1) < 5 / Math.sqrt(values.length), layer.name);
        }
      }
    }
    const bias = weights.get('lstm-1/bias')!;
    assert.ok(bias.every((v, i) => v === (i >= 128 && i < 256 ? 1 : 0)));
    const u = weights.get('lstm-1/recurrent')!;
    for (const [a, b] of [
      [0, 0],
      [127, 127],
      [0, 1],
      [5, 100],
    ]) {
      let dot = 0;
      for (let r = 0; r < 512; r++) dot += u[r * 128 + a] * u[r * 128 + b];
      assert.ok(Math.abs(dot - (a === b ? 1 : 0)) < 1e-5, `columns ${a}, ${b}: ${dot}`);
    }
    const again = await withEngine(teacher, { seed: 7, training: false }, (engine) => {
      engine.initialise();
      return engine.weights();
    });
    assert.deepEqual(again, weights);
    const other = await withEngine(slim, { seed: 8 }, (engine) => engine.weights());
    assert.notDeepEqual(other.get('conv1d-1/kernel'), weights.get('conv1d-1/kernel'));
  });
});
