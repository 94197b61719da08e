import type { JobContext } from '../common/job.ts';
import { compareJob } from '../jobs/compare.ts';
import { prepareDebugJob } from '../jobs/debug.ts';
import { doctorJob } from '../jobs/doctor.ts';
import { downloadJob } from '../jobs/download.ts';
import { evaluateJob, type Evaluation } from '../jobs/evaluate.ts';
import { buildJob, emulateJob, exportJob, generateJob } from '../jobs/firmware.ts';
import { flashJob, probesJob } from '../jobs/flash.ts';
import { importJob, indexJob } from '../jobs/import.ts';
import { installTensorFlowJob } from '../jobs/install-tensorflow.ts';
import { keepReport } from '../jobs/kept-report.ts';
import { openRecord, readEnvelope, readSamples } from '../jobs/open-record.ts';
import { recordFile } from '../jobs/find-record.ts';
import { windowProbabilities } from '../jobs/window-probabilities.ts';
import { quantizeJob } from '../jobs/quantize.ts';
import { sampleDatasetJob } from '../jobs/sample-dataset.ts';
import { statisticsJob } from '../jobs/statistics.ts';
import { resumeJob, trainJob } from '../jobs/train.ts';
import type { JobName, Jobs, Queries, QueryName } from '../protocol/compute.ts';
import { RunFolder } from '../training/run-folder.ts';
import { serialPortsJob, verifyBoardJob, verifyJob } from '../jobs/verify.ts';

/** What a job's thread knows beside the job's own context. */
export interface ThreadContext extends JobContext {
  /** Tell the run folder as soon as it exists. */
  runFolder(folder: string): void;
}

type JobFunction<N extends JobName> = (
  inputs: Jobs[N]['inputs'],
  context: ThreadContext,
) => Promise<Jobs[N]['result']> | Jobs[N]['result'];

/** The same functions that the command line calls. */
export const jobs: { readonly [N in JobName]: JobFunction<N> } = {
  import: async (inputs, context) => {
    const { summary, file } = await importJob(inputs, context);
    if (file === undefined) throw new Error('an import into a folder writes a dataset file');
    return { summary, file };
  },
  index: ({ data }, context) => indexJob(data, context),
  statistics: ({ data }, context) => statisticsJob(data, context),
  download: async (inputs, context) => ({ file: await downloadJob(inputs, context) }),
  synthesize: sampleDatasetJob,
  train: (inputs, context) => trainJob({ ...inputs, onRun: (folder) => context.runFolder(folder) }, context),
  resume: ({ run }, context) => {
    context.runFolder(run);
    return resumeJob(run, context);
  },
  quantize: quantizeJob,
  evaluate: async (inputs, context) => {
    const evaluation = await evaluateJob(inputs, context);
    if (RunFolder.isRun(inputs.model)) keepReport(inputs.model, evaluation);
    return withoutPredictions(evaluation);
  },
  compare: async ({ a, b }, context) => {
    const comparison = await compareJob(a, b, context);
    return { ...comparison, a: withoutPredictions(comparison.a), b: withoutPredictions(comparison.b) };
  },
  export: exportJob,
  generate: generateJob,
  build: buildJob,
  emulate: async (inputs, context) => ({ records: (await emulateJob(inputs, context)).records }),
  verify: verifyJob,
  verifyBoard: verifyBoardJob,
  serialPorts: serialPortsJob,
  probes: probesJob,
  flash: flashJob,
  prepareDebug: prepareDebugJob,
  installTensorFlow: (_inputs, context) => installTensorFlowJob(context),
  doctor: () => doctorJob(),
};

export const queries: {
  readonly [N in Exclude<QueryName, 'listRecords'>]: (
    inputs: Queries[N]['inputs'],
  ) => Promise<Queries[N]['result']>;
} = {
  openRecord,
  recordFile,
  samples: readSamples,
  envelope: readEnvelope,
  windowProbabilities,
};

function withoutPredictions({
  predictions: _predictions,
  ...rest
}: Evaluation): Omit<Evaluation, 'predictions'> {
  return rest;
}
