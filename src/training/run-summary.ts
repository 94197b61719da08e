import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { processIsGone, runFiles, type RunInfo } from './run-folder.ts';

/** What a list of runs shows, read without blocking. A folder that is no whole run says what is wrong with it. */
export type RunSummary = WholeRun | DamagedRun;

export interface WholeRun {
  folder: string;
  /** `interrupted` also where the run says running, but its process is gone. */
  info: RunInfo;
  /** Figures of the last evaluations, where there are any. */
  evaluated: ReportFigures | undefined;
  evaluatedInteger: ReportFigures | undefined;
  quantized: boolean;
  firmware: boolean;
}

export interface DamagedRun {
  folder: string;
  damaged: string;
}

export interface ReportFigures {
  f1Mean: number;
  accuracy: number;
  records: number;
  split: string;
}

/** Files by which a folder is taken for a run even without its run.json. */
const marks = [runFiles.info, runFiles.model, runFiles.metrics, runFiles.weights, 'checkpoint'];

/** All runs in `runs/` of a workspace folder, newest first; demos keep theirs one folder deeper. */
export async function listRuns(runsFolder: string): Promise<RunSummary[]> {
  const found: RunSummary[] = [];
  for (const folder of await subfolders(runsFolder)) {
    const summary = await summarizeRun(folder);
    if (summary) found.push(summary);
    else
      for (const inner of await subfolders(folder)) {
        const below = await summarizeRun(inner);
        if (below) found.push(below);
      }
  }
  return found.sort((a, b) => path.basename(b.folder).localeCompare(path.basename(a.folder)));
}

/** Undefined where the folder has nothing of a run. */
export async function summarizeRun(folder: string): Promise<RunSummary | undefined> {
  const names = new Set(await fs.readdir(folder).catch(() => []));
  if (!marks.some((name) => names.has(name))) return undefined;
  if (!names.has(runFiles.info)) return { folder, damaged: 'run.json is missing' };
  const info = await readInfo(path.join(folder, runFiles.info));
  if (typeof info === 'string') return { folder, damaged: info };
  const damaged = await missingPart(folder, info, names);
  if (damaged) return { folder, damaged };
  const gone = info.status === 'running' && info.pid !== process.pid && processIsGone(info.pid);
  return {
    folder,
    info: gone ? { ...info, status: 'interrupted' } : info,
    evaluated: await readFigures(path.join(folder, runFiles.figures)),
    evaluatedInteger: await readFigures(path.join(folder, runFiles.quantized, runFiles.figures)),
    quantized: names.has(runFiles.quantized),
    firmware: names.has(runFiles.firmware),
  };
}

/** What a run of this status must have and does not. */
async function missingPart(
  folder: string,
  info: RunInfo,
  names: ReadonlySet<string>,
): Promise<string | undefined> {
  const needed: string[] = [];
  const missing: string[] = [];
  if (info.status === 'done') needed.push(runFiles.weights, runFiles.model, runFiles.dataset);
  else if (names.has(runFiles.metrics)) {
    needed.push(runFiles.model, runFiles.dataset);
    if (await lacksCheckpoint(folder, info)) missing.push('checkpoint');
  }
  missing.unshift(...needed.filter((name) => !names.has(name)));
  return missing.length > 0 ? `${missing.join(', ')} missing` : undefined;
}

/** An epoch's line in metrics.jsonl is written before its checkpoint: beside the first line there may be none yet. */
async function lacksCheckpoint(folder: string, { status }: RunInfo): Promise<boolean> {
  const names = await fs.readdir(path.join(folder, path.dirname(runFiles.checkpoint))).catch(() => []);
  const file = path.basename(runFiles.checkpoint);
  if (names.some((name) => name === file || name === `${file}.previous`)) return false;
  if (status === 'cancelled') return true;
  const metrics = await fs.readFile(path.join(folder, runFiles.metrics), 'utf8').catch(() => '');
  return metrics.trimEnd().includes('\n');
}

const statuses: readonly RunInfo['status'][] = ['running', 'done', 'failed', 'cancelled', 'interrupted'];

/** The run's information, or why it cannot be used. */
async function readInfo(file: string): Promise<RunInfo | string> {
  let value: Partial<RunInfo> | null;
  try {
    value = JSON.parse(await fs.readFile(file, 'utf8')) as Partial<RunInfo> | null;
  } catch (error) {
    return error instanceof SyntaxError ? 'run.json is not valid JSON' : 'run.json cannot be read';
  }
  if (value?.format !== 1) return 'run.json is not of this version of ECG Studio';
  const whole =
    statuses.some((status) => status === value.status) &&
    typeof value.name === 'string' &&
    typeof value.epochs === 'number' &&
    typeof value.pid === 'number' &&
    typeof value.dataset?.name === 'string';
  return whole ? (value as RunInfo) : 'run.json lacks settings that every run has';
}

async function readFigures(file: string): Promise<ReportFigures | undefined> {
  try {
    const { f1Mean, accuracy, records, dataset } = JSON.parse(
      await fs.readFile(file, 'utf8'),
    ) as ReportFigures & {
      dataset?: { split?: string };
    };
    return typeof f1Mean === 'number'
      ? { f1Mean, accuracy, records, split: dataset?.split ?? '' }
      : undefined;
  } catch {
    return undefined; // Not evaluated, or edited: the report says more when it is opened.
  }
}

async function subfolders(folder: string): Promise<string[]> {
  const entries = await fs.readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory()).map((entry) => path.join(folder, entry.name));
}
