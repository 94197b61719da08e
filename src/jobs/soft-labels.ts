import * as path from 'node:path';
import * as fs from 'node:fs';
import { UserError } from '../common/errors.ts';
import { sha256, writeFileAtomic } from '../common/files.ts';
import type { JobContext } from '../common/job.ts';
import { cacheFolder } from '../common/product.ts';
import { decodeSafetensors, encodeSafetensors } from '../common/safetensors.ts';
import type { Dataset } from '../dataset/dataset.ts';
import { Engine } from '../engine/engine.ts';
import type { Network } from '../model/network.ts';
import { loadExamples, scaled } from '../signal/examples.ts';
import { frontEndVersion } from '../signal/front-end.ts';
import { predictAll } from '../training/predict.ts';
import type { TrainedModel } from '../training/weights-file.ts';

/**
 * The teacher's class probabilities of every training record, at its own rate and window, by record id, softened by the
 * student's temperature. A teacher that was trained on a validation or test record is an error. Kept in the cache under
 * (teacher weights, records, front end).
 */
export async function softLabels(
  teacher: TrainedModel,
  dataset: Dataset,
  student: Network,
  threads: number,
  context: JobContext,
): Promise<Map<string, Float32Array>> {
  refuseLeakage(teacher, dataset);
  const records = dataset.of('train');
  const key = sha256(
    JSON.stringify([
      teacher.weightsHash,
      teacher.network.input,
      dataset.spec.lead,
      frontEndVersion,
      student.distillation.temperature,
      ...records.map((r) => r.contentHash),
    ]),
  );
  const file = path.join(cacheFolder(), 'soft-labels', `${key.slice(0, 40)}.safetensors`);
  const classes = student.classes.length;
  const probabilities =
    readCached(file, records.length * classes) ??
    (await compute(teacher, dataset, student, threads, file, context));
  return new Map(records.map((r, i) => [r.id, probabilities.subarray(i * classes, (i + 1) * classes)]));
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
  teacher: TrainedModel,
  dataset: Dataset,
  student: Network,
  threads: number,
  file: string,
  context: JobContext,
): Promise<Float32Array> {
  const examples = await loadExamples(dataset, dataset.of('train'), teacher.network, context);
  const engine = await Engine.create(teacher.network, { threads, seed: 0, training: false });
  try {
    engine.setWeights(teacher.weights);
    const signals = examples.map((e) => scaled(teacher.network, teacher.origin.scale, e.signal));
    const probabilities = await predictAll(
      engine,
      teacher.network,
      signals,
      'soft labels of the teacher',
      context,
    );
    soften(probabilities, student.classes.length, student.distillation.temperature);
    const tensor = {
      dtype: 'F32',
      shape: [examples.length, student.classes.length],
      data: probabilities,
    } as const;
    try {
      writeFileAtomic(file, encodeSafetensors(new Map([['probabilities', tensor]])));
    } catch (error) {
      context.log(`The soft labels could not be kept: ${(error as Error).message}`);
    }
    return probabilities;
  } finally {
    await engine.close();
  }
}

function readCached(file: string, values: number): Float32Array | undefined {
  if (!fs.existsSync(file)) return undefined;
  try {
    const data = decodeSafetensors(fs.readFileSync(file), file).tensors.get('probabilities')?.data;
    return data instanceof Float32Array && data.length === values ? data : undefined;
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
