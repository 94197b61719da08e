import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { RandomStream } from '../../../src/common/random.ts';
import { parameterName } from '../../../src/model/network.ts';
import {
  everyKind,
  instructionSets,
  mixedLengths,
  noiseRecords,
  toFloat64,
  withEngine,
  worstTensor,
} from './helpers.ts';
import { network, slim, teacher } from './networks.ts';
import type { LayerEntry } from '../../fixtures/network.ts';

describe('engine: optimiser, initial weights, learning', () => {
  const variants = [
    { name: 'Adam', settings: {} },
    { name: 'Adam with L2', settings: { weightDecay: 0.3 } },
    { name: 'AdamW', settings: { weightDecay: 2, decoupled: true } },
    { name: 'Adam with gradients that are clipped', settings: { clip: 0.01 } },
    {
      name: 'AdamW with a clip that is never reached',
      settings: { weightDecay: 1, decoupled: true, clip: 100 },
    },
  ];
  for (const { name, settings } of variants)
    test(`five steps of ${name} equal a float64 optimiser fed with the same gradients`, async () => {
      const { layers, window } = everyKind[0];
      const net = network({ window, hop: 7, layers });
      const records = noiseRecords(mixedLengths);
      const step = { learningRate: 0.01, beta1: 0.8, beta2: 0.99, epsilon: 1e-4, ...settings };
      const { weightDecay = 0, decoupled = false, clip = Infinity } = step;
      await withEngine(net, {}, (engine) => {
        const w = toFloat64(engine.weights());
        const m = toFloat64(new Map([...w].map(([key, v]) => [key, new Float32Array(v.length)])));
        const v = toFloat64(new Map([...w].map(([key, x]) => [key, new Float32Array(x.length)])));
        for (let t = 1; t <= 5; t++) {
          const gradients = engine.gradients(records);
          const norm = Math.hypot(...[...gradients.values()].flatMap((g) => [...g]));
          assert.equal(norm > 0.01 && norm < 100, true, `${norm} is on the wrong side of the clips`);
          for (const [key, g] of gradients) {
            const decay = key.endsWith('bias') ? 0 : weightDecay;
            g.forEach((raw, i) => {
              const before = w.get(key)![i];
              const gradient = raw * Math.min(1, clip / norm) + (decoupled ? 0 : decay * before);
              const mean = (m.get(key)![i] = 0.8 * m.get(key)![i] + 0.2 * gradient);
              const square = (v.get(key)![i] = 0.99 * v.get(key)![i] + 0.01 * gradient * gradient);
              const change = mean / (1 - 0.8 ** t) / (Math.sqrt(square / (1 - 0.99 ** t)) + 1e-4);
              w.get(key)![i] -= 0.01 * (change + (decoupled ? decay * before : 0));
            });
          }
          const { gradientNorm } = engine.trainBatch(records, step);
          assert.ok(Math.abs(gradientNorm / norm - 1) < 1e-5, `${gradientNorm} is not ${norm}`);
        }
        const state = engine.optimizerState();
        assert.equal(state.step, 5);
        for (const [ours, theirs] of [
          [engine.weights(), w],
          [state.m, m],
          [state.v, v],
        ] as const) {
          const worst = worstTensor(ours, theirs);
          assert.ok(worst.error < 2e-6, `${worst.name}: ${worst.error}`);
        }
      });
    });

  for (const kernels of instructionSets)
    test(`gradients that are not finite are told and make no step: ${kernels}`, async () => {
      const net = network({ window: 21, hop: 7, layers: everyKind[0].layers });
      await withEngine(net, { kernels }, (engine) => {
        const records = noiseRecords([60, 33, 21]);
        engine.trainBatch(records, { learningRate: 0.01 });
        const before = { weights: engine.weights(), state: engine.optimizerState() };
        const broken = records.map((r, i) => (i === 1 ? { ...r, signal: r.signal.map(() => NaN) } : r));
        const { gradientNorm } = engine.trainBatch(broken, { learningRate: 0.01, clip: 1 });
        assert.ok(!Number.isFinite(gradientNorm));
        assert.deepEqual({ weights: engine.weights(), state: engine.optimizerState() }, before);
      });
    });

  test('frozen layers are no part of the norm and do not decay', async () => {
    const layers: LayerEntry[] = [
      ['conv1d', { filters: 3, kernel: 3 }, 'frozen'],
      ['global-average-pool', null],
      ['dense', 4],
    ];
    const net = network({ window: 16, hop: 8, layers });
    await withEngine(net, {}, (engine) => {
      const before = engine.weights();
      engine.trainBatch(noiseRecords([40]), { learningRate: 0.1, weightDecay: 1, decoupled: true, clip: 1 });
      const after = engine.weights();
      assert.deepEqual(after.get('conv1d-1/kernel'), before.get('conv1d-1/kernel'));
      assert.notDeepEqual(after.get('dense-1/kernel'), before.get('dense-1/kernel'));
    });
  });

  test('label smoothing spreads its share evenly, for labels alone and beside a teacher', async () => {
    const net = network({ window: 21, hop: 7, layers: everyKind[0].layers });
    const records = noiseRecords([60, 33, 21]);
    const labelled = records.map(({ signal, label }) => ({ signal, label }));
    const spread = (label: number): Float32Array =>
      Float32Array.from([0, 1, 2, 3], (j) => (j === label ? 0.9 + 0.025 : 0.025));
    await withEngine(net, {}, (engine) => {
      const gradients = engine.gradients(labelled, { labelSmoothing: 0.1 });
      const explicit = records.map(({ signal, label }) => ({ signal, label, target: spread(label) }));
      const worst = worstTensor(gradients, engine.gradients(explicit));
      assert.ok(worst.error < 1e-6, `${worst.name}: ${worst.error}`);
      // Half of the loss on the teacher's targets, half on the smoothed labels: their mean, since both are at 1.
      const mixed = engine.gradients(records, { labelSmoothing: 0.1, hardLabels: 0.5 });
      const means = records.map(({ signal, label, target }) => {
        const smooth = spread(label);
        return { signal, label, target: target.map((q, j) => (q + smooth[j]) / 2) };
      });
      const worstMixed = worstTensor(mixed, engine.gradients(means));
      assert.ok(worstMixed.error < 1e-6, `${worstMixed.name}: ${worstMixed.error}`);
    });
  });

  test("a record's weight multiplies its loss and its gradient", async () => {
    const net = network({ window: 21, hop: 7, layers: everyKind[0].layers });
    const [a, b] = noiseRecords([60, 33]);
    await withEngine(net, {}, (engine) => {
      const [alone, other] = [engine.gradients([a]), engine.gradients([b])];
      const sum = new Map(
        [...alone].map(([key, g]) => [key, g.map((x, i) => (3 * x + 0.5 * other.get(key)![i]) / 2)]),
      );
      const weighted = [
        { ...a, weight: 3 },
        { ...b, weight: 0.5 },
      ];
      const worst = worstTensor(engine.gradients(weighted), sum);
      assert.ok(worst.error < 1e-6, `${worst.name}: ${worst.error}`);
      const rest = { learningRate: 0 };
      const losses = [[a], [b], weighted].map((records) => engine.trainBatch(records, rest).loss);
      assert.ok(Math.abs(losses[2] - (3 * losses[0] + 0.5 * losses[1])) < 1e-5, losses.join());
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
