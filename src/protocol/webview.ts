import type { Interval, FigureName } from '../evaluation/intervals.ts';
import type { ClassMetrics } from '../evaluation/metrics.ts';
import type { BuildReport } from '../firmware/build-report.ts';
import type { KeptVerification } from '../jobs/kept-verification.ts';
import type { OpenedRecord } from '../jobs/opened-records.ts';
import type { DatasetStatistics } from '../jobs/statistics.ts';
import type { WindowProbabilities } from '../jobs/window-probabilities.ts';
import type { Facts } from '../recording/facts.ts';
import type { EpochMetrics } from '../training/loop.ts';
import type { RunStatus } from '../training/run-folder.ts';

/** What passes between the extension and its webviews. Updates are full snapshots, never differences. */

// ---- Training curves

export interface TrainingSnapshot {
  /** Folder name of the run. */
  run: string;
  name: string;
  status: RunStatus;
  /** This window's job writes it now. */
  active: boolean;
  cancelling: boolean;
  epochs: number;
  metrics: EpochMetrics[];
  best: { epoch: number; f1: number } | undefined;
  /** `epoch 3 of 20 · 45 s left`; empty where no job runs. */
  progress: string;
  /** 0…1 of the whole training. */
  done: number;
  error: string;
  synthetic: boolean;
}

export interface TrainingTold {
  ready: null;
  cancel: null;
  resume: null;
  evaluate: null;
}
export interface TrainingHeard {
  update: TrainingSnapshot;
}

// ---- Evaluation

export interface EvaluationSnapshot {
  run: string;
  name: string;
  arithmetic: 'float32' | 'integer';
  /** Which reports the run has. */
  available: { float32: boolean; integer: boolean };
  /** An evaluation runs now. */
  busy: boolean;
  classes: string[];
  /** [true][predicted]. */
  confusion: number[][];
  perClass: Record<string, ClassMetrics>;
  accuracy: number;
  f1Mean: number;
  f1Mean3: number | undefined;
  ci95: Partial<Record<FigureName, Interval>>;
  records: number;
  split: string;
  dataset: string;
  synthetic: boolean;
  seenInTraining: number;
  parameters: number;
  weightBytes: number;
  notice: string;
}

/** A record of a cell. */
export interface CellRecord {
  record: string;
  /** By class. */
  probabilities: number[];
}

export interface EvaluationAsked {
  records: { params: { truth: number; predicted: number }; result: CellRecord[] };
}
export interface EvaluationTold {
  ready: null;
  openRecord: string;
  show: 'float32' | 'integer';
  openReport: null;
}
export interface EvaluationHeard {
  update: EvaluationSnapshot;
  /** The report cannot be shown. */
  failed: string;
}

// ---- Statistics of a dataset

export interface StatisticsSnapshot {
  /** The dataset file. */
  data: string;
  name: string;
  /** Records may be relabelled and excluded. */
  trusted: boolean;
  /** `42 % · 12 s left`; empty where it is not being measured. */
  progress: string;
  /** 0…1. */
  done: number;
  /** The dataset file has changed since; classes and splits of the rows are those of now. */
  changed: boolean;
  /** undefined: not measured in this window. */
  statistics: ShownStatistics | undefined;
}

/** What is drawn of a dataset's statistics; lists are cut to what somebody would read. */
export interface ShownStatistics extends Omit<DatasetStatistics, 'measured' | 'unreadable' | 'duplicates'> {
  toLookAt: Cut<RecordToLookAt>;
  unreadable: Cut<{ record: string; reason: string; excluded: boolean }>;
  /** Records that are the same, sample by sample. */
  duplicates: Cut<readonly string[]>;
}

export interface Cut<T> {
  first: T[];
  /** How many there are. */
  all: number;
}

export interface RecordToLookAt {
  record: string;
  label: string;
  /** The class in the source, where somebody has corrected it. */
  sourceLabel: string | undefined;
  split: string;
  excluded: boolean;
  verdict: DatasetStatistics['measured'][number]['verdict'];
  reasons: readonly string[];
  /** dB. */
  snr: number | undefined;
}

export interface StatisticsTold {
  ready: null;
  measure: null;
  cancel: null;
  openRecord: string;
  relabel: string;
  exclude: string;
  include: string;
}
export interface StatisticsHeard {
  update: StatisticsSnapshot;
}

// ---- Firmware

export interface FirmwareSnapshot {
  /** Folder of the run. */
  run: string;
  name: string;
  trusted: boolean;
  /** Title of the job that builds or compares now. */
  busy: string | undefined;
  /** undefined: not built yet. */
  report: BuildReport | undefined;
  /** What the last comparisons gave, of the emulator with this build and of a board with this network. */
  emulated: KeptVerification | undefined;
  measured: KeptVerification | undefined;
}

export interface FirmwareTold {
  ready: null;
  build: null;
  verify: null;
  verifyBoard: null;
}
export interface FirmwareHeard {
  update: FirmwareSnapshot;
}

// ---- Activations of a debugged network

export interface ActivationsSnapshot {
  /** Id of the debug session. */
  session: string;
  /** Its name. */
  name: string;
  /** `running`, `elsewhere` (stopped, but not in the network), `stopped` in the network, `ended`. */
  state: 'running' | 'elsewhere' | 'stopped' | 'ended';
  /** What cannot be read, and why. */
  error: string;
  /** `block 6 of 8: gru-1 is running`; of the last stop in the network while the firmware runs. */
  place: string;
  /** Of the last stop in the network: output first, then inputs. */
  tensors: ShownTensor[];
}

export interface ShownTensor {
  role: 'output' | 'input';
  /** Of the layers that wrote it, or `window`. */
  name: string;
  /** All of it is written. */
  whole: boolean;
  channels: number;
  length: number;
  bits: 8 | 16;
  /** A stored q means q * 2^-fraction. */
  fraction: number;
  /** As stored, [channel][position]. */
  values: Int16Array;
}

export interface ActivationsTold {
  ready: null;
}
export interface ActivationsHeard {
  update: ActivationsSnapshot;
}

// ---- Waveform

export interface WaveformOpened extends OpenedRecord {
  /** Trained runs whose network can be asked about this record. */
  runs: { folder: string; name: string }[];
  /** What the user has said of the file. */
  facts: Facts;
  /** Shown beside probabilities. */
  notice: string;
}

export interface WaveformAsked {
  open: { params: null; result: WaveformOpened };
  samples: { params: { start: number; count: number }; result: Float32Array[] };
  envelope: { params: { start: number; count: number }; result: Float32Array[] };
  probabilities: { params: { run: string }; result: WindowProbabilities };
  /** Forget what the user has said of the file, and ask again; the page starts anew. */
  sayFactsAgain: { params: null; result: null };
}
