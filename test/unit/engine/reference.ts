// The engine's layers, readouts and losses once more: plain float64 loops written from numerics.md, sharing nothing
// with the kernels. Slow; for tests on tiny shapes.
import { convolutionPadding, type Conv1dOptions } from '../../../src/layers/conv1d/shape.ts';
import type { DenseOptions } from '../../../src/layers/dense/shape.ts';
import type { PoolOptions } from '../../../src/layers/pool.ts';
import type { RecurrentOptions } from '../../../src/layers/recurrent.ts';
import { parameterName, type Network, type NetworkLayer } from '../../../src/model/network.ts';

/** [channels][positions] of one window. */
type Tensor = number[][];
export type Weights64 = Map<string, Float64Array>;

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

function convolve(layer: NetworkLayer, kernel: Float64Array, bias: Float64Array, x: Tensor): Tensor {
  const options = layer.options as Conv1dOptions;
  const { before } = convolutionPadding(options, x[0].length);
  return Array.from({ length: options.filters }, (_f, f) =>
    x[0].map((_v, p) => {
      let sum = bias[f];
      for (let c = 0; c < x.length; c++) {
        for (let k = 0; k < options.kernel; k++) {
          sum += kernel[(f * x.length + c) * options.kernel + k] * (x[c][p + k - before] ?? 0);
        }
      }
      return options.activation === 'relu' ? Math.max(0, sum) : sum;
    }),
  );
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

function gru(units: number, [w, u, b]: Float64Array[], sequence: number[][], resetEvery: number): number[][] {
  let h = new Array<number>(units).fill(0);
  return sequence.map((x, t) => {
    if (resetEvery > 0 && t % resetEvery === 0) h = h.map(() => 0);
    const pre = product(w, x, 0, 3 * units).map((v, i) => v + b[i]);
    const zr = product(u, h, 0, 2 * units).map((v, i) => sigmoid(v + pre[i]));
    const reset = h.map((v, i) => v * zr[units + i]);
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
): number[][] {
  let h = new Array<number>(units).fill(0);
  let c = [...h];
  return sequence.map((x, t) => {
    if (resetEvery > 0 && t % resetEvery === 0) [h, c] = [h.map(() => 0), c.map(() => 0)];
    const recurrent = product(u, h, 0, 4 * units);
    const pre = product(w, x, 0, 4 * units).map((v, i) => v + b[i] + recurrent[i]);
    const gate = (g: number, i: number) => pre[g * units + i];
    c = c.map((v, i) => sigmoid(gate(1, i)) * v + sigmoid(gate(0, i)) * Math.tanh(gate(2, i)));
    h = c.map((v, i) => sigmoid(gate(3, i)) * Math.tanh(v));
    return h;
  });
}

/** Logits of every window of one record, [windows][classes]. */
export function referenceLogits(
  network: Network,
  weights: Weights64,
  signal: ArrayLike<number>,
  resetEvery = 0,
): number[][] {
  const { window, hop } = network.input;
  const count = signal.length < window ? 1 : Math.floor((signal.length - window) / hop) + 1;
  let windows: Tensor[] = Array.from({ length: count }, (_w, n) => [
    Array.from({ length: window }, (_v, p) => signal[n * hop + p] ?? 0),
  ]);
  for (const layer of network.layers) {
    const parameters = layer.parameters.map((spec) => weights.get(parameterName(layer, spec))!);
    const sequence = () => windows.map((x) => x.map(([v]) => v));
    const vectors = (of: number[][]): Tensor[] => of.map((h) => h.map((v) => [v]));
    switch (layer.kind) {
      case 'conv1d':
        windows = windows.map((x) => convolve(layer, parameters[0], parameters[1], x));
        break;
      case 'average-pool':
        windows = windows.map((x) => pool(x, (layer.options as PoolOptions).size, mean));
        break;
      case 'max-pool':
        windows = windows.map((x) => pool(x, (layer.options as PoolOptions).size, (v) => Math.max(...v)));
        break;
      case 'global-average-pool':
        windows = windows.map((x) => pool(x, x[0].length, mean));
        break;
      case 'dense': {
        const { units, activation } = layer.options as DenseOptions;
        const relu = (v: number) => (activation === 'relu' ? Math.max(0, v) : v);
        windows = vectors(
          sequence().map((x) =>
            product(parameters[0], x, 0, units).map((v, i) => relu(v + parameters[1][i])),
          ),
        );
        break;
      }
      case 'gru':
        windows = vectors(gru((layer.options as RecurrentOptions).units, parameters, sequence(), resetEvery));
        break;
      case 'lstm':
        windows = vectors(
          lstm((layer.options as RecurrentOptions).units, parameters, sequence(), resetEvery),
        );
        break;
      default:
        throw new Error(layer.kind);
    }
  }
  return windows.map((x) => x.map(([v]) => v));
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

/** Mean over the records of (1 - hard) T² crossEntropy(target, p at T) + hard crossEntropy(label, p at 1). */
export function referenceLoss(
  network: Network,
  weights: Weights64,
  records: readonly ReferenceRecord[],
  temperature = 1,
  hardLabels = 0,
): number {
  let loss = 0;
  for (const { signal, target, label } of records) {
    const logits = referenceLogits(network, weights, signal);
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
