import type { ErrorPlace } from '../common/errors.ts';
import type { Progress } from '../common/job.ts';
import type { Comparison } from '../jobs/compare.ts';
import type { Evaluation, EvaluateInputs } from '../jobs/evaluate.ts';
import type { EmulatedRecord, FirmwareBuild, FirmwareInputs, WindowsInputs } from '../jobs/firmware.ts';
import type { SerialPortInfo } from '../firmware/serial-port.ts';
import type { BoardVerification, Verification } from '../jobs/verify.ts';
import type { DebugPreparation, DebugInputs } from '../jobs/debug.ts';
import type { Check } from '../jobs/doctor.ts';
import type { DownloadInputs } from '../jobs/download.ts';
import type { FlashInputs, FlashResult, ProbesInputs, Probe } from '../jobs/flash.ts';
import type { DatasetSummary, ImportInputs } from '../jobs/import.ts';
import type { InstalledTensorFlow } from '../jobs/install-tensorflow.ts';
import type { ListedDataset } from '../jobs/list-records.ts';
import type { EnvelopeInputs, SampleInputs } from '../jobs/open-record.ts';
import type { OpenedRecord, RecordInputs } from '../jobs/opened-records.ts';
import type { RecordFile } from '../jobs/find-record.ts';
import type { WindowProbabilities } from '../jobs/window-probabilities.ts';
import type { QuantizeResult } from '../jobs/quantize.ts';
import type { DatasetStatistics } from '../jobs/statistics.ts';
import type { TrainInputs, TrainResult } from '../jobs/train.ts';
import type { Facts } from '../recording/facts.ts';

/**
 * What the extension asks of the compute process, and what it gets: JSON-RPC over the channel of a forked process, whose
 * structured clone carries typed arrays as they are. One request a job; JSON-RPC's own cancellation cancels it.
 */

/** Everything that runs in a thread of its own, reports progress and can be cancelled. */
export interface Jobs {
  import: { inputs: ImportInputs & { folder: string }; result: ImportResult };
  index: { inputs: { data: string }; result: DatasetSummary };
  statistics: { inputs: { data: string }; result: DatasetStatistics };
  download: { inputs: DownloadInputs; result: { file: string } };
  synthesize: { inputs: SynthesizeSampleInputs; result: ImportResult };
  train: { inputs: Omit<TrainInputs, 'onRun'>; result: TrainResult };
  resume: { inputs: { run: string }; result: TrainResult };
  quantize: { inputs: { run: string }; result: QuantizeResult };
  /** The report goes into the run; predictions are read from there. */
  evaluate: { inputs: EvaluateInputs; result: Omit<Evaluation, 'predictions'> };
  compare: { inputs: { a: EvaluateInputs; b: EvaluateInputs }; result: ComparisonResult };
  export: { inputs: FirmwareInputs & { output: string }; result: { folder: string; files: string[] } };
  generate: { inputs: FirmwareInputs; result: { folder: string; hash: string } };
  build: { inputs: FirmwareInputs; result: FirmwareBuild };
  emulate: { inputs: WindowsInputs; result: { records: EmulatedRecord[] } };
  verify: { inputs: WindowsInputs; result: Verification };
  verifyBoard: { inputs: WindowsInputs & { port: string }; result: BoardVerification };
  serialPorts: { inputs: Record<string, never>; result: SerialPortInfo[] };
  probes: { inputs: ProbesInputs; result: Probe[] };
  flash: { inputs: FlashInputs; result: FlashResult };
  prepareDebug: { inputs: DebugInputs; result: DebugPreparation };
  installTensorFlow: { inputs: Record<string, never>; result: InstalledTensorFlow };
  doctor: { inputs: Record<string, never>; result: Check[] };
}
export type JobName = keyof Jobs;

/** Short questions, answered one after the other by one thread that keeps its datasets open. */
export interface Queries {
  listRecords: { inputs: { data: string }; result: ListedDataset };
  openRecord: { inputs: RecordInputs; result: OpenedRecord };
  recordFile: { inputs: { data: string; record: string }; result: RecordFile };
  samples: { inputs: SampleInputs; result: Float32Array[] };
  envelope: { inputs: EnvelopeInputs; result: Float32Array[] };
  windowProbabilities: { inputs: RecordInputs & { run: string }; result: WindowProbabilities };
}
export type QueryName = keyof Queries;

export interface ImportResult {
  summary: DatasetSummary;
  /** The dataset file that was written. */
  file: string;
}

export interface SynthesizeSampleInputs {
  /** Folder of the workspace: the recordings go into `sample-recordings/`, beside their dataset file. */
  folder: string;
  records: number;
  seed: number;
}

/** A comparison without the predictions of each side. */
export type ComparisonResult = Omit<Comparison, 'a' | 'b'> & {
  a: Omit<Evaluation, 'predictions'>;
  b: Omit<Evaluation, 'predictions'>;
};

/** Names of the JSON-RPC methods. */
export const computeMethods = {
  job: 'job/run',
  query: 'query/run',
  /** To the process: settings that hold for the jobs that start from now on. */
  configure: 'configure',
  progress: 'job/progress',
  log: 'job/log',
  /** The run folder of a job, as soon as it exists. */
  run: 'job/run-folder',
} as const;

export interface JobRequest<N extends JobName = JobName> {
  /** Chosen by the client; progress and log lines carry it. */
  id: number;
  name: N;
  inputs: Jobs[N]['inputs'];
}

export interface QueryRequest<N extends QueryName = QueryName> {
  name: N;
  inputs: Queries[N]['inputs'];
}

export interface ConfigureParams {
  /** Environment variables: paths of tools. Empty text unsets one. */
  environment: Record<string, string>;
}

export interface ProgressParams {
  id: number;
  progress: Progress;
  /** Seconds until the current stage ends, at its rate so far; undefined where that cannot be told. */
  secondsLeft: number | undefined;
}

export interface LogParams {
  id: number;
  line: string;
}

export interface RunFolderParams {
  id: number;
  folder: string;
}

/** How a failure crosses the process border: JSON-RPC's error data. */
export interface FailureData {
  /** `user`: the user can act on it. `over-budget`: the build's report says by what. `missing-fact`: by saying it. `defect`: an error of ECG Studio. */
  kind: 'cancelled' | 'user' | 'missing-fact' | 'missing-tool' | 'locked-chip' | 'over-budget' | 'defect';
  message: string;
  advice: string;
  place: ErrorPlace;
  /** Of `missing-fact`. */
  fact?: keyof Facts;
  /** Of `missing-tool`. */
  tool?: string;
  stack?: string;
}
