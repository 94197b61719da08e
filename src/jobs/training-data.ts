import { UserError } from '../common/errors.ts';
import { sha256 } from '../common/files.ts';
import type { JobContext } from '../common/job.ts';
import type { Dataset } from '../dataset/dataset.ts';
import type { Network } from '../model/network.ts';
import { divisorOf, loadExamples, scaled, trainingScale, type Example } from '../signal/examples.ts';
import { Augmenter, shareSignals } from '../training/augmentation/augmenter.ts';
import { loadNoise } from '../training/augmentation/noise.ts';
import { classWeights } from '../training/class-weights.ts';
import type { TrainingExample } from '../training/loop.ts';
import type { SoftLabel } from './soft-labels.ts';

/** The records of a dataset as a training takes them. */
export interface TrainingData {
  /** Constant by which signals were divided. */
  scale: number;
  training: TrainingExample[];
  validation: TrainingExample[];
  /** Size of 1 mV in the signal of each training record. */
  millivolts: number[];
}

/** @param labels what a teacher says, by record id */
export async function loadTrainingData(
  dataset: Dataset,
  network: Network,
  labels: ReadonlyMap<string, SoftLabel> | undefined,
  context: JobContext,
): Promise<TrainingData> {
  const training = await loadExamples(dataset, dataset.of('train'), network, context);
  const validation = await loadExamples(dataset, dataset.of('validation'), network, context);
  for (const e of [...training, ...validation]) requireFiniteSignal(e, dataset.location);
  const scale = trainingScale(network, training);
  const classes = training.map((e) => e.classIndex);
  const weights = classWeights(network.training.classWeights, classes, network.classes.length);
  const example = ({ record, classIndex, signal }: Example): TrainingExample => ({
    name: record.id,
    signal: scaled(network, scale, signal),
    label: classIndex,
    weight: weights[classIndex],
    key: Number.parseInt(record.contentHash.slice(0, 8), 16),
  });
  return {
    scale,
    training: training.map((e) => ({ ...example(e), ...labels?.get(e.record.id) })),
    validation: validation.map(example),
    millivolts: training.map(({ signal }) => 1 / divisorOf(network, scale, signal)),
  };
}

/** Recordings are checked as they are read, but a filter can make values infinite that were nearly so. */
function requireFiniteSignal({ record, signal }: Example, file: string): void {
  if (signal.every(Number.isFinite)) return;
  throw new UserError(
    'the filtered signal is infinite or NaN',
    { file, record: record.id },
    'Take the record out of the labels, or correct the gain in its header.',
  );
}

/**
 * Threads that change the training records; their signals move to memory that all threads see. Also a hash of the noise,
 * which the result depends on. Undefined where the model asks for no augmentation.
 */
export async function startAugmenter(
  { training, millivolts }: TrainingData,
  network: Network,
  { seed, threads, noise: place }: { seed: number; threads: number; noise?: { location: string } },
): Promise<{ augmenter: Augmenter; noiseHash: string } | undefined> {
  const spec = network.training.augmentation;
  if (!spec) return undefined;
  const noise = place ? shareSignals(await loadNoise(place.location, network.input)) : [];
  shareSignals(training.map((e) => e.signal)).forEach((signal, i) => (training[i].signal = signal));
  const originals = training.map(({ signal, key }, i) => ({ signal, key, millivolt: millivolts[i] }));
  const augmenter = new Augmenter({ spec, input: network.input, seed, noise }, originals, threads);
  return { augmenter, noiseHash: sha256(...noise.map((s) => Buffer.from(Float32Array.from(s).buffer))) };
}
