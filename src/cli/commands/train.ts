import { InvalidArgumentError, type Command } from 'commander';
import { CancelledError, UserError } from '../../common/errors.ts';
import { durationText } from '../../common/time-left.ts';
import { loadModel } from '../../model/parse.ts';
import type { EngineChoice } from '../../engine/choice.ts';
import { bytesText } from '../../model/units.ts';
import { quantizeJob } from '../../jobs/quantize.ts';
import { resumeJob, trainJob, type TrainInputs, type TrainResult } from '../../jobs/train.ts';
import { print, wholeNumber, withEngine, withJson, withThreads, writeResult } from '../options.ts';
import type { Terminal } from '../terminal.ts';
import * as path from 'node:path';

interface TrainOptions {
  data?: string;
  runs: string;
  seed: number;
  epochs?: number;
  threads?: number;
  engine?: EngineChoice;
  resume?: string;
  teacher?: string;
  json?: string;
}

export function addTrainingCommands(program: Command, terminal: Terminal): void {
  withTrainingOptions(
    program.command('train [model]').description('Train a network on labelled records'),
  ).action(async (model: string | undefined, options: TrainOptions) => {
    await train(model, undefined, options, terminal);
  });
  withTrainingOptions(
    program
      .command('distill [model]')
      .description("Train a student on a teacher's soft labels; rates and windows may differ")
      .option('--teacher <run or model>', "the teacher; default: the model file's `distillation.teacher`"),
  ).action(async (model: string | undefined, options: TrainOptions) => {
    await train(model, model === undefined ? undefined : teacherOf(model, options), options, terminal);
  });
  withJson(
    program.command('quantize <run>').description("Quantise a run's network into its folder `quantized/`"),
  ).action((run: string, options: { json?: string }) => {
    const result = quantizeJob({ run }, terminal);
    print(
      `${result.network}: weights ${result.weights}, activations ${result.activations}; ` +
        `${bytesText(result.weightBytes)} of constants, ${bytesText(result.memoryBytes)} of state and activations (exact)`,
    );
    print(`Written to ${result.folder}`);
    writeResult(options, result);
  });
}

function withTrainingOptions(command: Command): Command {
  command
    .option('--data <dataset>', 'dataset file, zip or folder')
    .option('--runs <folder>', 'where the run folder is made', 'runs')
    .option('--epochs <n>', "instead of the model file's", wholeNumber(1))
    .option('--seed <n>', 'of initial weights and order of records', wholeNumber(0), 1)
    .option('--resume <run>', 'go on with an interrupted run');
  return withJson(withEngine(withThreads(command)));
}

async function train(
  model: string | undefined,
  teacher: string | undefined,
  options: TrainOptions,
  terminal: Terminal,
): Promise<void> {
  let run = options.resume;
  const started = performance.now();
  try {
    const result = run
      ? await resumeJob(run, terminal, options.engine)
      : await trainJob(
          inputsOf(model, teacher, options, (r) => (run = r)),
          terminal,
        );
    terminal.clear();
    printResult(result, (performance.now() - started) / 1000);
    writeResult(options, { run: result.run, ...result.info });
  } catch (error) {
    if (error instanceof CancelledError && run !== undefined) {
      throw new CancelledError(`${error.message}. Go on with: ecg train --resume "${run}"`);
    }
    throw error;
  }
}

function inputsOf(
  model: string | undefined,
  teacher: string | undefined,
  options: TrainOptions,
  onRun: (run: string) => void,
): TrainInputs {
  if (model === undefined) throw new InvalidArgumentError('a model file is needed, or --resume RUN');
  if (options.data === undefined)
    throw new UserError('no dataset was named', {}, 'Add --data DATASET FILE, ZIP or FOLDER.');
  const { data, runs, seed, epochs, threads, engine } = options;
  return { modelFile: model, data, runs, seed, epochs, threads, engine, teacher, onRun };
}

function teacherOf(model: string, options: TrainOptions): string {
  if (options.teacher !== undefined) return options.teacher;
  const { teacher } = loadModel(model).distillation;
  if (teacher === undefined) {
    throw new UserError(
      'it names no teacher',
      { file: model },
      'Add --teacher RUN, or `distillation.teacher` to the file.',
    );
  }
  return path.resolve(path.dirname(model), teacher);
}

function printResult({ run, info }: TrainResult, seconds: number): void {
  print(`Run: ${run}`);
  if (info.best) {
    print(
      `Best of ${info.epochs} epochs: number ${info.best.epoch}, validation F1 ${info.best.validationF1.toFixed(3)}, ` +
        `${info.secondsPerEpoch?.toFixed(1)} s an epoch, ${durationText(seconds)} in all, ${info.threads} threads, ${info.engine}`,
    );
  }
  if (info.dataset.synthetic)
    print('Trained on synthetic recordings: the figures say nothing about real ones.');
}
