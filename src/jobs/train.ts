import * as os from 'node:os';
import * as path from 'node:path';
import { CancelledError, describeError, UserError } from '../common/errors.ts';
import { readFile, sha256 } from '../common/files.ts';
import type { JobContext } from '../common/job.ts';
import { datasetFileText } from '../dataset/dataset-text.ts';
import { parseDatasetFile } from '../dataset/dataset-file.ts';
import { openDataset, openDatasetSpec, type Dataset } from '../dataset/dataset.ts';
import { engineChoice, isReproducible, type EngineChoice } from '../engine/choice.ts';
import type { TrainingEngine } from '../engine/engine.ts';
import { requireCapability } from '../model/budget.ts';
import { modelFromText } from '../model/parse.ts';
import { parameterName, parameterSize, type Network, type Weights } from '../model/network.ts';
import { frontEndVersion } from '../signal/front-end.ts';
import type { Augmenter } from '../training/augmentation/augmenter.ts';
import { trainingFingerprint, trainLoop } from '../training/loop.ts';
import { RunFolder, runFiles, type RunInfo } from '../training/run-folder.ts';
import { TrainedOn } from '../training/trained-on.ts';
import { openTrained, saveWeights, type TrainedModel } from '../training/weights-file.ts';
import { openEngine } from './open-engine.ts';
import { softLabels } from './soft-labels.ts';
import { loadTrainingData, startAugmenter } from './training-data.ts';

export interface TrainInputs {
  modelFile: string;
  /** Dataset file, zip or folder. */
  data: string;
  /** Folder in which the run's folder is made. */
  runs: string;
  seed: number;
  /** Instead of the model file's. */
  epochs?: number;
  threads?: number;
  /** Default: what `ECG_ENGINE` says, else the best. */
  engine?: EngineChoice;
  /** Run folder or model file of a teacher: a distillation. */
  teacher?: string;
  /** Called with the run's folder as soon as it exists, so that it can be shown and resumed. */
  onRun?: (folder: string) => void;
}

export interface TrainResult {
  run: string;
  info: RunInfo;
}

/** Train a network, by hard labels or (with a teacher) by distillation, into a new run folder. */
export async function trainJob(inputs: TrainInputs, context: JobContext): Promise<TrainResult> {
  const modelText = readFile(inputs.modelFile).toString('utf8');
  const network = modelFromText(modelText, inputs.modelFile);
  requireCapability(network, inputs.modelFile, 'training');
  const teacher = inputs.teacher === undefined ? undefined : openTeacher(inputs.teacher, network);
  const dataset = await openDataset(inputs.data, context);
  try {
    const { epochs = network.training.epochs, engine: asked = engineChoice() } = inputs;
    const noise = network.training.augmentation?.noise;
    const run = RunFolder.create(inputs.runs, {
      kind: teacher ? 'distill' : 'train',
      name: teacher ? `${network.name}-distilled` : network.name,
      seed: inputs.seed,
      epochs,
      engine: '',
      engineChoice: asked,
      threads: inputs.threads ?? defaultThreads(),
      dataset: { name: dataset.spec.name, fingerprint: dataset.fingerprint, synthetic: dataset.synthetic },
      modelFingerprint: sha256(modelText),
      teacher: teacher && { location: path.resolve(inputs.teacher ?? ''), weightsHash: teacher.weightsHash },
      noise: noise && { location: path.resolve(path.dirname(inputs.modelFile), noise.records) },
    });
    inputs.onRun?.(run.folder);
    run.write(runFiles.model, modelText);
    run.write(runFiles.dataset, datasetFileText(dataset.spec));
    return await runTraining(run, network, dataset, teacher, asked, context);
  } finally {
    dataset.close();
  }
}

/**
 * Go on with an interrupted, cancelled or failed run. A run that is done is returned as it is.
 * @param engine default: what `ECG_ENGINE` says, else what the run was started with
 */
export async function resumeJob(
  folder: string,
  context: JobContext,
  engine?: EngineChoice,
): Promise<TrainResult> {
  const run = RunFolder.open(folder);
  if (run.info.status === 'done') {
    context.log(`${folder} is done already: its weights are in ${runFiles.weights}.`);
    return { run: folder, info: run.info };
  }
  if (run.info.status === 'running' && !run.interrupted && run.info.pid !== process.pid) {
    throw new UserError(
      `process ${run.info.pid} is still training it`,
      { file: folder },
      'Wait for it, or stop it first.',
    );
  }
  const modelFile = run.path(runFiles.model);
  const modelText = readFile(modelFile).toString('utf8');
  if (sha256(modelText) !== run.info.modelFingerprint) {
    throw new UserError(
      "the run's copy of the model file has changed since it began",
      { file: modelFile },
      'Restore it, or start a new run with the changed model.',
    );
  }
  const network = modelFromText(modelText, modelFile);
  const teacher = run.info.teacher && openTeacher(run.info.teacher.location, network);
  if (teacher && teacher.weightsHash !== run.info.teacher?.weightsHash) {
    throw new UserError('the teacher has other weights than when the run began', {
      file: run.info.teacher?.location,
    });
  }
  const datasetFile = run.path(runFiles.dataset);
  const dataset = await openDatasetSpec(
    parseDatasetFile(readFile(datasetFile).toString('utf8'), datasetFile),
    context,
  );
  try {
    const asked = resumeChoice(run.info, engine);
    const engineChoice = asked === 'auto' ? run.info.engineChoice : asked;
    run.update({ status: 'running', pid: process.pid, error: undefined, ended: undefined, engineChoice });
    return await runTraining(run, network, dataset, teacher, asked, context);
  } finally {
    dataset.close();
  }
}

/**
 * What is asked for now; `auto` (what the run was trained by, else the best) where nothing is, also where the run was started
 * with a choice that this machine may not have. A run that no engine has seen keeps its choice.
 */
function resumeChoice(info: RunInfo, engine: EngineChoice = engineChoice()): EngineChoice {
  return engine === 'auto' && info.engine === '' ? (info.engineChoice ?? 'auto') : engine;
}

async function runTraining(
  run: RunFolder,
  network: Network,
  dataset: Dataset,
  teacher: TrainedModel | undefined,
  asked: EngineChoice,
  context: JobContext,
): Promise<TrainResult> {
  let engine: TrainingEngine | undefined;
  let augmenter: Augmenter | undefined;
  try {
    const trainRecords = dataset.of('train');
    const validationRecords = dataset.of('validation');
    if (trainRecords.length === 0 || validationRecords.length === 0) {
      throw new UserError(
        `the split gives ${trainRecords.length} training and ${validationRecords.length} validation records`,
        { file: dataset.location },
        'Both are needed: add records, or change the fractions of the split.',
      );
    }
    requireTeacher(network, teacher);
    const { engine: before, seed, threads } = run.info;
    const wanted = { threads, engine: asked, before };
    const soft = teacher && (await softLabels(teacher, dataset, network, wanted, context));
    const data = await loadTrainingData(dataset, network, soft, context);
    const augmentation = await startAugmenter(data, network, run.info);
    augmenter = augmentation?.augmenter;
    const features = network.training.featureLoss?.layer;
    engine = await openEngine(network, { ...wanted, seed, training: true, features }, context);
    if (teacher) engine.setWeights(withTeacherLayers(engine.weights(), network, teacher));
    run.update({
      engine: engine.identity,
      engineFallback: engine.fallback,
      bitReproducible: run.info.bitReproducible && isReproducible(engine.identity),
    });
    context.log(`engine: ${engine.identity}${engine.fallback ? ` (${engine.fallback})` : ''}`);
    const fingerprint = trainingFingerprint([
      run.info.modelFingerprint,
      run.info.epochs,
      run.info.seed,
      dataset.fingerprint,
      sha256(dataset.records.map(({ id, split }) => `${id} ${split}\n`).join('')),
      dataset.spec.sources.map(({ lead }) => lead),
      frontEndVersion,
      teacher?.weightsHash ?? null,
      augmentation?.noiseHash ?? null,
    ]);
    const best = await trainLoop(
      {
        network,
        engine,
        run,
        fingerprint,
        ...(teacher ? network.distillation : { temperature: 1, hardLabels: 0 }),
        training: data.training,
        validation: data.validation,
        augmenter,
      },
      context,
    );
    saveWeights(run.path(runFiles.weights), network, best, {
      network: network.name,
      scale: data.scale,
      epochs: run.info.epochs,
      dataset: dataset.fingerprint,
      datasetName: dataset.spec.name,
      synthetic: dataset.synthetic,
      trainedOn: TrainedOn.of(trainRecords),
    });
    run.finish('done');
    return { run: run.folder, info: run.info };
  } catch (error) {
    run.finish(error instanceof CancelledError ? 'cancelled' : 'failed', describeError(error));
    throw error;
  } finally {
    await augmenter?.close();
    await engine?.close();
  }
}

function openTeacher(location: string, student: Network): TrainedModel {
  const teacher = openTrained(location);
  if (teacher.network.classes.join() !== student.classes.join()) {
    throw new UserError(
      `the teacher tells ${teacher.network.classes.join(', ')} apart, the student ${student.classes.join(', ')}`,
      { file: location },
      'Teacher and student need the same classes in the same order.',
    );
  }
  return teacher;
}

/** A model that starts from a teacher's layers or aims at them cannot be trained without one. */
function requireTeacher(network: Network, teacher: TrainedModel | undefined): void {
  if (teacher) return;
  const layer = network.layers.find(({ initialiseFrom }) => initialiseFrom !== undefined);
  if (!layer && !network.training.featureLoss) return;
  throw new UserError(
    'the model needs its teacher: it starts from its layers or aims at what they give',
    layer ? { layer: layer.name, line: layer.line } : {},
    'Distil it from a trained teacher: `ecg distill MODEL --teacher RUN`.',
  );
}

/** Parameters of layers with `initialise-from` are the teacher's. */
function withTeacherLayers(weights: Weights, network: Network, teacher: TrainedModel): Weights {
  for (const layer of network.layers) {
    if (layer.initialiseFrom === undefined) continue;
    for (const spec of layer.parameters) {
      const source = `${layer.initialiseFrom}/${spec.name}`;
      const values = teacher.weights.get(source);
      if (values?.length !== parameterSize(spec)) {
        throw new UserError(
          `the teacher's ${source} ${values ? `has ${values.length} values, ${parameterSize(spec)} are needed` : 'does not exist'}`,
          { file: teacher.modelFile, layer: layer.name, line: layer.line },
          'Name a layer of the same kind and shape in `initialise-from`.',
        );
      }
      weights.set(parameterName(layer, spec), values);
    }
  }
  return weights;
}

/** Cores, but never more than the engine's fixed shards can use. */
export function defaultThreads(): number {
  return Math.max(1, Math.min(8, os.availableParallelism()));
}
