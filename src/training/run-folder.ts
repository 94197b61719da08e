import * as fs from 'node:fs';
import * as path from 'node:path';
import { UserError } from '../common/errors.ts';
import { fileError, readJson, writeFileAtomic, writeJsonAtomic } from '../common/files.ts';
import { productVersion } from '../common/product.ts';
import type { EngineChoice } from '../engine/choice.ts';

/** `interrupted`: its process ended before it did. */
export type RunStatus = 'running' | 'done' | 'failed' | 'cancelled' | 'interrupted';

/** `run.json`: what a run is and where it stands. */
export interface RunInfo {
  format: 1;
  kind: 'train' | 'distill';
  name: string;
  status: RunStatus;
  /** Process that writes the run while its status is `running`: if it is gone, the run was interrupted. */
  pid: number;
  started: string;
  ended?: string;
  error?: string;
  product: string;
  node: string;
  seed: number;
  epochs: number;
  /** Identity of the engine that trains it; empty until there is one. */
  engine: string;
  /** What was asked for, and why it is not that (or not the native engine). Runs of older versions have no choice. */
  engineChoice?: EngineChoice;
  engineFallback?: string;
  threads: number;
  /** False once a resume was done by another engine than the start, and where the engine does not promise it. */
  bitReproducible: boolean;
  dataset: { name: string; fingerprint: string; synthetic: boolean };
  modelFingerprint: string;
  /** Recorded noise of the augmentation. */
  noise?: { location: string };
  teacher?: { location: string; weightsHash: string };
  best?: { epoch: number; validationF1: number; validationLoss: number };
  secondsPerEpoch?: number;
}

export const runFiles = {
  info: 'run.json',
  model: 'model.ecgmodel.yaml',
  dataset: 'data.ecgdata.yaml',
  metrics: 'metrics.jsonl',
  weights: 'weights.safetensors',
  checkpoint: path.join('checkpoint', 'checkpoint.safetensors'),
  quantized: 'quantized',
  firmware: 'firmware',
  /** Of the last evaluation in float32; those of the integer network have the same names in `quantized/`. */
  report: 'report.md',
  figures: 'report.json',
  predictions: 'predictions.csv',
} as const;

/** A run's folder, `runs/TIME-NAME/`. */
export class RunFolder {
  readonly folder: string;
  info: RunInfo;

  private constructor(folder: string, info: RunInfo) {
    this.folder = folder;
    this.info = info;
  }

  /** Make a new folder under `parent`; a name that exists gets a number. */
  static create(
    parent: string,
    info: Omit<RunInfo, 'format' | 'status' | 'pid' | 'started' | 'product' | 'node' | 'bitReproducible'>,
  ): RunFolder {
    const now = new Date();
    const folder = newFolder(parent, `${timeStamp(now)}-${info.name}`);
    const run = new RunFolder(folder, {
      format: 1,
      status: 'running',
      pid: process.pid,
      started: now.toISOString(),
      product: productVersion,
      node: process.version,
      bitReproducible: true,
      ...info,
    });
    run.save();
    return run;
  }

  static open(folder: string): RunFolder {
    const file = path.join(folder, runFiles.info);
    const info = readJson(file) as RunInfo;
    if (info?.format !== 1 || typeof info.status !== 'string') {
      throw new UserError('not a run of this version of ECG Studio', { file });
    }
    return new RunFolder(folder, info);
  }

  static isRun(location: string): boolean {
    return fs.existsSync(path.join(location, runFiles.info));
  }

  path(name: string): string {
    return path.join(this.folder, name);
  }

  save(): void {
    writeJsonAtomic(this.path(runFiles.info), this.info);
  }

  update(change: Partial<RunInfo>): void {
    this.info = { ...this.info, ...change };
    this.save();
  }

  finish(status: RunStatus, error?: string): void {
    this.update({ status, ended: new Date().toISOString(), error });
  }

  /** True where the run says `running`, but its process is gone. */
  get interrupted(): boolean {
    return this.info.status === 'running' && this.info.pid !== process.pid && processIsGone(this.info.pid);
  }

  write(name: string, data: string | Uint8Array): void {
    writeFileAtomic(this.path(name), data);
  }
}

export function processIsGone(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

/** `2026-11-22-065633` (UTC): sorts by time, and is a file name everywhere. */
export function timeStamp(date: Date): string {
  return date.toISOString().slice(0, 19).replaceAll(':', '').replace('T', '-');
}

/** Make `parent/name`; a name that exists gets a number. */
function newFolder(parent: string, name: string): string {
  try {
    fs.mkdirSync(parent, { recursive: true });
  } catch (error) {
    throw fileError(error, parent);
  }
  for (let i = 1; ; i++) {
    const folder = path.join(parent, i === 1 ? name : `${name}-${i}`);
    try {
      fs.mkdirSync(folder);
      return folder;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw fileError(error, folder);
    }
  }
}
