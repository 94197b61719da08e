import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { sha256 } from '../../../src/common/files.ts';
import type { Network, Weights } from '../../../src/model/network.ts';
import {
  everyKind,
  instructionSets,
  isStatistic,
  mixedLengths,
  noiseRecords,
  shakenWeights,
  toFloat64,
  withEngine,
  relativeError,
  type FullRecord,
} from './helpers.ts';
import { network } from './networks.ts';
import {
  referenceGradients,
  referenceLogits,
  referenceLoss,
  referenceProbabilities,
  type Sample,
} from './reference.ts';

// Measured: below 3e-6, but 2e-5 for one tensor whose gradient is what remains of terms a thousand times as large.
const tolerance = 5e-5;

const steps = [{}, { temperature: 3, hardLabels: 0.3 }];

interface Reference {
  samples: Map<string, Sample>;
  loss: number;
}

/** Central differences take long; all instruction sets have the same weights. */
const references = new Map<string, Reference>();

function reference(
  net: Network,
  weights: Weights,
  records: readonly FullRecord[],
  step: { temperature?: number; hardLabels?: number },
): Reference {
  const key = sha256(
    JSON.stringify([net.layers, step, [...weights].map(([name, w]) => [name, Array.from(w)])]),
  );
  let known = references.get(key);
  if (!known) {
    const exact = toFloat64(weights);
    const { temperature = 1, hardLabels = 0 } = step;
    known = {
      samples: referenceGradients(net, exact, records, temperature, hardLabels),
      loss: referenceLoss(net, exact, records, temperature, hardLabels),
    };
    references.set(key, known);
  }
  return known;
}

function largestGradient(samples: ReadonlyMap<string, Sample>): number {
  return Math.max(...[...samples.values()].map(({ values }) => Math.hypot(...values)));
}

describe('engine: against a float64 reference', () => {
  for (const kernels of instructionSets)
    for (const { name: layersName, layers, readout, window } of everyKind) {
      const name = `${layersName}, ${kernels}`;
      const net = network({ window, hop: 7, layers, readout });
      const records = noiseRecords(mixedLengths);
      // One record counts half: its target sums to 0.5.
      records[3].target = records[3].target.map((v) => v / 2);

      for (const step of steps) {
        test(`gradients and loss equal central differences, ${JSON.stringify(step)}: ${name}`, async () => {
          await withEngine(net, { kernels }, (engine) => {
            const weights = shakenWeights(engine);
            engine.setWeights(weights);
            const gradients = engine.gradients(records, step);
            const { samples, loss } = reference(net, weights, records, step);
            // A bias before a batch norm has no influence: what is left of its gradient is rounding.
            const smallest = 1e-6 * largestGradient(samples);
            for (const [tensor, { indices, values }] of samples) {
              const ours = indices.map((i) => gradients.get(tensor)![i]);
              if (isStatistic(net, tensor)) {
                assert.ok(
                  ours.every((v) => v === 0),
                  tensor,
                );
                continue;
              }
              const size = Math.hypot(...values);
              const error =
                size < smallest ? Math.hypot(...ours) / smallest / 1e6 : relativeError(ours, values);
              assert.ok(error < tolerance, `${tensor}: ${error}`);
            }
            const { loss: sum } = engine.trainBatch(records, { learningRate: 0, ...step });
            assert.ok(
              Math.abs(sum / records.length / loss - 1) < 1e-6,
              `${sum / records.length} and ${loss}`,
            );
          });
        });
      }

      for (const resetEvery of [0, 3]) {
        test(`predictions equal the reference, resetEvery ${resetEvery}: ${name}`, async () => {
          await withEngine(net, { kernels, training: false }, (engine) => {
            const weights = shakenWeights(engine);
            engine.setWeights(weights);
            const exact = toFloat64(weights);
            const prediction = engine.predict(records, { everyWindow: true, resetEvery });
            records.forEach(({ signal }, r) => {
              const logits = referenceLogits(net, exact, signal, resetEvery);
              const close = (a: number, b: number) => assert.ok(Math.abs(a - b) < 5e-6, `${a} and ${b}`);
              assert.equal(prediction.windows[r].logits.length, logits.length * 4);
              logits.flat().forEach((z, i) => close(prediction.windows[r].logits[i], z));
              logits.at(-1)!.forEach((z, j) => close(prediction.logits[r * 4 + j], z));
              const p = referenceProbabilities(net, logits);
              p.forEach((v, j) => close(prediction.probabilities[r * 4 + j], v));
            });
          });
        });
      }
    }

  test('gradients of frozen layers are zero and the others are what they are without freezing', async () => {
    const { layers, window } = everyKind[0];
    const records = noiseRecords(mixedLengths);
    const free = network({ window, hop: 7, layers });
    for (const frozen of [[0], [0, 2], [0, 2, 4], [2], [4]]) {
      const lines = layers.map((line, i) =>
        frozen.includes(i) ? ([line[0], line[1], 'frozen'] as const) : line,
      );
      const net = network({ window, hop: 7, layers: lines });
      const expected = await withEngine(free, {}, (engine) => engine.gradients(records));
      await withEngine(net, {}, (engine) => {
        const before = engine.weights();
        const gradients = engine.gradients(records);
        engine.trainBatch(records, { learningRate: 0.01 });
        const after = engine.weights();
        for (const layer of net.layers) {
          for (const { name } of layer.parameters) {
            const key = `${layer.name}/${name}`;
            if (layer.frozen) {
              assert.ok(
                gradients.get(key)!.every((v) => v === 0),
                key,
              );
              assert.deepEqual(after.get(key), before.get(key));
            } else {
              assert.deepEqual(gradients.get(key), expected.get(key));
              assert.notDeepEqual(after.get(key), before.get(key));
            }
          }
        }
      });
    }
  });
});
