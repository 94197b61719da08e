import * as fs from 'node:fs';
import { argMax } from '../common/arg-max.ts';
import { CancelledError, UserError } from '../common/errors.ts';
import { appendLine, removeLeftovers, sha256 } from '../common/files.ts';
import { yieldToEventLoop, type JobContext } from '../common/job.ts';
import type { TrainingEngine, TrainingStep } from '../engine/engine.ts';
import { confusionOf, metricsOf } from '../evaluation/metrics.ts';
import type { Network, Weights } from '../model/network.ts';
import { windowCount } from '../signal/windows.ts';
import type { Augmenter } from './augmentation/augmenter.ts';
import { planBatches } from './batches.ts';
import { readCheckpoint, writeCheckpoint, type Checkpoint } from './checkpoint.ts';
import { requireFiniteLosses, requireFiniteStep, requireFiniteWeights } from './finite.ts';
import { predictAll } from './predict.ts';
import { runFiles, type RunFolder } from './run-folder.ts';
import { afterEpoch, learningRate, untouchedPlateau } from './schedule.ts';

/** A record ready for the engine. */
export interface TrainingExample {
  /** Id of the record, for messages. */
  name: string;
  /** Scaled, at the model's rate. */
  signal: Float32Array;
  /** A teacher's class probabilities, which are aimed at instead of the label. */
  target?: Float32Array;
  /** What the teacher's layer gives, which the model's feature loss aims at. */
  features?: Float32Array;
  /** Index of the record's class. */
  label: number;
  /** Factor on the record's loss. */
  weight: number;
  /** Of the record's content: what its random numbers are keyed by. */
  key: number;
}

export interface LoopInputs {
  network: Network;
  engine: TrainingEngine;
  training: readonly TrainingExample[];
  validation: readonly TrainingExample[];
  run: RunFolder;
  /** Changes the training records; its originals are those of `training`, in their order. */
  augmenter: Augmenter | undefined;
  /** Softens both sides of a distillation; 1 without a teacher. */
  temperature: number;
  /** Weight of the cross-entropy with the labels beside that with the targets; 0 without a teacher. */
  hardLabels: number;
  /** Hash over everything that the result depends on but the engine. */
  fingerprint: string;
}

/** One line of metrics.jsonl. */
export interface EpochMetrics {
  epoch: number;
  /** Mean loss per training record as it is made small, and share of records right, both while the weights were changing. */
  loss: number;
  accuracy: number;
  learningRate: number;
  validationLoss: number;
  validationF1: number;
  validationAccuracy: number;
  seconds: number;
}

/**
 * Train to the last epoch, going on from the run's checkpoint where there is one. Returns the best weights by the
 * model's criterion on the validation records. A checkpoint is written after each epoch and on cancelling.
 */
export async function trainLoop(inputs: LoopInputs, context: JobContext): Promise<Weights> {
  const { network, engine, training, augmenter, run, fingerprint } = inputs;
  const { epochs, seed } = run.info;
  const { batch, clip, decoupled, labelSmoothing, schedule, weightDecay } = network.training;
  const checkpointFile = run.path(runFiles.checkpoint);
  const metricsFile = run.path(runFiles.metrics);
  const state = start(inputs, checkpointFile, metricsFile, context);
  const original = training.map(({ signal }) => signal.length);
  const batchesPerEpoch = Math.ceil(training.length / batch);
  const rateOf = (epoch: number, index: number): number =>
    learningRate(network.training, epoch * batchesPerEpoch + index, epochs * batchesPerEpoch, state.plateau);

  const save = (): void => {
    state.weights = engine.weights();
    state.optimizer = engine.optimizerState();
    const { m, v } = state.optimizer;
    const when = `after ${state.batch} batches of epoch ${state.epoch + 1}`;
    requireFiniteWeights([state.weights, m, v], { when, folder: run.folder });
    state.metricsLength = fs.existsSync(metricsFile) ? fs.statSync(metricsFile).size : 0;
    state.fingerprint = fingerprint;
    state.engine = engine.identity;
    writeCheckpoint(checkpointFile, state);
  };

  const report = (epoch: number, batches: number): void =>
    context.progress({
      stage: `${network.name}: epoch ${epoch + 1} of ${epochs}`,
      done: epoch * batchesPerEpoch + batches,
      total: epochs * batchesPerEpoch,
      unit: 'batches',
      figures: {
        loss: state.epochLoss / state.epochRecords,
        ...(state.best ? { 'best validation F1': state.best.f1 } : {}),
      },
    });

  while (state.epoch < epochs) {
    const { epoch } = state;
    const lengths = augmenter?.lengths(epoch) ?? original;
    const windows = lengths.map((samples) => windowCount(samples, network.input));
    const batches = planBatches(windows, batch, seed, epoch);
    augmenter?.begin(epoch, batches.slice(state.batch));
    const started = performance.now();
    while (state.batch < batches.length) {
      await yieldToEventLoop();
      if (context.cancellation.requested) {
        save();
        throw new CancelledError(`stopped in epoch ${epoch + 1} of ${epochs}`);
      }
      const members = batches[state.batch];
      const changed = await augmenter?.next();
      const records = members.map((i, m) => ({
        ...training[i],
        signal: changed?.[m] ?? training[i].signal,
      }));
      const step: TrainingStep = {
        learningRate: rateOf(epoch, state.batch),
        temperature: inputs.temperature,
        hardLabels: inputs.hardLabels,
        labelSmoothing,
        weightDecay,
        decoupled,
        clip,
      };
      const result = engine.trainBatch(records, step);
      const when = `in epoch ${epoch + 1}, batch ${state.batch + 1}`;
      requireFiniteStep(engine, records, step, result, { when, folder: run.folder });
      state.epochLoss += result.loss;
      state.epochCorrect += result.correct;
      state.epochRecords += members.length;
      state.batch++;
      report(epoch, state.batch);
    }
    // Told as part of the epoch, so that the time left is that of the whole training.
    const told: JobContext = {
      progress: () => report(epoch, batches.length),
      log: (line) => context.log(line),
      cancellation: context.cancellation,
    };
    const validation = await validate(inputs, epoch, told, save);
    const metrics: EpochMetrics = {
      epoch: epoch + 1,
      loss: state.epochLoss / state.epochRecords,
      accuracy: state.epochCorrect / state.epochRecords,
      learningRate: rateOf(epoch, batches.length - 1),
      ...validation,
      seconds: (performance.now() - started) / 1000,
    };
    appendLine(metricsFile, JSON.stringify(metrics));
    if (isBetter(network, validation, state.best)) {
      state.best = {
        weights: engine.weights(),
        epoch: epoch + 1,
        f1: validation.validationF1,
        loss: validation.validationLoss,
      };
    }
    state.plateau = afterEpoch(schedule, state.plateau, validation.validationLoss);
    Object.assign(state, { epoch: epoch + 1, batch: 0, epochLoss: 0, epochCorrect: 0, epochRecords: 0 });
    save();
  }
  if (!state.best)
    throw new UserError('no epoch was trained', { file: run.folder }, 'Ask for at least one epoch.');
  run.update({
    best: { epoch: state.best.epoch, validationF1: state.best.f1, validationLoss: state.best.loss },
    secondsPerEpoch: medianSeconds(metricsFile),
  });
  return state.best.weights;
}

/** Set the engine up from the checkpoint, or from the seed. */
function start(
  inputs: LoopInputs,
  checkpointFile: string,
  metricsFile: string,
  context: JobContext,
): Checkpoint {
  const { engine, run, fingerprint } = inputs;
  removeLeftovers(checkpointFile);
  const found = readCheckpoint(checkpointFile);
  if (!found) {
    if (fs.existsSync(metricsFile)) fs.truncateSync(metricsFile, 0);
    return {
      epoch: 0,
      batch: 0,
      epochLoss: 0,
      epochCorrect: 0,
      epochRecords: 0,
      weights: new Map(),
      optimizer: { step: 0, m: new Map(), v: new Map() },
      plateau: untouchedPlateau,
      best: undefined,
      metricsLength: 0,
      fingerprint,
      engine: engine.identity,
    };
  }
  const { checkpoint, file } = found;
  if (checkpoint.fingerprint !== fingerprint) {
    throw new UserError(
      'the checkpoint was made with other data, another model or other settings',
      { file },
      'Restore them, or start a new run.',
    );
  }
  if (checkpoint.engine !== engine.identity) {
    run.update({ bitReproducible: false });
    context.log(
      `Resumed on another engine (${engine.identity} instead of ${checkpoint.engine}): the run is not bit-reproducible.`,
    );
  }
  engine.setWeights(checkpoint.weights);
  engine.setOptimizerState(checkpoint.optimizer);
  if (file !== checkpointFile) {
    context.log('The last checkpoint is damaged: going on from the one before it.');
    // In its place, or the next checkpoint would take the damaged one for the one before.
    fs.renameSync(file, checkpointFile);
  }
  if (fs.existsSync(metricsFile)) fs.truncateSync(metricsFile, checkpoint.metricsLength);
  return checkpoint;
}

async function validate(
  { network, engine, run, validation }: LoopInputs,
  epoch: number,
  context: JobContext,
  save: () => void,
): Promise<{ validationLoss: number; validationF1: number; validationAccuracy: number }> {
  const classes = network.classes.length;
  let probabilities: Float32Array;
  try {
    const signals = validation.map((e) => e.signal);
    const predictions = await predictAll(engine, network, signals, `${network.name}: validation`, context);
    ({ probabilities } = predictions);
  } catch (error) {
    // All batches of the epoch are done: a resume goes straight to this validation again.
    if (error instanceof CancelledError) save();
    throw error;
  }
  const losses: number[] = [];
  const predicted = validation.map(({ label }, i) => {
    const row = probabilities.subarray(i * classes, (i + 1) * classes);
    losses.push(-Math.log(Math.max(row[label], 1e-30)));
    return argMax(row);
  });
  requireFiniteLosses(losses, validation, {
    when: `in the validation of epoch ${epoch + 1}`,
    folder: run.folder,
  });
  const loss = losses.reduce((sum, value) => sum + value, 0);
  const truth = validation.map((e) => e.label);
  const { f1Mean, accuracy } = metricsOf(network.classes, confusionOf(classes, truth, predicted));
  return { validationLoss: loss / validation.length, validationF1: f1Mean, validationAccuracy: accuracy };
}

function isBetter(
  network: Network,
  now: { validationF1: number; validationLoss: number },
  best: Checkpoint['best'],
): boolean {
  if (!best) return true;
  return network.training.select === 'validation-f1'
    ? now.validationF1 > best.f1
    : now.validationLoss < best.loss;
}

function medianSeconds(metricsFile: string): number {
  const seconds = fs
    .readFileSync(metricsFile, 'utf8')
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as EpochMetrics).seconds)
    .sort((a, b) => a - b);
  return seconds[Math.floor(seconds.length / 2)];
}

/** Hash over what a training's result depends on beside the engine. */
export function trainingFingerprint(parts: readonly unknown[]): string {
  return sha256(JSON.stringify(parts));
}
