import * as path from 'node:path';
import * as fs from 'node:fs';
import { UserError } from '../common/errors.ts';
import { sha256, writeFileAtomic } from '../common/files.ts';
import type { JobContext } from '../common/job.ts';
import { cacheFolder } from '../common/product.ts';
import { decodeSafetensors, encodeSafetensors, type Tensor } from '../common/safetensors.ts';
import type { Dataset } from '../dataset/dataset.ts';
import type { TrainingEngine } from '../engine/engine.ts';
import type { Network } from '../model/network.ts';
import { loadExamples, scaled } from '../signal/examples.ts';
import { frontEndVersion } from '../signal/front-end.ts';
import { predictAll, type Predictions } from '../training/predict.ts';
import type { TrainedModel } from '../training/weights-file.ts';
import { openEngine, type EngineRequest } from './open-engine.ts';

/** What a teacher says of a record. */
export interface SoftLabel {
  /** Class probabilities, softened by the student's temperature. */
  target: Float32Array;
  /** Values of the layer that the student's feature loss names. */
  features: Float32Array | undefined;
}

/**
 * What the teacher says of every training record, at its own rate and window, by record id. A teacher that was trained on a
 * validation or test record is an error. Kept in the cache under (teacher weights, records, front end,
 * engine), so that what a student learns from depends on no earlier run.
 */
export async function softLabels(
  teacher: TrainedModel,
  dataset: Dataset,
  student: Network,
  wanted: Pick<EngineRequest, 'threads' | 'engine' | 'before'>,
  context: JobContext,
): Promise<Map<string, SoftLabel>> {
  refuseLeakage(teacher, dataset);
  const channels = featureChannels(teacher, student);
  const layer = student.training.featureLoss?.teacherLayer;
  const request = { ...wanted, seed: 0, training: false, features: layer };
  const engine = await openEngine(teacher.network, request, context);
  try {
    return await labelsBy(engine, channels, teacher, dataset, student, context);
  } finally {
    await engine.close();
  }
}

async function labelsBy(
  engine: TrainingEngine,
  channels: number,
  teacher: TrainedModel,
  dataset: Dataset,
  student: Network,
  context: JobContext,
): Promise<Map<string, SoftLabel>> {
  const records = dataset.of('train');
  const key = sha256(
    JSON.stringify([
      engine.identity,
      teacher.weightsHash,
      teacher.network.input,
      dataset.spec.sources.map(({ lead }) => lead),
      frontEndVersion,
      student.distillation.temperature,
      student.training.featureLoss?.teacherLayer ?? null,
      ...records.map((r) => r.contentHash),
    ]),
  );
  const file = path.join(cacheFolder(), 'soft-labels', `${key.slice(0, 40)}.safetensors`);
  const classes = student.classes.length;
  const { probabilities, features } =
    readCached(file, records.length * classes, records.length * channels) ??
    (await compute(engine, teacher, dataset, student, file, context));
  const row = (values: Float32Array, i: number, size: number) => values.subarray(i * size, (i + 1) * size);
  return new Map(
    records.map((r, i) => [
      r.id,
      {
        target: row(probabilities, i, classes),
        features: channels > 0 ? row(features, i, channels) : undefined,
      },
    ]),
  );
}

/** Channels of the layer that the student's feature loss names, 0 without one; both sides must have as many. */
function featureChannels(teacher: TrainedModel, student: Network): number {
  const { featureLoss } = student.training;
  if (!featureLoss) return 0;
  const { teacherLayer, layer } = featureLoss;
  const theirs = teacher.network.layers.find(({ name }) => name === teacherLayer);
  const place = { file: teacher.modelFile, layer: teacherLayer };
  if (theirs?.shape.length !== 1) {
    throw new UserError(
      theirs
        ? "the teacher's layer gives more than one position"
        : `the teacher has no layer \`${teacherLayer}\``,
      place,
      'Name a layer of length 1 in `training.loss.mse`, such as the one that its last layer reads.',
    );
  }
  const { channels } = theirs.shape;
  const ours = student.layers.find(({ name }) => name === layer)?.shape.channels;
  if (ours !== channels) {
    throw new UserError(
      `it gives ${channels} values, \`${layer}\` of the student ${ours}`,
      place,
      'Both sides of `training.loss` need as many channels.',
    );
  }
  return channels;
}

function refuseLeakage(teacher: TrainedModel, dataset: Dataset): void {
  const { trainedOn } = teacher.origin;
  const seen = dataset.records.filter((r) => r.split !== 'train' && trainedOn.has(r));
  if (seen.length > 0) {
    throw new UserError(
      `the teacher was trained on ${seen.length} of this dataset's validation and test records`,
      { file: teacher.modelFile, record: seen[0].id },
      'Its soft labels would carry them to the student. Train the teacher with the same dataset file and split.',
    );
  }
}

async function compute(
  engine: TrainingEngine,
  teacher: TrainedModel,
  dataset: Dataset,
  student: Network,
  file: string,
  context: JobContext,
): Promise<Predictions> {
  const examples = await loadExamples(dataset, dataset.of('train'), teacher.network, context);
  engine.setWeights(teacher.weights);
  const signals = examples.map((e) => scaled(teacher.network, teacher.origin.scale, e.signal));
  const stage = 'soft labels of the teacher';
  const predictions = await predictAll(engine, teacher.network, signals, stage, context);
  const { probabilities, features } = predictions;
  soften(probabilities, student.classes.length, student.distillation.temperature);
  const tensors = new Map(
    Object.entries({ probabilities, features }).map(([name, data]): [string, Tensor] => [
      name,
      { dtype: 'F32', shape: [examples.length, data.length / examples.length], data },
    ]),
  );
  try {
    writeFileAtomic(file, encodeSafetensors(tensors));
  } catch (error) {
    context.log(`The soft labels could not be kept: ${(error as Error).message}`);
  }
  return predictions;
}

function readCached(
  file: string,
  ...sizes: [probabilities: number, features: number]
): Predictions | undefined {
  if (!fs.existsSync(file)) return undefined;
  try {
    const { tensors } = decodeSafetensors(fs.readFileSync(file), file);
    const [probabilities, features] = ['probabilities', 'features'].map((name, i) => {
      const data = tensors.get(name)?.data;
      if (!(data instanceof Float32Array) || data.length !== sizes[i]) throw new Error(name);
      return data;
    });
    return { probabilities, features };
  } catch {
    return undefined; // Damaged: made again.
  }
}

/** softmax(z) → softmax(z / T), which is p^(1/T) normalised. */
function soften(probabilities: Float32Array, classes: number, temperature: number): void {
  if (temperature === 1) return;
  for (let at = 0; at < probabilities.length; at += classes) {
    const row = probabilities.subarray(at, at + classes);
    let sum = 0;
    for (let c = 0; c < classes; c++) sum += row[c] = Math.pow(row[c], 1 / temperature);
    for (let c = 0; c < classes; c++) row[c] /= sum;
  }
}
