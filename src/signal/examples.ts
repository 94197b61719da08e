import { UserError } from '../common/errors.ts';
import type { JobContext } from '../common/job.ts';
import type { Dataset, DatasetRecord } from '../dataset/dataset.ts';
import type { Network } from '../model/network.ts';
import { standardDeviation } from './front-end.ts';
import { loadSignals } from './signal-cache.ts';

/** A labelled record as a network reads it: at the model's rate, filtered, in mV, not scaled yet. */
export interface Example {
  record: DatasetRecord;
  /** Index into the network's classes. */
  classIndex: number;
  signal: Float32Array;
}

/** Preprocess records (or take them from the cache). A label that the network has no class for is an error. */
export async function loadExamples(
  dataset: Dataset,
  records: readonly DatasetRecord[],
  network: Network,
  context: JobContext,
): Promise<Example[]> {
  const classes = records.map((record) => classIndex(network, dataset, record));
  const signals = await loadSignals(dataset, records, network.input, context);
  return records.map((record, i) => ({ record, classIndex: classes[i], signal: signals[i] }));
}

/** Index of the record's label in the network's classes; an unknown label is an error that names the record. */
export function classIndex(network: Network, dataset: Dataset, record: DatasetRecord): number {
  const index = network.classes.indexOf(record.label);
  if (index < 0) {
    throw new UserError(
      `the label \`${record.label}\` is no class of the model ${network.name} (${network.classes.join(', ')})`,
      { file: dataset.location, record: record.id },
      'Map it to one of the classes in `labels.map` of a dataset file.',
    );
  }
  return index;
}

/** The constant by which `training-sd` divides: mean of the standard deviations of the training records, in mV. */
export function trainingScale(network: Network, training: readonly Example[]): number {
  if (network.input.scale !== 'training-sd') return 1;
  if (training.length === 0) throw new UserError('there are no training records');
  const sum = training.reduce((total, { signal }) => total + standardDeviation(signal), 0);
  const scale = sum / training.length;
  if (!(scale > 0)) throw new UserError('all training records are flat lines', {}, 'Check the dataset.');
  return scale;
}

/** What the signal is divided by before it goes into the network; in the signal's unit. */
export function divisorOf(network: Network, scale: number, signal: Float32Array): number {
  return network.input.scale === 'record-sd' ? standardDeviation(signal) || 1 : scale;
}

/** The signal divided by its scale: what goes into the network. */
export function scaled(network: Network, scale: number, signal: Float32Array): Float32Array {
  const divisor = divisorOf(network, scale, signal);
  return signal.map((v) => v / divisor);
}
