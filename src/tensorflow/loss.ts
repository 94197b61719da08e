import type { BatchRecord } from '../engine/engine.ts';
import { labelOf, smoothed, targetOf, type LossWeights } from '../engine/targets.ts';
import type { Network } from '../model/network.ts';
import type { Outputs } from './pass.ts';
import { eachItem, type Ranking, type Stretch } from './stretch.ts';
import type { Tensor1D, Tensor2D, Tf } from './tf.ts';

/** Of a record whose probability of a class underflows: the smallest normal float. */
const smallest = 1.17549435e-38;

export interface BatchLoss {
  /** Of each record by rank, as it is made small. */
  losses: Tensor1D;
  /** [records][classes] at temperature 1. */
  probabilities: Tensor2D;
}

/**
 * Cross-entropies of the records with their targets (softened by a temperature) and with their labels, weighted; of records
 * with features the distance to them, alone.
 * @param outputs of all windows of the batch
 * @param ranked the records, the longest first
 */
export function batchLoss(
  tf: Tf,
  network: Network,
  { logits, features }: Outputs,
  stretch: Stretch,
  { counts }: Ranking,
  ranked: readonly BatchRecord[],
  { temperature, hardLabels, labelSmoothing }: LossWeights,
): BatchLoss {
  const classes = network.classes.length;
  const mean = network.readout === 'mean';
  const readout = tf.tensor2d(readoutMatrix(stretch, counts, mean), [counts.length, stretch.items]);
  const hard = ranked.map((record) => smoothed(labelOf(record), classes, labelSmoothing));
  const soft = ranked.map((record, rank) => targetOf(record, classes) ?? hard[rank]);

  const term = (targets: Float32Array[], share: number, t: number): BatchLoss => {
    const p = mean ? tf.matMul<Tensor2D>(readout, tf.softmax(tf.div<Tensor2D>(logits, t))) : undefined;
    const last = p ? undefined : tf.div<Tensor2D>(tf.matMul(readout, logits), t);
    const logs = p ? tf.log(tf.maximum<Tensor2D>(p, smallest)) : tf.logSoftmax(last!);
    const weights = tf.tensor1d(ranked.map((record) => (record.features ? 0 : share * weightOf(record))));
    const target = tf.tensor2d(join(targets), [targets.length, classes]);
    const entropies = tf.neg(tf.sum<Tensor1D>(tf.mul(target, logs), 1));
    return { losses: tf.mul(entropies, weights), probabilities: p ?? tf.softmax(last!) };
  };
  const onTargets = term(soft, (1 - hardLabels) * temperature * temperature, temperature);
  let { losses, probabilities } = onTargets;
  if (hardLabels > 0 || temperature !== 1) {
    const onLabels = term(hard, hardLabels, 1);
    losses = tf.add(losses, onLabels.losses);
    ({ probabilities } = onLabels);
  }
  if (features && ranked.some((record) => record.features)) {
    const last = tf.tensor2d(readoutMatrix(stretch, counts, false), [counts.length, stretch.items]);
    losses = tf.add(losses, distances(tf, tf.matMul(last, features), ranked));
  }
  return { losses, probabilities };
}

function weightOf({ weight = 1 }: BatchRecord): number {
  return weight;
}

/** Mean squared difference of values [records][channels] to the records' features, weighted; 0 without. */
function distances(tf: Tf, values: Tensor2D, ranked: readonly BatchRecord[]): Tensor1D {
  const [records, channels] = values.shape;
  const targets = join(ranked.map(({ features }) => features ?? new Float32Array(channels)));
  const difference = tf.sub(values, tf.tensor2d(targets, [records, channels]));
  const weights = tf.tensor1d(ranked.map((record) => (record.features ? weightOf(record) : 0)));
  return tf.mul(tf.mean<Tensor1D>(tf.square(difference), 1), weights);
}

/** [records][items]: what makes of the items' rows each record's: that of its last window, or the mean of all. */
function readoutMatrix(stretch: Stretch, counts: readonly number[], mean: boolean): Float32Array {
  const matrix = new Float32Array(counts.length * stretch.items);
  eachItem(stretch, (item, rank, window) => {
    const at = rank * stretch.items + item;
    if (mean) matrix[at] = 1 / counts[rank];
    else if (window === counts[rank] - 1) matrix[at] = 1;
  });
  return matrix;
}

function join(rows: readonly Float32Array[]): Float32Array {
  const joined = new Float32Array(rows.length * rows[0].length);
  rows.forEach((row, r) => joined.set(row, r * row.length));
  return joined;
}
