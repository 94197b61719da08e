import type { JobContext } from '../common/job.ts';
import { openDataset } from '../dataset/dataset.ts';
import type { EngineChoice } from '../engine/choice.ts';
import { loadModel } from '../model/parse.ts';
import { zooModel, type ColumnNetwork } from './columns.ts';
import { openEngine } from './open-engine.ts';
import { defaultThreads } from './train.ts';

const typicalSeconds = 32.5; // Mean length of a CinC 2017 record.
const measuredBatches = 3;
/** Forward passes over validation records and everything beside the batches, as a share of the batches. */
const overhead = 1.08;

/** Seconds that training these networks for so many epochs takes, from a few batches of each run now. An estimate. */
export async function estimateSeconds(
  data: string,
  epochs: Readonly<Record<ColumnNetwork, number>>,
  { threads = defaultThreads(), engine }: { threads?: number; engine?: EngineChoice },
  context: JobContext,
): Promise<number> {
  const dataset = await openDataset(data, context);
  const records = dataset.of('train').length;
  dataset.close();
  const options = { threads, engine };
  const slim = await secondsPerBatch('slim', options, context);
  const perBatch: Record<ColumnNetwork, { seconds: number; batch: number }> = {
    baseline: await secondsPerBatch('baseline', options, context),
    teacher: await secondsPerBatch('teacher', options, context),
    slim,
    distilled: slim,
  };
  return (Object.keys(perBatch) as ColumnNetwork[]).reduce(
    (total, name) =>
      total + overhead * perBatch[name].seconds * Math.ceil(records / perBatch[name].batch) * epochs[name],
    0,
  );
}

async function secondsPerBatch(
  model: string,
  options: { threads: number; engine: EngineChoice | undefined },
  context: JobContext,
): Promise<{ seconds: number; batch: number }> {
  context.cancellation.throwIfRequested();
  context.progress({ stage: `measuring ${model}`, done: 0, total: 0, unit: 'batches' });
  const network = loadModel(zooModel(model));
  const engine = await openEngine(network, { ...options, seed: 0, training: true }, context);
  try {
    const { batch } = network.training;
    const samples = Math.round(typicalSeconds * network.input.rate);
    const target = new Float32Array(network.classes.length).fill(1 / network.classes.length);
    const records = Array.from({ length: batch }, (_, r) => ({
      signal: Float32Array.from({ length: samples }, (_v, i) => Math.sin(0.1 * i + r)),
      target,
    }));
    const times: number[] = [];
    for (let i = 0; i < measuredBatches; i++) {
      const started = performance.now();
      engine.trainBatch(records, { learningRate: 1e-4 });
      times.push((performance.now() - started) / 1000);
    }
    return { seconds: Math.min(...times), batch };
  } finally {
    await engine.close();
  }
}
