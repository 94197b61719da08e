// The engine's layers, readouts and losses once more: plain float64 loops written from numerics.md, sharing nothing
// with the kernels. Slow; for tests on tiny shapes.
import { philox } from '../../../src/common/random.ts';
import type { Activation } from '../../../src/layers/activation.ts';
import type { AddOptions } from '../../../src/layers/add/shape.ts';
import type { BatchNormOptions } from '../../../src/layers/batch-norm/shape.ts';
import { convolutionPadding, type Conv1dOptions } from '../../../src/layers/conv1d/shape.ts';
import type { DenseOptions } from '../../../src/layers/dense/shape.ts';
import type { DropoutOptions } from '../../../src/layers/dropout/shape.ts';
import type { MaxAffineOptions } from '../../../src/layers/max-affine/shape.ts';
import type { PoolOptions } from '../../../src/layers/pool.ts';
import type { RecurrentOptions } from '../../../src/layers/recurrent.ts';
import { parameterName, type Network, type NetworkLayer } from '../../../src/model/network.ts';

/** [channels][positions] of one window. */
type Tensor = number[][];
export type Weights64 = Map<string, Float64Array>;

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

function activate(activation: Activation, v: number): number {
  if (activation === 'none' || v > 0) return v;
  if (typeof activation === 'object') return v * activation['leaky-relu'];
  return activation === 'relu' ? 0 : v / 8;
}

function convolve(layer: NetworkLayer, kernel: Float64Array, bias: Float64Array, x: Tensor): Tensor {
  const options = layer.options as Conv1dOptions;
  const { before } = convolutionPadding(options, x[0].length);
  const { filters, groups, stride, kernel: taps } = options;
  const inner = x.length / groups;
  return Array.from({ length: filters }, (_f, f) =>
    Array.from({ length: layer.shape.length }, (_v, p) => {
      let sum = bias[f];
      const firstChannel = Math.floor(f / (filters / groups)) * inner;
      for (let c = 0; c < inner; c++) {
        for (let k = 0; k < taps; k++) {
          sum += kernel[(f * inner + c) * taps + k] * (x[firstChannel + c][p * stride + k - before] ?? 0);
        }
      }
      return activate(options.activation, sum);
    }),
  );
}

/** All windows of all records at once, since training normalises by all of them. */
function batchNorm(
  options: BatchNormOptions,
  [scale, offset, mean, variance]: Float64Array[],
  records: Tensor[][],
  training: boolean,
): Tensor[][] {
  const figures = Array.from(scale, (_v, c) => {
    if (!training) return [mean[c], variance[c]];
    const values = records.flat().flatMap((x) => x[c]);
    const average = values.reduce((a, b) => a + b, 0) / values.length;
    return [average, values.reduce((a, b) => a + (b - average) ** 2, 0) / values.length];
  });
  return records.map((windows) =>
    windows.map((x) =>
      x.map((row, c) => {
        const [m, v] = figures[c];
        return row.map((value) =>
          activate(options.activation, ((value - m) / Math.sqrt(v + options.epsilon)) * scale[c] + offset[c]),
        );
      }),
    ),
  );
}

/** 0 or 1 / (1 - rate), for the element at (channel, position). */
function dropoutFactor(
  draw: Draw,
  rate: number,
  layer: number,
  part: number,
  window: number,
  element: number,
): number {
  const counter = [Math.floor(element / 4), window, layer * 2 + part, draw.key] as const;
  const word = philox([...counter], [draw.seed, draw.step])[element % 4];
  return word / 2 ** 32 < 1 - rate ? 1 / (1 - rate) : 0;
}

function pool(x: Tensor, size: number, reduce: (values: number[]) => number): Tensor {
  return x.map((row) =>
    Array.from({ length: Math.floor(row.length / size) }, (_v, p) =>
      reduce(row.slice(p * size, (p + 1) * size)),
    ),
  );
}

const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;

/** w [rows][columns] times x, from row `first` on. */
function product(w: Float64Array, x: number[], first: number, rows: number): number[] {
  return Array.from({ length: rows }, (_v, r) =>
    x.reduce((sum, v, c) => sum + w[(first + r) * x.length + c] * v, 0),
  );
}

/** Input and state as the gates see them. */
interface Masks {
  x: (x: number[]) => number[];
  h: (h: number[]) => number[];
}

function gru(
  units: number,
  [w, u, b]: Float64Array[],
  sequence: number[][],
  resetEvery: number,
  masks: Masks,
): number[][] {
  let h = new Array<number>(units).fill(0);
  return sequence.map((x, t) => {
    if (resetEvery > 0 && t % resetEvery === 0) h = h.map(() => 0);
    const seen = masks.h(h);
    const pre = product(w, masks.x(x), 0, 3 * units).map((v, i) => v + b[i]);
    const zr = product(u, seen, 0, 2 * units).map((v, i) => sigmoid(v + pre[i]));
    const reset = seen.map((v, i) => v * zr[units + i]);
    const n = product(u, reset, 2 * units, units).map((v, i) => Math.tanh(v + pre[2 * units + i]));
    h = h.map((v, i) => zr[i] * v + (1 - zr[i]) * n[i]);
    return h;
  });
}

function lstm(
  units: number,
  [w, u, b]: Float64Array[],
  sequence: number[][],
  resetEvery: number,
  masks: Masks,
): number[][] {
  let h = new Array<number>(units).fill(0);
  let c = [...h];
  return sequence.map((x, t) => {
    if (resetEvery > 0 && t % resetEvery === 0) [h, c] = [h.map(() => 0), c.map(() => 0)];
    const recurrent = product(u, masks.h(h), 0, 4 * units);
    const pre = product(w, masks.x(x), 0, 4 * units).map((v, i) => v + b[i] + recurrent[i]);
    const gate = (g: number, i: number) => pre[g * units + i];
    c = c.map((v, i) => sigmoid(gate(1, i)) * v + sigmoid(gate(0, i)) * Math.tanh(gate(2, i)));
    h = c.map((v, i) => sigmoid(gate(3, i)) * Math.tanh(v));
    return h;
  });
}

/** What dropout's draws of a record depend on. */
export interface Draw {
  seed: number;
  step: number;
  key: number;
}

/**
 * Logits of every window of every record, [records][windows][classes]. With `draws`, one a record, as training computes
 * them: with dropout, and batch norm by the batch.
 */
export function referenceBatch(
  network: Network,
  weights: Weights64,
  signals: readonly ArrayLike<number>[],
  resetEvery = 0,
  draws?: readonly Draw[],
): number[][][] {
  const { window, hop } = network.input;
  const input = signals.map((signal) => {
    const count = signal.length < window ? 1 : Math.floor((signal.length - window) / hop) + 1;
    return Array.from({ length: count }, (_w, n): Tensor => [
      Array.from({ length: window }, (_v, p) => signal[n * hop + p] ?? 0),
    ]);
  });
  const outputs: Tensor[][][] = [];
  const vectors = (of: number[][]): Tensor[] => of.map((h) => h.map((v) => [v]));
  for (const layer of network.layers) {
    const parameters = layer.parameters.map((spec) => weights.get(parameterName(layer, spec))!);
    const [records, others] = layer.from.map((f) => (f < 0 ? input : outputs[f]));
    const eachWindow = (use: (x: Tensor, r: number, n: number) => Tensor) =>
      records.map((windows, r) => windows.map((x, n) => use(x, r, n)));
    const eachSequence = (use: (sequence: number[][], masks: Masks) => number[][]) =>
      records.map((windows, r) => {
        const { dropout = 0, recurrentDropout = 0 } = layer.options as Partial<RecurrentOptions>;
        const mask = (rate: number, part: number) => (x: number[]) =>
          x.map((v, e) =>
            draws && rate > 0 ? v * dropoutFactor(draws[r], rate, layer.index, part, 0, e) : v,
          );
        const masks = { x: mask(dropout, 0), h: mask(recurrentDropout, 1) };
        return vectors(
          use(
            windows.map((x) => x.map(([v]) => v)),
            masks,
          ),
        );
      });
    switch (layer.kind) {
      case 'conv1d':
        outputs.push(eachWindow((x) => convolve(layer, parameters[0], parameters[1], x)));
        break;
      case 'batch-norm': {
        const training = draws !== undefined && !layer.frozen;
        outputs.push(batchNorm(layer.options as BatchNormOptions, parameters, records, training));
        break;
      }
      case 'add': {
        const { activation } = layer.options as AddOptions;
        outputs.push(
          eachWindow((x, r, n) =>
            x.map((row, c) => row.map((v, p) => activate(activation, v + others[r][n][c][p]))),
          ),
        );
        break;
      }
      case 'channel-scale':
        outputs.push(
          eachWindow((x, r, n) => x.map((row, c) => row.map((v) => v * sigmoid(others[r][n][c][0])))),
        );
        break;
      case 'dropout': {
        const { rate } = layer.options as DropoutOptions;
        outputs.push(
          eachWindow((x, r, n) =>
            x.map((row, c) =>
              row.map((v, p) =>
                draws ? v * dropoutFactor(draws[r], rate, layer.index, 0, n, c * row.length + p) : v,
              ),
            ),
          ),
        );
        break;
      }
      case 'max-affine': {
        const { units, pieces } = layer.options as MaxAffineOptions;
        outputs.push(
          eachWindow((x) => {
            const values = product(parameters[0], x.flat(), 0, units * pieces).map(
              (v, i) => v + parameters[1][i],
            );
            return Array.from({ length: units }, (_u, u) => [
              Math.max(...values.slice(u * pieces, (u + 1) * pieces)),
            ]);
          }),
        );
        break;
      }
      case 'average-pool':
        outputs.push(eachWindow((x) => pool(x, (layer.options as PoolOptions).size, mean)));
        break;
      case 'max-pool':
        outputs.push(eachWindow((x) => pool(x, (layer.options as PoolOptions).size, (v) => Math.max(...v))));
        break;
      case 'global-average-pool':
        outputs.push(eachWindow((x) => pool(x, x[0].length, mean)));
        break;
      case 'dense': {
        const { units, activation } = layer.options as DenseOptions;
        outputs.push(
          eachWindow((x) =>
            product(
              parameters[0],
              x.map(([v]) => v),
              0,
              units,
            ).map((v, i) => [activate(activation, v + parameters[1][i])]),
          ),
        );
        break;
      }
      case 'gru': {
        const { units } = layer.options as RecurrentOptions;
        outputs.push(eachSequence((sequence, masks) => gru(units, parameters, sequence, resetEvery, masks)));
        break;
      }
      case 'lstm': {
        const { units } = layer.options as RecurrentOptions;
        outputs.push(eachSequence((sequence, masks) => lstm(units, parameters, sequence, resetEvery, masks)));
        break;
      }
      default:
        throw new Error(layer.kind);
    }
  }
  return outputs.at(-1)!.map((windows) => windows.map((x) => x.map(([v]) => v)));
}

/** Logits of every window of one record as a prediction computes them, [windows][classes]. */
export function referenceLogits(
  network: Network,
  weights: Weights64,
  signal: ArrayLike<number>,
  resetEvery = 0,
): number[][] {
  return referenceBatch(network, weights, [signal], resetEvery)[0];
}

export function referenceSoftmax(z: readonly number[], temperature = 1): number[] {
  const largest = Math.max(...z);
  const e = z.map((v) => Math.exp((v - largest) / temperature));
  const sum = e.reduce((a, b) => a + b, 0);
  return e.map((v) => v / sum);
}

export function referenceProbabilities(network: Network, logits: number[][], temperature = 1): number[] {
  if (network.readout === 'last-state') return referenceSoftmax(logits.at(-1)!, temperature);
  const each = logits.map((z) => referenceSoftmax(z, temperature));
  return each[0].map((_v, j) => mean(each.map((p) => p[j])));
}

export interface ReferenceRecord {
  signal: ArrayLike<number>;
  target: ArrayLike<number>;
  label: number;
}

/** By default with the draws of a new engine of `withEngine`. Mean over the records of (1 - hard) T² crossEntropy(target, p at T) + hard crossEntropy(label, p at 1). */
export function referenceLoss(
  network: Network,
  weights: Weights64,
  records: readonly ReferenceRecord[],
  temperature = 1,
  hardLabels = 0,
  draws: readonly Draw[] = records.map((_record, key) => ({ seed: 3, step: 0, key })),
): number {
  let loss = 0;
  const batch = referenceBatch(
    network,
    weights,
    records.map(({ signal }) => signal),
    0,
    draws,
  );
  for (const [r, { target, label }] of records.entries()) {
    const logits = batch[r];
    const p = referenceProbabilities(network, logits, temperature);
    const soft = -p.reduce((sum, v, j) => sum + target[j] * Math.log(v), 0);
    const hard = -Math.log(referenceProbabilities(network, logits)[label]);
    loss += (1 - hardLabels) * temperature ** 2 * soft + hardLabels * hard;
  }
  return loss / records.length;
}

/** Some elements of a tensor. */
export interface Sample {
  indices: number[];
  values: number[];
}

/**
 * Central differences in float64, at evenly spread elements of every tensor: error about 1e-9 of the gradient, where
 * no ReLU or maximum changes sides.
 */
export function referenceGradients(
  network: Network,
  weights: Weights64,
  records: readonly ReferenceRecord[],
  temperature = 1,
  hardLabels = 0,
): Map<string, Sample> {
  const step = 1e-6;
  const most = 40;
  const loss = () => referenceLoss(network, weights, records, temperature, hardLabels);
  return new Map(
    [...weights].map(([name, tensor]) => {
      const count = Math.min(most, tensor.length);
      const indices = Array.from({ length: count }, (_v, i) => Math.floor((i * tensor.length) / count));
      const values = indices.map((i) => {
        const value = tensor[i];
        tensor[i] = value + step;
        const above = loss();
        tensor[i] = value - step;
        const below = loss();
        tensor[i] = value;
        return (above - below) / (2 * step);
      });
      return [name, { indices, values }];
    }),
  );
}
