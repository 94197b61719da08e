import type { RecurrentOptions } from '../layers/recurrent.ts';
import type { NetworkLayer } from '../model/network.ts';
import { dropoutFactors } from './dropout.ts';
import type { Forward, Pass } from './pass.ts';
import type { Rank, Tensor, Tensor2D, Tensor3D } from './tf.ts';

/**
 * One window. gates: input part of the gates with their bias, [records][gates * units]; states: before the window, each
 * [records][units]; seen: the first of them as the gates see it. Gives the states after it, the layer's output first.
 */
type Step = (gates: Tensor2D, states: readonly Tensor2D[], seen: Tensor2D) => Tensor2D[];

function rows(pass: Pass, x: Tensor2D, from: number, count: number): Tensor2D {
  return from === 0 && count === x.shape[0] ? x : pass.tf.slice(x, [from, 0], [count, x.shape[1]]);
}

/** Over all windows of the stretch, with dropout of input and state. */
function run(pass: Pass, layer: NetworkLayer, x: Tensor3D, states: number, step: Step): Tensor3D {
  const { tf, stretch, resetEvery } = pass;
  const { units, dropout, recurrentDropout } = layer.options as RecurrentOptions;
  const { channels } = layer.inputShapes[0];
  const ranks = Array.from({ length: stretch.live[0] }, (_r, rank) => rank);
  const inputFactors = factors(pass, layer, 0, dropout, ranks, channels);
  const stateFactors = factors(pass, layer, 1, recurrentDropout, ranks, units);
  const inputs = tf.squeeze<Tensor2D>(x, [1]);
  const kernel = pass.parameter(layer, 'kernel') as Tensor as Tensor2D;
  const bias = pass.parameter(layer, 'bias');
  const zeros = (count: number) => Array.from({ length: states }, () => tf.zeros<Rank.R2>([count, units]));
  let now = pass.states.get(layer.index) ?? zeros(stretch.live[0]);
  const outputs: Tensor2D[] = [];
  let item = 0;
  stretch.live.forEach((count, k) => {
    const cleared = resetEvery > 0 && (stretch.firstWindow + k) % resetEvery === 0;
    now = cleared ? zeros(count) : now.map((state) => rows(pass, state, 0, count));
    let input = rows(pass, inputs, item, count);
    if (inputFactors) input = tf.mul(input, rows(pass, inputFactors, 0, count));
    const seen = stateFactors ? tf.mul<Tensor2D>(now[0], rows(pass, stateFactors, 0, count)) : now[0];
    now = step(tf.add(tf.matMul(input, kernel, false, true), bias), now, seen);
    outputs.push(now[0]);
    item += count;
  });
  pass.states.set(layer.index, now);
  return tf.expandDims(tf.concat(outputs, 0), 1);
}

/** The same draws in every window of a record: [records][channels]; undefined without dropout. */
function factors(
  { tf, draws }: Pass,
  layer: NetworkLayer,
  part: 0 | 1,
  rate: number,
  ranks: readonly number[],
  channels: number,
): Tensor2D | undefined {
  if (!draws || rate === 0) return undefined;
  const rowsOf = ranks.map((rank) => ({ rank, window: 0 }));
  const values = dropoutFactors(draws, { layer: layer.index, part, rate }, rowsOf, channels, 1);
  return tf.tensor2d(values, [ranks.length, channels]);
}

/** Gates z, r, n; reset before the recurrent product. */
export const gru: Forward = (pass, layer, [x]) => {
  const { tf } = pass;
  const { units } = layer.options as RecurrentOptions;
  const recurrent = pass.parameter(layer, 'recurrent') as Tensor as Tensor2D;
  const [ofGates, ofCandidate] = tf.split<Tensor2D>(recurrent, [2 * units, units], 0);
  return run(pass, layer, x, 1, (gates, [h], seen) => {
    const [inputGates, inputCandidate] = tf.split(gates, [2 * units, units], 1);
    const [z, r] = tf.split(
      tf.sigmoid(tf.add<Tensor2D>(inputGates, tf.matMul(seen, ofGates, false, true))),
      2,
      1,
    );
    const product = tf.matMul(tf.mul<Tensor2D>(r, seen), ofCandidate, false, true);
    const n = tf.tanh(tf.add<Tensor2D>(inputCandidate, product));
    return [tf.add<Tensor2D>(n, tf.mul(z, tf.sub(h, n)))];
  });
};

/** Gates i, f, g, o. */
export const lstm: Forward = (pass, layer, [x]) => {
  const { tf } = pass;
  const recurrent = pass.parameter(layer, 'recurrent') as Tensor as Tensor2D;
  return run(pass, layer, x, 2, (gates, [, cell], seen) => {
    const sums = tf.add<Tensor2D>(gates, tf.matMul(seen, recurrent, false, true));
    const [i, f, g, o] = tf.split(sums, 4, 1);
    const after = tf.add<Tensor2D>(tf.mul(tf.sigmoid(f), cell), tf.mul(tf.sigmoid(i), tf.tanh(g)));
    return [tf.mul<Tensor2D>(tf.sigmoid(o), tf.tanh(after)), after];
  });
};
