// Derivatives of the loss along a direction in the space of the weights, in float64 and exact: every value carries its
// tangent through the network (forward-mode differentiation), so that no step size and no kink of a ReLU comes in. Written
// from numerics.md with flat arrays, for real layer shapes; training mode, without dropout.
import type { Activation } from '../../../src/layers/activation.ts';
import type { AddOptions } from '../../../src/layers/add/shape.ts';
import type { BatchNormOptions } from '../../../src/layers/batch-norm/shape.ts';
import { convolutionPadding, type Conv1dOptions } from '../../../src/layers/conv1d/shape.ts';
import type { DenseOptions } from '../../../src/layers/dense/shape.ts';
import type { MaxAffineOptions } from '../../../src/layers/max-affine/shape.ts';
import type { PoolOptions } from '../../../src/layers/pool.ts';
import type { RecurrentOptions } from '../../../src/layers/recurrent.ts';
import { trainedNetwork } from '../../../src/model/quantization-aware.ts';
import {
  parameterName,
  type Network,
  type NetworkLayer,
  type QuantizationSpec,
} from '../../../src/model/network.ts';
import type { ReferenceRecord, Weights64 } from './reference.ts';

/** Values and tangents. */
interface Dual {
  v: Float64Array;
  d: Float64Array;
}

/** [channels][length] of one window. */
interface DualTensor extends Dual {
  channels: number;
  length: number;
}

function tensor(channels: number, length: number): DualTensor {
  const size = channels * length;
  return { channels, length, v: new Float64Array(size), d: new Float64Array(size) };
}

function activate(x: DualTensor, activation: Activation): DualTensor {
  if (activation === 'none') return x;
  const slope = typeof activation === 'object' ? activation['leaky-relu'] : activation === 'relu' ? 0 : 1 / 8;
  for (let i = 0; i < x.v.length; i++) {
    if (x.v[i] > 0) continue;
    x.v[i] *= slope;
    x.d[i] *= slope;
  }
  return x;
}

interface Geometry {
  filters: number;
  taps: number;
  stride: number;
  groups: number;
  before: number;
  length: number;
}

function convolve(x: DualTensor, kernel: Dual, bias: Dual, geometry: Geometry): DualTensor {
  const { filters, taps, stride, groups, before, length } = geometry;
  const y = tensor(filters, length);
  const inner = x.channels / groups;
  for (let f = 0; f < filters; f++) {
    const firstChannel = Math.floor(f / (filters / groups)) * inner;
    y.v.fill(bias.v[f], f * length, (f + 1) * length);
    y.d.fill(bias.d[f], f * length, (f + 1) * length);
    for (let c = 0; c < inner; c++) {
      const row = (firstChannel + c) * x.length;
      for (let k = 0; k < taps; k++) {
        const at = (f * inner + c) * taps + k;
        const [w, dw] = [kernel.v[at], kernel.d[at]];
        const low = Math.max(0, Math.ceil((before - k) / stride));
        const high = Math.min(length, Math.floor((x.length - 1 + before - k) / stride) + 1);
        for (let p = low; p < high; p++) {
          const from = row + p * stride + k - before;
          const to = f * length + p;
          y.v[to] += w * x.v[from];
          y.d[to] += w * x.d[from] + dw * x.v[from];
        }
      }
    }
  }
  return y;
}

/** Rows `first` to `first + rows` of a matrix with columns as x has values, times x. */
function product(w: Dual, x: Dual, first: number, rows: number): DualTensor {
  const y = tensor(rows, 1);
  const columns = x.v.length;
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) {
      const at = (first + r) * columns + c;
      y.v[r] += w.v[at] * x.v[c];
      y.d[r] += w.v[at] * x.d[c] + w.d[at] * x.v[c];
    }
  }
  return y;
}

function plus(a: DualTensor, b: Dual, offset = 0): DualTensor {
  const y = tensor(a.channels, a.length);
  for (let i = 0; i < y.v.length; i++) {
    y.v[i] = a.v[i] + b.v[offset + i];
    y.d[i] = a.d[i] + b.d[offset + i];
  }
  return y;
}

function times(a: DualTensor, b: Dual): DualTensor {
  const y = tensor(a.channels, a.length);
  for (let i = 0; i < y.v.length; i++) {
    y.v[i] = a.v[i] * b.v[i];
    y.d[i] = a.d[i] * b.v[i] + a.v[i] * b.d[i];
  }
  return y;
}

/** f of each value, and f' by the value of f. */
function map(a: DualTensor, f: (x: number) => number, slope: (y: number) => number): DualTensor {
  const y = tensor(a.channels, a.length);
  for (let i = 0; i < y.v.length; i++) {
    y.v[i] = f(a.v[i]);
    y.d[i] = slope(y.v[i]) * a.d[i];
  }
  return y;
}

const sigmoid = (x: DualTensor) =>
  map(
    x,
    (v) => 1 / (1 + Math.exp(-v)),
    (y) => y * (1 - y),
  );
const tanh = (x: DualTensor) => map(x, Math.tanh, (y) => 1 - y * y);
const oneMinus = (x: DualTensor) =>
  map(
    x,
    (v) => 1 - v,
    () => -1,
  );

/** Each channel times its value. */
function scaled(x: DualTensor, s: Dual): DualTensor {
  const spread = tensor(x.channels, x.length);
  for (let i = 0; i < x.v.length; i++) {
    const c = Math.floor(i / x.length);
    [spread.v[i], spread.d[i]] = [s.v[c], s.d[c]];
  }
  return times(x, spread);
}

function part(x: DualTensor, from: number, count: number): DualTensor {
  return { channels: count, length: 1, v: x.v.slice(from, from + count), d: x.d.slice(from, from + count) };
}

function gru(units: number, [w, u, b]: Dual[], windows: DualTensor[]): DualTensor[] {
  let h = tensor(units, 1);
  return windows.map((x) => {
    const pre = plus(product(w, x, 0, 3 * units), b);
    const z = sigmoid(plus(part(pre, 0, units), product(u, h, 0, units)));
    const r = sigmoid(plus(part(pre, units, units), product(u, h, units, units)));
    const n = tanh(plus(part(pre, 2 * units, units), product(u, times(r, h), 2 * units, units)));
    h = plus(times(z, h), times(oneMinus(z), n));
    return h;
  });
}

function lstm(units: number, [w, u, b]: Dual[], windows: DualTensor[]): DualTensor[] {
  let h = tensor(units, 1);
  let c = tensor(units, 1);
  return windows.map((x) => {
    const pre = plus(plus(product(w, x, 0, 4 * units), b), product(u, h, 0, 4 * units));
    const [i, f, , o] = [0, 1, 2, 3].map((g) => sigmoid(part(pre, g * units, units)));
    c = plus(times(f, c), times(i, tanh(part(pre, 2 * units, units))));
    h = times(o, tanh(c));
    return h;
  });
}

function pool(x: DualTensor, size: number, largest: boolean): DualTensor {
  const y = tensor(x.channels, Math.floor(x.length / size));
  for (let c = 0; c < y.channels; c++) {
    for (let p = 0; p < y.length; p++) {
      const from = c * x.length + p * size;
      const to = c * y.length + p;
      if (largest) {
        let at = from;
        for (let i = from + 1; i < from + size; i++) if (x.v[i] > x.v[at]) at = i;
        [y.v[to], y.d[to]] = [x.v[at], x.d[at]];
      } else {
        for (let i = from; i < from + size; i++) {
          y.v[to] += x.v[i] / size;
          y.d[to] += x.d[i] / size;
        }
      }
    }
  }
  return y;
}

function batchNorm(
  options: BatchNormOptions,
  [scale, offset]: Dual[],
  records: DualTensor[][],
): DualTensor[][] {
  const windows = records.flat();
  const { channels, length } = windows[0];
  const count = windows.length * length;
  const results = windows.map(() => tensor(channels, length));
  for (let c = 0; c < channels; c++) {
    const each = (use: (v: number, d: number, at: number, w: number) => void) =>
      windows.forEach((x, w) => {
        for (let i = c * length; i < (c + 1) * length; i++) use(x.v[i], x.d[i], i, w);
      });
    let [mean, dMean, variance, dVariance] = [0, 0, 0, 0];
    each((v, d) => {
      mean += v / count;
      dMean += d / count;
    });
    each((v, d) => {
      variance += (v - mean) ** 2 / count;
      dVariance += (2 * (v - mean) * (d - dMean)) / count;
    });
    const inverse = 1 / Math.sqrt(variance + options.epsilon);
    const dInverse = -0.5 * inverse ** 3 * dVariance;
    each((v, d, at, w) => {
      const normal = (v - mean) * inverse;
      const dNormal = (d - dMean) * inverse + (v - mean) * dInverse;
      results[w].v[at] = normal * scale.v[c] + offset.v[c];
      results[w].d[at] = dNormal * scale.v[c] + normal * scale.d[c] + offset.d[c];
    });
  }
  let next = 0;
  return records.map((all) => all.map(() => activate(results[next++], options.activation)));
}

/** Weights as the layer computes with them; the tangent goes straight through. */
function onGrid(
  { v, d }: Dual,
  name: string,
  { kind, scope, shape }: NetworkLayer,
  { weights }: QuantizationSpec,
): Dual {
  if (kind === 'fake-quantise' || (typeof weights !== 'object' && name === 'bias')) return { v, d };
  if (typeof weights === 'object') {
    const bits = weights.integer + weights.fraction + 1;
    return { v: v.map((w) => rounded(w, weights.fraction, bits).value), d };
  }
  const [fractionOf, bits] = weights === 4 ? [fourBitFraction, 4] : [eightBitFraction, 8];
  const perChannel = weights !== 'per-layer' && scope !== 'sequence' && name === 'kernel';
  const size = perChannel ? v.length / shape.channels : v.length;
  const fractions = Array.from({ length: v.length / size }, (_, c) =>
    fractionOf(v.subarray(c * size, (c + 1) * size)),
  );
  const limit = Math.min(...fractions) + 4;
  return {
    v: v.map((w, i) => rounded(w, Math.min(limit, fractions[Math.floor(i / size)]), bits).value),
    d,
  };
}

/** The finest at which the largest is not clipped. */
function eightBitFraction(v: Float64Array): number {
  const largest = v.reduce((most, w) => Math.max(most, Math.abs(w)), 0);
  let fraction = 15;
  while (Math.floor(largest * 2 ** fraction + 0.5) > 127) fraction--;
  return fraction;
}

/** Of all powers of two, the one with the least squared error. */
function fourBitFraction(v: Float64Array): number {
  const error = (fraction: number) => v.reduce((sum, w) => sum + (w - rounded(w, fraction, 4).value) ** 2, 0);
  let best = -15;
  for (let fraction = -14; fraction <= 15; fraction++) if (error(fraction) < error(best)) best = fraction;
  return best;
}

function rounded(x: number, fraction: number, bits: number): { value: number; inside: boolean } {
  const whole = Math.floor(x * 2 ** fraction + 0.5);
  const q = Math.max(-(2 ** (bits - 1)), Math.min(2 ** (bits - 1) - 1, whole));
  return { value: q / 2 ** fraction, inside: q === whole };
}

/** Straight through inside the range; to its logarithm what rounding or clipping leaves (Jain et al. 2020, equation 7). */
function fakeQuantise(x: DualTensor, range: Dual): DualTensor {
  const y = tensor(x.channels, x.length);
  const fraction = 7 - Math.ceil(range.v[0]);
  for (let i = 0; i < y.v.length; i++) {
    const { value, inside } = rounded(x.v[i], fraction, 8);
    y.v[i] = value;
    const slope = Math.log(2) * (inside ? value - x.v[i] : value);
    y.d[i] = (inside ? x.d[i] : 0) + slope * range.d[0];
  }
  return y;
}

function compute(layer: NetworkLayer, parameters: Dual[], inputs: DualTensor[][][]): DualTensor[][] {
  const [records, others] = inputs;
  const eachWindow = (use: (x: DualTensor, r: number, n: number) => DualTensor) =>
    records.map((windows, r) => windows.map((x, n) => use(x, r, n)));
  const [kernel, bias] = parameters;
  switch (layer.kind) {
    case 'conv1d': {
      const { filters, kernel: taps, stride, groups, activation } = layer.options as Conv1dOptions;
      const { before } = convolutionPadding(layer.options as Conv1dOptions, layer.inputShapes[0].length);
      const geometry = { filters, taps, stride, groups, before, length: layer.shape.length };
      return eachWindow((x) => activate(convolve(x, kernel, bias, geometry), activation));
    }
    case 'dense': {
      const { units, activation } = layer.options as DenseOptions;
      return eachWindow((x) => activate(plus(product(kernel, x, 0, units), bias), activation));
    }
    case 'max-affine': {
      const { units, pieces } = layer.options as MaxAffineOptions;
      return eachWindow((x) => {
        const values = plus(product(kernel, x, 0, units * pieces), bias);
        return pool({ ...values, channels: units, length: pieces }, pieces, true);
      });
    }
    case 'average-pool':
      return eachWindow((x) => pool(x, (layer.options as PoolOptions).size, false));
    case 'max-pool':
      return eachWindow((x) => pool(x, (layer.options as PoolOptions).size, true));
    case 'global-average-pool':
      return eachWindow((x) => pool(x, x.length, false));
    case 'add':
      return eachWindow((x, r, n) =>
        activate(plus(x, others[r][n]), (layer.options as AddOptions).activation),
      );
    case 'fake-quantise':
      return eachWindow((x) => fakeQuantise(x, parameters[0]));
    case 'channel-scale':
      return eachWindow((x, r, n) => scaled(x, sigmoid(others[r][n])));
    case 'batch-norm':
      return batchNorm(layer.options as BatchNormOptions, parameters, records);
    case 'gru':
      return records.map((windows) => gru((layer.options as RecurrentOptions).units, parameters, windows));
    case 'lstm':
      return records.map((windows) => lstm((layer.options as RecurrentOptions).units, parameters, windows));
    default:
      throw new Error(layer.kind);
  }
}

/** Values that a layer shall give at the last window of each record. */
export interface FeatureTargets {
  layer: string;
  targets: readonly ArrayLike<number>[];
}

/**
 * d/dt of the mean cross-entropy (readout last-state) at weights + t * direction, t = 0; with `features` of the mean squared
 * error of that layer instead.
 */
export function directionalDerivative(
  model: Network,
  weights: Weights64,
  direction: Weights64,
  records: readonly ReferenceRecord[],
  features?: FeatureTargets,
): number {
  const network = trainedNetwork(model);
  const { window, hop } = network.input;
  const input = records.map(({ signal }) => {
    const count = signal.length < window ? 1 : Math.floor((signal.length - window) / hop) + 1;
    return Array.from({ length: count }, (_w, n) => {
      const x = tensor(1, window);
      for (let p = 0; p < window; p++) x.v[p] = signal[n * hop + p] ?? 0;
      return x;
    });
  });
  const outputs: DualTensor[][][] = [];
  for (const layer of network.layers) {
    const parameters = layer.parameters.map((spec): Dual => {
      const name = parameterName(layer, spec);
      const v = weights.get(name)!;
      const dual = { v, d: direction.get(name) ?? new Float64Array(v.length) };
      return network.quantization.aware ? onGrid(dual, spec.name, layer, network.quantization) : dual;
    });
    const inputs = layer.from.map((f) => (f < 0 ? input : outputs[f]));
    outputs.push(compute(layer, parameters, inputs));
  }
  let derivative = 0;
  if (features) {
    const index = network.layers.findIndex(({ name }) => name === features.layer);
    for (const [r, windows] of outputs[index].entries()) {
      const { v, d } = windows.at(-1)!;
      v.forEach((y, c) => (derivative += (2 * (y - features.targets[r][c]) * d[c]) / v.length));
    }
    return derivative / records.length;
  }
  for (const [r, { target }] of records.entries()) {
    const { v, d } = outputs.at(-1)![r].at(-1)!;
    const largest = Math.max(...v);
    const e = v.map((z) => Math.exp(z - largest));
    const sum = e.reduce((a, b) => a + b, 0);
    const total = Array.from(target).reduce((a, b) => a + b, 0);
    for (let j = 0; j < v.length; j++) derivative += (total * (e[j] / sum) - target[j]) * d[j];
  }
  return derivative / records.length;
}
