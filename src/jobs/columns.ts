import * as fs from 'node:fs';
import * as path from 'node:path';
import { MissingToolError, UserError } from '../common/errors.ts';
import { readJson, writeJsonAtomic } from '../common/files.ts';
import type { JobContext } from '../common/job.ts';
import { productRoot } from '../common/product.ts';
import { openDataset, type Dataset } from '../dataset/dataset.ts';
import type { EngineChoice } from '../engine/choice.ts';
import { loadModel } from '../model/parse.ts';
import { RunFolder } from '../training/run-folder.ts';
import { openTrained } from '../training/weights-file.ts';
import { evaluateOn, type Evaluation } from './evaluate.ts';
import { quantizeJob } from './quantize.ts';
import { resumeJob, trainJob } from './train.ts';
import { verifyJob, type Verification } from './verify.ts';

/** The networks that the slim paper's table needs. */
export type ColumnNetwork = 'baseline' | 'teacher' | 'slim' | 'distilled';

export interface ColumnsInputs {
  /** Folder that holds all runs and the report; going on in one that exists skips what is done. */
  folder: string;
  data: string;
  seed: number;
  epochs: Readonly<Record<ColumnNetwork, number>>;
  threads?: number;
  /** Default: what `ECG_ENGINE` says, else the best. */
  engine?: EngineChoice;
  /** Use the trained teacher that ships where it has not seen this dataset's validation and test records. */
  shippedTeacher: boolean;
  verifyRecords: number;
}

export interface Column {
  title: string;
  evaluation: Omit<Evaluation, 'predictions'>;
  epochs: number;
  secondsPerEpoch: number | undefined;
}

export interface TeacherUsed {
  source: 'shipped checkpoint' | 'trained here';
  epochs: number;
  evaluation: Omit<Evaluation, 'predictions'>;
}

export interface ColumnsResult {
  dataset: { name: string; records: number; synthetic: boolean };
  columns: Column[];
  teacher: TeacherUsed;
  verification: Verification | undefined;
  /** Set where the firmware steps could not be done: the tool that is missing. */
  skipped: string | undefined;
  /** Set where the firmware could not be verified for another reason. The trained networks are reported all the same. */
  verificationFailure: string | undefined;
  runs: Partial<Record<ColumnNetwork, string>>;
  seconds: number;
}

const zoo = path.join(productRoot, 'media', 'zoo');
const shippedTeacher = path.join(zoo, 'teacher.ecgmodel.yaml');
const stateFile = 'columns.json';

/** What a folder of columns was started with, and the runs it has so far. */
interface ColumnsState {
  inputs: Omit<ColumnsInputs, 'folder' | 'threads' | 'engine'>;
  runs: Partial<Record<ColumnNetwork, string>>;
}

/** Epochs to convergence, as the model files of the zoo say. */
export function zooEpochs(): Record<ColumnNetwork, number> {
  const of = (model: string): number => loadModel(zooModel(model)).training.epochs;
  return { teacher: of('teacher'), baseline: of('baseline'), slim: of('slim'), distilled: of('slim') };
}

/** Model file of a network that ships. */
export function zooModel(name: string): string {
  return path.join(zoo, `${name}.ecgmodel.yaml`);
}

/** The inputs of a folder that was stopped before its end, so that it can go on. */
export function columnsInputs(
  folder: string,
  options: Pick<ColumnsInputs, 'threads' | 'engine'>,
): ColumnsInputs {
  const { inputs } = readJson(path.join(folder, stateFile)) as ColumnsState;
  return { ...inputs, folder, ...options };
}

/** Train what is not trained yet, evaluate the four columns on the test split, and verify the last on the emulator. */
export async function columnsJob(inputs: ColumnsInputs, context: JobContext): Promise<ColumnsResult> {
  const started = performance.now();
  const dataset = await openDataset(inputs.data, context);
  try {
    const runs = new ColumnRuns(inputs, context);
    const teacher = usableShippedTeacher(inputs, dataset) ?? (await runs.train('teacher', 'teacher'));
    const baseline = await runs.train('baseline', 'baseline');
    const slim = await runs.train('slim', 'slim');
    const distilled = await runs.train('distilled', 'slim', teacher);
    for (const run of [baseline, distilled]) quantizeJob({ run }, context);

    const evaluate = async (model: string, integer: boolean): Promise<Omit<Evaluation, 'predictions'>> => {
      const { engine, threads } = inputs;
      const options = { split: 'test', integer, threads, engine } as const;
      const { predictions: _predictions, ...rest } = await evaluateOn(
        openTrained(model),
        dataset,
        options,
        context,
      );
      return rest;
    };
    const column = async (title: string, run: string, integer: boolean): Promise<Column> => {
      const { epochs, secondsPerEpoch } = RunFolder.open(run).info;
      return { title, evaluation: await evaluate(run, integer), epochs, secondsPerEpoch };
    };
    const columns = [
      await column('baseline', baseline, false),
      await column('baseline quantised', baseline, true),
      await column('slim', slim, false),
      await column('slim distilled + quantised', distilled, true),
    ];
    const teacherUsed: TeacherUsed = {
      source: teacher === shippedTeacher ? 'shipped checkpoint' : 'trained here',
      epochs: openTrained(teacher).origin.epochs,
      evaluation: await evaluate(teacher, false),
    };
    return {
      dataset: { name: dataset.spec.name, records: dataset.records.length, synthetic: dataset.synthetic },
      columns,
      teacher: teacherUsed,
      ...(await verifyColumn(distilled, inputs, context)),
      runs: runs.folders,
      seconds: (performance.now() - started) / 1000,
    };
  } finally {
    dataset.close();
  }
}

/** The networks are trained and evaluated by now: what keeps the firmware from being verified is reported, not thrown. */
async function verifyColumn(
  run: string,
  { data, verifyRecords }: ColumnsInputs,
  context: JobContext,
): Promise<Pick<ColumnsResult, 'verification' | 'skipped' | 'verificationFailure'>> {
  const nothing = { verification: undefined, skipped: undefined, verificationFailure: undefined };
  try {
    return { ...nothing, verification: await verifyJob({ run, data, records: verifyRecords }, context) };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    context.log(error.describe());
    if (error instanceof MissingToolError) return { ...nothing, skipped: error.tool };
    return { ...nothing, verificationFailure: error.describe() };
  }
}

/** The runs of a folder, by network; kept in `columns.json` so that a second start goes on where the first ended. */
class ColumnRuns {
  readonly folders: Partial<Record<ColumnNetwork, string>>;
  readonly #inputs: ColumnsInputs;
  readonly #context: JobContext;
  readonly #file: string;

  constructor(inputs: ColumnsInputs, context: JobContext) {
    this.#inputs = inputs;
    this.#context = context;
    this.#file = path.join(inputs.folder, stateFile);
    this.folders = fs.existsSync(this.#file) ? (readJson(this.#file) as ColumnsState).runs : {};
    this.#save();
  }

  #save(): void {
    const { folder: _folder, threads: _threads, engine: _engine, ...inputs } = this.#inputs;
    const state: ColumnsState = { inputs, runs: this.folders };
    writeJsonAtomic(this.#file, state);
  }

  /** Train a network, resume its run, or take it as it is. Gives the run's folder. */
  async train(name: ColumnNetwork, model: string, teacher?: string): Promise<string> {
    const known = this.folders[name];
    if (known && fs.existsSync(known)) {
      if (RunFolder.open(known).info.status !== 'done') {
        await resumeJob(known, this.#context, this.#inputs.engine);
      }
      return known;
    }
    const { data, engine, folder, seed, epochs, threads } = this.#inputs;
    const { run } = await trainJob(
      {
        modelFile: zooModel(model),
        data,
        runs: folder,
        seed,
        epochs: epochs[name],
        threads,
        engine,
        teacher,
        onRun: (made) => {
          this.folders[name] = made;
          this.#save();
        },
      },
      this.#context,
    );
    return run;
  }
}

/** The teacher that ships, if it knows most of the training records and none of the others. */
function usableShippedTeacher(inputs: ColumnsInputs, dataset: Dataset): string | undefined {
  if (!inputs.shippedTeacher || !fs.existsSync(path.join(zoo, 'teacher.safetensors'))) return undefined;
  const { trainedOn } = openTrained(shippedTeacher).origin;
  const seen = dataset.records.filter((r) => trainedOn.has(r));
  const usable = seen.length > trainedOn.size / 2 && seen.every((r) => r.split === 'train');
  return usable ? shippedTeacher : undefined;
}
