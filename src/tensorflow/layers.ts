import { negativeSlope, type Activation } from '../layers/activation.ts';
import type { AddOptions } from '../layers/add/shape.ts';
import type { BatchNormOptions } from '../layers/batch-norm/shape.ts';
import { convolutionPadding, type Conv1dOptions } from '../layers/conv1d/shape.ts';
import type { DenseOptions } from '../layers/dense/shape.ts';
import type { DropoutOptions } from '../layers/dropout/shape.ts';
import type { MaxAffineOptions } from '../layers/max-affine/shape.ts';
import type { PoolOptions } from '../layers/pool.ts';
import type { NetworkLayer } from '../model/network.ts';
import { dropoutFactors, type DropoutRow } from './dropout.ts';
import type { Forward, Pass } from './pass.ts';
import { gru, lstm } from './recurrent.ts';
import { eachItem } from './stretch.ts';
import type { Rank, Tensor, Tensor1D, Tensor2D, Tensor3D, Tensor4D, Tf } from './tf.ts';

function activate<T extends Tensor>(tf: Tf, y: T, activation: Activation): T {
  const slope = negativeSlope(activation);
  if (slope === undefined) return y;
  return slope === 0 ? tf.relu(y) : tf.leakyRelu(y, slope);
}

const conv1d: Forward = (pass, layer, [x]) => {
  const { tf } = pass;
  const options = layer.options as Conv1dOptions;
  const { groups, kernel: taps, stride, activation } = options;
  const [{ channels, length }] = layer.inputShapes;
  const { before, after } = convolutionPadding(options, length);
  const none = [0, 0] as [number, number];
  const padded = before + after > 0 ? tf.pad(x, [none, [before, after], none]) : x;
  // [filters][channels of a group][taps] → [taps][channels of a group][filters].
  const filter = tf.transpose(pass.parameter(layer, 'kernel') as Tensor as Tensor3D, [2, 1, 0]);
  let y: Tensor3D;
  if (groups === 1) y = tf.conv1d(padded, filter, stride, 'valid');
  else if (channels === groups) {
    const multiplier = layer.shape.channels / groups;
    const columns = tf.expandDims<Tensor4D>(padded, 1);
    // TensorFlow wants equal strides in both directions; one row stays one row.
    const kernel = tf.reshape<Rank.R4>(filter, [1, taps, groups, multiplier]);
    y = tf.squeeze<Tensor3D>(tf.depthwiseConv2d(columns, kernel, [stride, stride], 'valid'), [1]);
  } else {
    const filters = tf.split<Tensor3D>(filter, groups, 2);
    const inputs = tf.split<Tensor3D>(padded, groups, 2);
    const parts = inputs.map((part, g) => tf.conv1d(part, filters[g], stride, 'valid'));
    y = tf.concat(parts, 2);
  }
  return activate(tf, tf.add(y, pass.parameter(layer, 'bias')), activation);
};

function pool(type: 'avgPool' | 'maxPool'): Forward {
  return ({ tf }, layer, [x]) => {
    const { size, stride } = layer.options as PoolOptions;
    const columns = tf.expandDims<Tensor4D>(x, 2);
    return tf.squeeze<Tensor3D>(tf[type](columns, [size, 1], [stride, 1], 'valid'), [2]);
  };
}

const dense: Forward = (pass, layer, [x]) => {
  const { tf } = pass;
  const kernel = pass.parameter(layer, 'kernel') as Tensor as Tensor2D;
  const y = tf.matMul(tf.squeeze<Tensor2D>(x, [1]), kernel, false, true);
  const { activation } = layer.options as DenseOptions;
  return tf.expandDims(activate(tf, tf.add<Tensor2D>(y, pass.parameter(layer, 'bias')), activation), 1);
};

/** The first of the largest affine functions, as the C engine takes it, also where some are equal. */
const maxAffine: Forward = (pass, layer, [x]) => {
  const { tf } = pass;
  const { units, pieces } = layer.options as MaxAffineOptions;
  const [{ channels, length }] = layer.inputShapes;
  const flat = tf.reshape<Rank.R2>(tf.transpose(x, [0, 2, 1]), [-1, channels * length]);
  const kernel = tf.reshape<Rank.R2>(pass.parameter(layer, 'kernel'), [units * pieces, channels * length]);
  const all = tf.add(tf.matMul(flat, kernel, false, true), pass.parameter(layer, 'bias'));
  const values = tf.reshape<Rank.R3>(all, [-1, units, pieces]);
  const largest = tf.oneHot(tf.argMax(values, 2), pieces, 1, 0, 'float32');
  return tf.expandDims(tf.sum<Tensor2D>(tf.mul(values, largest), 2), 1);
};

const add: Forward = ({ tf }, layer, [a, b]) =>
  activate(tf, tf.add<Tensor3D>(a, b), (layer.options as AddOptions).activation);

const channelScale: Forward = ({ tf }, _layer, [x, s]) => tf.mul<Tensor3D>(x, tf.sigmoid(s));

const dropout: Forward = ({ tf, draws, stretch }, layer, [x]) => {
  if (!draws) return x;
  const { rate } = layer.options as DropoutOptions;
  const { channels, length } = layer.shape;
  const rows: DropoutRow[] = [];
  eachItem(stretch, (_item, rank, window) => rows.push({ rank, window }));
  const factors = dropoutFactors(draws, { layer: layer.index, part: 0, rate }, rows, channels, length);
  return tf.mul(x, tf.tensor3d(factors, [rows.length, length, channels]));
};

const batchNorm: Forward = (pass, layer, [x]) => {
  const { tf } = pass;
  const { epsilon, activation } = layer.options as BatchNormOptions;
  const { mean, variance } = batchFigures(pass, layer, x) ?? {
    mean: pass.parameter(layer, 'mean'),
    variance: pass.parameter(layer, 'variance'),
  };
  const scale = tf.mul(tf.rsqrt(tf.add(variance, epsilon)), pass.parameter(layer, 'scale'));
  const y = tf.add<Tensor3D>(tf.mul(tf.sub(x, mean), scale), pass.parameter(layer, 'offset'));
  return activate(tf, y, activation);
};

/** Mean and biased variance of the batch where the layer is trained on them; leaves what the running figures go on with. */
function batchFigures(
  { tf, statistics }: Pass,
  layer: NetworkLayer,
  x: Tensor3D,
): { mean: Tensor1D; variance: Tensor1D } | undefined {
  if (!statistics || layer.frozen) return undefined;
  const mean = tf.mean<Tensor1D>(x, [0, 1]);
  const variance = tf.mean<Tensor1D>(tf.square(tf.sub(x, mean)), [0, 1]);
  const values = x.shape[0] * x.shape[1];
  const unbiased = tf.mul<Tensor1D>(variance, values / Math.max(1, values - 1));
  statistics.set(layer.index, { mean: tf.keep(tf.clone(mean)), variance: tf.keep(unbiased) });
  return { mean, variance };
}

/** How each layer kind is computed. */
export const forwards: ReadonlyMap<string, Forward> = new Map<string, Forward>([
  ['conv1d', conv1d],
  ['average-pool', pool('avgPool')],
  ['max-pool', pool('maxPool')],
  ['global-average-pool', ({ tf }, _layer, [x]) => tf.mean<Tensor3D>(x, 1, true)],
  ['gru', gru],
  ['lstm', lstm],
  ['dense', dense],
  ['add', add],
  ['channel-scale', channelScale],
  ['batch-norm', batchNorm],
  ['dropout', dropout],
  ['max-affine', maxAffine],
]);
