import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { InstructionSet } from '../../../src/engine/choice.ts';
import type { Weights } from '../../../src/model/network.ts';
import {
  everyKind,
  instructionSets,
  mixedLengths,
  noiseRecords,
  relativeError,
  withEngine,
  worstTensor,
} from './helpers.ts';
import { network, slim } from './networks.ts';

/** With rows that Winograd's kernels compute: too many parameters for the central differences of the other tests. */
const kinds: typeof everyKind = [
  ...everyKind,
  {
    name: 'conv1d of 5 and 3 taps over many rows',
    window: 27,
    readout: 'last-state',
    layers: [
      ['conv1d', { filters: 8, kernel: 5, activation: 'relu' }],
      ['conv1d', { filters: 12, kernel: 5, activation: 'relu' }],
      ['conv1d', { filters: 68, kernel: 3, padding: 'causal', activation: 'relu' }],
      ['max-pool', 2],
      ['conv1d', { filters: 9, kernel: 5, padding: 'valid' }],
      ['global-average-pool', null],
      ['gru', 4],
      ['dense', 4],
    ],
  },
];

describe('engine: what must not change the result', () => {
  for (const kernels of instructionSets)
    for (const { name: layersName, layers, readout, window } of kinds) {
      const name = `${layersName}, ${kernels}`;
      const net = network({ window, hop: 7, layers, readout });

      test(`weights after five steps are bit-identical for 1, 2 and 8 threads: ${name}`, async () => {
        const records = noiseRecords([...mixedLengths, ...mixedLengths, 200]);
        const train = (threads: number) =>
          withEngine(net, { threads, kernels }, (engine) => {
            const losses: number[] = [];
            const step = { learningRate: 0.01, clip: 0.01, weightDecay: 0.1, decoupled: true };
            for (let s = 0; s < 5; s++) losses.push(engine.trainBatch(records, step).loss);
            return { losses, weights: engine.weights(), state: engine.optimizerState() };
          });
        const one = await train(1);
        assert.ok(new Set(one.losses).size === 5);
        assert.deepEqual(await train(2), one);
        assert.deepEqual(await train(8), one);
      });

      test(`a prediction is bit-identical alone and in any batch: ${name}`, async () => {
        const records = noiseRecords([...mixedLengths, 300]);
        await withEngine(net, { threads: 2, kernels }, (engine) => {
          const all = engine.predict(records, { everyWindow: true });
          const reversed = engine.predict([...records].reverse());
          records.forEach((record, r) => {
            const alone = engine.predict([record], { everyWindow: true });
            assert.deepEqual(alone.probabilities, all.probabilities.slice(r * 4, r * 4 + 4));
            assert.deepEqual(alone.logits, all.logits.slice(r * 4, r * 4 + 4));
            assert.deepEqual(alone.windows[0], all.windows[r]);
            const back = (records.length - 1 - r) * 4;
            assert.deepEqual(alone.probabilities, reversed.probabilities.slice(back, back + 4));
          });
        });
      });
    }

  test('a record gives the same gradient beside longer ones: masked windows have none', async () => {
    const { layers, readout, window } = everyKind[1];
    const net = network({ window, hop: 7, layers, readout });
    const [short, long] = noiseRecords([40, 400]);
    await withEngine(net, {}, (engine) => {
      const sum: Weights = new Map();
      const [a, b] = [engine.gradients([short]), engine.gradients([long])];
      for (const [key, values] of a)
        sum.set(
          key,
          values.map((v, i) => (v + b.get(key)![i]) / 2),
        );
      const worst = worstTensor(engine.gradients([long, short]), sum);
      assert.ok(worst.error < 1e-6, `${worst.name}: ${worst.error}`);
    });
  });

  test('a training engine and a predicting engine give the same bits', async () => {
    const records = noiseRecords([256, 700, 3000]);
    const trained = await withEngine(slim, { threads: 2 }, (engine) => {
      engine.trainBatch(records, { learningRate: 0.01 });
      return { weights: engine.weights(), prediction: engine.predict(records) };
    });
    await withEngine(slim, { training: false }, (engine) => {
      engine.setWeights(trained.weights);
      assert.deepEqual(engine.predict(records), trained.prediction);
    });
  });

  test('a record longer than a slice of windows is predicted as one sequence', async () => {
    // 1000 windows: four slices. Its first 300 windows alone are two.
    const net = network({
      window: 8,
      hop: 8,
      layers: [
        ['conv1d', { filters: 4, kernel: 3 }],
        ['global-average-pool', null],
        ['gru', 4],
        ['lstm', 4],
        ['dense', 4],
      ],
    });
    const [long] = noiseRecords([8000]);
    await withEngine(net, {}, (engine) => {
      const all = engine.predict([long], { everyWindow: true });
      const part = engine.predict([{ signal: long.signal.subarray(0, 2400) }], { everyWindow: true });
      assert.equal(all.windows[0].logits.length, 4000);
      assert.deepEqual(part.windows[0].logits, all.windows[0].logits.slice(0, 1200));
      assert.deepEqual(part.logits, all.windows[0].logits.slice(1196, 1200));
      // Beside it, records in its own group and in another that end slices earlier.
      const batch = [long, ...noiseRecords(Array.from({ length: 20 }, (_v, i) => 8 + 200 * i))];
      const together = engine.predict(batch);
      batch.forEach((record, r) => {
        assert.deepEqual(engine.predict([record]).logits, together.logits.slice(r * 4, r * 4 + 4));
      });
    });
  });

  test('a batch with longer records than any before works, and leaves the following ones as they were', async () => {
    const { layers, readout, window } = everyKind[0];
    const net = network({ window, hop: 7, layers, readout });
    const short = noiseRecords([30, 60]);
    const long = noiseRecords([60_000, 100]);
    const run = (threads: number) =>
      withEngine(net, { threads }, (engine) => {
        const first = engine.gradients(short);
        engine.gradients(long);
        assert.deepEqual(engine.gradients(short), first);
        return engine.gradients(long);
      });
    assert.deepEqual(await run(3), await run(1));
  });

  for (const kernels of instructionSets.slice(1)) {
    test(`${kernels} and relaxed SIMD agree to 1e-5 after one step and differ in identity`, async () => {
      const records = noiseRecords([700, 300, 1500]);
      const run = (choice: InstructionSet) =>
        withEngine(slim, { kernels: choice }, (engine) => {
          const gradients = engine.gradients(records);
          engine.trainBatch(records, { learningRate: 0.001 });
          return { gradients, identity: engine.identity, logits: engine.predict(records).logits };
        });
      const relaxed = await run('relaxed-simd');
      const other = await run(kernels);
      assert.match(relaxed.identity, /^wasm relaxed-simd (no-)?fma [0-9a-f]{12}$/);
      const expected =
        kernels === 'simd128' ? /^wasm simd128 no-fma [0-9a-f]{12}$/ : /^native \S+ fma [0-9a-f]{12}$/;
      assert.match(other.identity, expected);
      const worst = worstTensor(relaxed.gradients, other.gradients);
      assert.ok(worst.error < 1e-5, `${worst.name}: ${worst.error}`);
      assert.ok(relativeError(relaxed.logits, other.logits) < 1e-3);
    });
  }
});
