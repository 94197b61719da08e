import * as fs from 'node:fs';
import * as path from 'node:path';
import { argMax } from '../common/arg-max.ts';
import type { JobContext } from '../common/job.ts';
import { UserError } from '../common/errors.ts';
import { isDatasetFile, parseDatasetFile } from '../dataset/dataset-file.ts';
import { loadDatasetSpec } from '../dataset/load-spec.ts';
import type { DatasetSpec } from '../dataset/spec.ts';
import { openDatasetSpec, type Dataset, type DatasetRecord } from '../dataset/dataset.ts';
import type { SplitName } from '../dataset/spec.ts';
import type { EngineChoice } from '../engine/choice.ts';
import { bootstrapIntervals, type FigureName, type Interval } from '../evaluation/intervals.ts';
import { confusionOf, metricsOf, type Metrics } from '../evaluation/metrics.ts';
import { requireCapability } from '../model/budget.ts';
import type { BoardAdc } from '../firmware/board.ts';
import { requireBoardFits } from '../firmware/board-check.ts';
import { boardOf } from '../firmware/board-file.ts';
import { DeviceInput } from '../quantization/device-input.ts';
import { predictIntegers } from '../quantization/predict.ts';
import { loadIntegerNetwork } from '../quantization/files.ts';
import { quantizeNetwork } from '../quantization/quantize.ts';
import { weightBytes, type IntegerNetwork } from '../quantization/integer-network.ts';
import { classIndex, loadExamples, scaled } from '../signal/examples.ts';
import { predictAll } from '../training/predict.ts';
import { runFiles } from '../training/run-folder.ts';
import { openTrained, type TrainedModel } from '../training/weights-file.ts';
import { openEngine } from './open-engine.ts';
import { defaultThreads } from './train.ts';

export interface EvaluateInputs {
  /** Run folder, or model file with its weights beside it. */
  model: string;
  /** Dataset file, zip or folder; undefined: the run's own dataset. */
  data: string | undefined;
  /** Only the records of this split; undefined: every record. */
  split: SplitName | undefined;
  /** The integer network as on the device, instead of float32. */
  integer: boolean;
  /** Board file, whose ADC the integer network reads; default: the development kit. */
  board?: string;
  threads?: number;
  /** Of the float32 network. Default: what `ECG_ENGINE` says, else the best. */
  engine?: EngineChoice;
}

export interface Prediction {
  record: string;
  truth: number;
  predicted: number;
  probabilities: number[];
}

/** Exact, all counted. */
export interface NetworkSize {
  parameters: number;
  /** Multiplications and additions a window. */
  operations: number;
  /** Bytes of every constant: 4 a parameter in float32; weights, biases and shifts of the integer network. */
  weightBytes: number;
}

export interface Evaluation extends Metrics {
  ci95: Partial<Record<FigureName, Interval>>;
  model: string;
  arithmetic: 'float32' | 'integer';
  /** Name of the board whose ADC was read by the integer network. */
  board: string | undefined;
  size: NetworkSize;
  dataset: { name: string; fingerprint: string; synthetic: boolean; split: SplitName | 'all' };
  /** Records that the weights were trained on: above 0 the figures are not of held-out records. */
  seenInTraining: number;
  predictions: Prediction[];
}

/** Evaluate a trained network on labelled records. */
export async function evaluateJob(inputs: EvaluateInputs, context: JobContext): Promise<Evaluation> {
  const trained = openTrained(inputs.model);
  const dataset = await openDatasetSpec(await evaluationDataset(trained, inputs), context);
  try {
    return await evaluateOn(trained, dataset, inputs, context);
  } finally {
    dataset.close();
  }
}

/** The dataset that was named; with a run's own split, so that `--split test` means the records that it never saw. */
export async function evaluationDataset(
  trained: TrainedModel,
  inputs: Pick<EvaluateInputs, 'data'>,
): Promise<DatasetSpec> {
  const frozenFile = trained.run?.path(runFiles.dataset);
  const frozen = frozenFile ? parseDatasetFile(fs.readFileSync(frozenFile, 'utf8'), frozenFile) : undefined;
  if (inputs.data === undefined) {
    if (frozen) return frozen;
    throw new UserError(
      'no dataset was named',
      { file: inputs.data },
      'Add --data ZIP, FOLDER or DATASET FILE.',
    );
  }
  const spec = await loadDatasetSpec(inputs.data);
  if (isDatasetFile(inputs.data) || frozen?.sources.length !== 1) return spec;
  const [source] = frozen.sources;
  if (source.format !== spec.sources[0].format) return spec;
  return { ...frozen, name: spec.name, sources: [{ ...source, location: spec.sources[0].location }] };
}

export async function evaluateOn(
  trained: TrainedModel,
  dataset: Dataset,
  inputs: Omit<EvaluateInputs, 'data' | 'model'>,
  context: JobContext,
): Promise<Evaluation> {
  const { network } = trained;
  const records = inputs.split ? dataset.of(inputs.split) : dataset.records;
  if (records.length === 0)
    throw new UserError(`the split ${inputs.split} has no records`, { file: dataset.location });
  const truth = records.map((record) => classIndex(network, dataset, record));
  const integer = inputs.integer ? integerNetworkOf(trained) : undefined;
  const board = integer ? boardOf(inputs.board) : undefined;
  if (board) requireBoardFits(board, network, trained.origin.scale);
  const probabilities = integer
    ? await integerProbabilities(trained, integer, board?.adc, dataset, records, context)
    : await floatProbabilities(trained, dataset, records, inputs, context);
  const classes = network.classes.length;
  const predictions = records.map((record, i): Prediction => {
    const row = probabilities.subarray(i * classes, (i + 1) * classes);
    return { record: record.id, truth: truth[i], predicted: argMax(row), probabilities: [...row] };
  });
  const predicted = predictions.map((p) => p.predicted);
  return {
    ...metricsOf(network.classes, confusionOf(classes, truth, predicted)),
    ci95: bootstrapIntervals(network.classes, truth, predicted),
    model: network.name,
    arithmetic: inputs.integer ? 'integer' : 'float32',
    board: board?.name,
    size: {
      parameters: network.parameterCount,
      operations: network.operations,
      weightBytes: integer ? weightBytes(integer) : 4 * network.parameterCount,
    },
    dataset: {
      name: dataset.spec.name,
      fingerprint: dataset.fingerprint,
      synthetic: dataset.synthetic,
      split: inputs.split ?? 'all',
    },
    seenInTraining: records.filter((r) => trained.origin.trainedOn.has(r)).length,
    predictions,
  };
}

/**
 * The quantised network that the run keeps, or (it is a function of the weights) one made now. A network that cannot be
 * deployed is refused.
 */
export function integerNetworkOf(trained: TrainedModel): IntegerNetwork {
  requireCapability(trained.network, trained.modelFile, 'deployment');
  const folder = trained.run?.path(runFiles.quantized);
  if (folder && fs.existsSync(path.join(folder, 'network.json'))) return loadIntegerNetwork(folder);
  return quantizeNetwork(trained.network, trained.weights);
}

async function floatProbabilities(
  trained: TrainedModel,
  dataset: Dataset,
  records: readonly DatasetRecord[],
  { engine: choice, threads = defaultThreads() }: Pick<EvaluateInputs, 'engine' | 'threads'>,
  context: JobContext,
): Promise<Float32Array> {
  const { network, weights, origin } = trained;
  const examples = await loadExamples(dataset, records, network, context);
  const options = { threads, seed: 0, training: false, engine: choice };
  const engine = await openEngine(network, options, context);
  try {
    engine.setWeights(weights);
    const signals = examples.map((e) => scaled(network, origin.scale, e.signal));
    const { probabilities } = await predictAll(
      engine,
      network,
      signals,
      `evaluating ${network.name}`,
      context,
    );
    return probabilities;
  } finally {
    await engine.close();
  }
}

/** The whole chain as deployed: ADC, fixed-point front end, integer network. */
async function integerProbabilities(
  trained: TrainedModel,
  integer: IntegerNetwork,
  adc: BoardAdc | undefined,
  dataset: Dataset,
  records: readonly DatasetRecord[],
  context: JobContext,
): Promise<Float32Array> {
  const { network, origin } = trained;
  const device = await DeviceInput.create(network, origin.scale, adc);
  const windowsOf = (i: number): Int8Array[] => {
    const { samples, rate } = dataset.read(records[i]);
    return device.windows(samples, rate);
  };
  return predictIntegers(network, integer, records.length, windowsOf, context);
}
