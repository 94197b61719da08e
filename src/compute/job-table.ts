import type { JobContext } from '../common/job.ts';
import type { Evaluation } from '../jobs/evaluate.ts';
import type { JobName, Jobs, Queries, QueryName } from '../protocol/compute.ts';

/** What a job's thread knows beside the job's own context. */
export interface ThreadContext extends JobContext {
  /** Tell the run folder as soon as it exists. */
  runFolder(folder: string): void;
}

type JobFunction<N extends JobName> = (
  inputs: Jobs[N]['inputs'],
  context: ThreadContext,
) => Promise<Jobs[N]['result']> | Jobs[N]['result'];

/** The same functions that the command line calls. Each is loaded when it is first asked for: most threads need one. */
export const jobs: { readonly [N in JobName]: JobFunction<N> } = {
  import: async (inputs, context) => {
    const { importJob } = await import('../jobs/import.ts');
    const { summary, file } = await importJob(inputs, context);
    if (file === undefined) throw new Error('an import into a folder writes a dataset file');
    return { summary, file };
  },
  synthesize: async (inputs, context) => {
    const { sampleDatasetJob } = await import('../jobs/sample-dataset.ts');
    return sampleDatasetJob(inputs, context);
  },
  train: async (inputs, context) => {
    const { trainJob } = await import('../jobs/train.ts');
    return trainJob({ ...inputs, onRun: (folder) => context.runFolder(folder) }, context);
  },
  resume: async ({ run }, context) => {
    context.runFolder(run);
    const { resumeJob } = await import('../jobs/train.ts');
    return resumeJob(run, context);
  },
  quantize: async (inputs, context) => {
    const { quantizeJob } = await import('../jobs/quantize.ts');
    return quantizeJob(inputs, context);
  },
  evaluate: async (inputs, context) => {
    const { evaluateJob } = await import('../jobs/evaluate.ts');
    const { RunFolder } = await import('../training/run-folder.ts');
    const { keepReport } = await import('../jobs/kept-report.ts');
    const evaluation = await evaluateJob(inputs, context);
    if (RunFolder.isRun(inputs.model)) keepReport(inputs.model, evaluation);
    return withoutPredictions(evaluation);
  },
  compare: async ({ a, b }, context) => {
    const { compareJob } = await import('../jobs/compare.ts');
    const comparison = await compareJob(a, b, context);
    return { ...comparison, a: withoutPredictions(comparison.a), b: withoutPredictions(comparison.b) };
  },
  generate: async (inputs, context) => (await import('../jobs/firmware.ts')).generateJob(inputs, context),
  build: async (inputs, context) => (await import('../jobs/firmware.ts')).buildJob(inputs, context),
  emulate: async (inputs, context) => {
    const { emulateJob } = await import('../jobs/firmware.ts');
    return { records: (await emulateJob(inputs, context)).records };
  },
  verify: async (inputs, context) => (await import('../jobs/firmware.ts')).verifyJob(inputs, context),
  probes: async (inputs, context) => (await import('../jobs/flash.ts')).probesJob(inputs, context),
  flash: async (inputs, context) => (await import('../jobs/flash.ts')).flashJob(inputs, context),
  prepareDebug: async (inputs, context) =>
    (await import('../jobs/debug.ts')).prepareDebugJob(inputs, context),
  doctor: async () => (await import('../jobs/doctor.ts')).doctorJob(),
};

export const queries: {
  readonly [N in QueryName]: (inputs: Queries[N]['inputs']) => Promise<Queries[N]['result']>;
} = {
  listRecords: async ({ data }) => (await import('../jobs/list-records.ts')).listRecords(data),
  openRecord: async (inputs) => (await import('../jobs/open-record.ts')).openRecord(inputs),
  samples: async (inputs) => (await import('../jobs/open-record.ts')).readSamples(inputs),
  windowProbabilities: async (inputs) => (await import('../jobs/open-record.ts')).windowProbabilities(inputs),
};

/** Loads what the first view asks for: lists of datasets. */
export async function prepareQueries(): Promise<void> {
  await import('../jobs/list-records.ts');
  const { prepareDatasetFiles } = await import('../dataset/dataset-file.ts');
  prepareDatasetFiles();
}

function withoutPredictions({
  predictions: _predictions,
  ...rest
}: Evaluation): Omit<Evaluation, 'predictions'> {
  return rest;
}
