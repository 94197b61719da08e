// Runs inside the real extension host: VS Code calls `run`. What is measured is named by ECG_BENCH_PART.
import * as fs from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import * as vscode from 'vscode';
import type { StudioApi } from '../../../src/extension.ts';
import { commandIds } from '../../../src/vscode/ids.ts';
import { inWorkspace, nextEvent, run as command, studioApi } from '../../host/studio.ts';
import type { Figures, WindowResult } from './figures.ts';
import { openConstant, openModel, pause } from './typed-file.ts';
import { trainedModel } from './workspace.ts';

const blockSeconds = 20;
/** The workbench has then loaded what it loads after its window is there. */
const settleSeconds = 10;
/** Without a job, to tell the product's share from the machine's. */
const idleSeconds = 5;
/** ms between two looks at the event loop. */
const resolution = 5;

export async function run(): Promise<void> {
  const api = await studioApi();
  const { part, file } = { part: process.env.ECG_BENCH_PART, file: process.env.ECG_BENCH_RESULTS ?? '' };
  const notes: string[] = [];
  const figures: Figures = { activation: [api.activationMs] };
  if (part === 'tree') {
    const { names, counts } = await firstTree(api, notes);
    Object.assign(figures, { firstNames: [names], firstCounts: [counts] });
  }
  if (part === 'later-tree') {
    await pause(settleSeconds * 1000);
    const { names, counts } = await firstTree(api, notes);
    Object.assign(figures, { namesLater: [names], countsLater: [counts] });
  }
  if (part === 'training') Object.assign(figures, await whileTraining(api, notes));
  const extension = vscode.extensions.getExtension('ecg-studio.ecg-studio')?.packageJSON as {
    version: string;
  };
  const versions = { vscode: vscode.version, node: process.version, extension: extension.version };
  const result: WindowResult = { figures, versions, notes };
  fs.writeFileSync(file, JSON.stringify(result));
}

/**
 * ms until there are names, and counts. As the workbench asks: names first, then counts with an event. The compute process
 * is started on the way.
 */
async function firstTree(
  { views: { datasets } }: StudioApi,
  notes: string[],
): Promise<{ names: number; counts: number }> {
  const started = performance.now();
  const [dataset] = await datasets.getChildren();
  const names = performance.now() - started;
  const counted = nextEvent(datasets.onDidChangeTreeData);
  datasets.getTreeItem(dataset);
  await counted;
  const shown = String(datasets.getTreeItem(dataset).description);
  const counts = performance.now() - started;
  if (!/^\d/.test(shown)) throw new Error(`no counts: ${shown}`);
  notes.push(`tree of ${shown}`);
  return { names, counts };
}

async function whileTraining({ studio }: StudioApi, notes: string[]): Promise<Figures> {
  if ((await studio.files.list('dataset')).length === 0) await command(commandIds.synthesizeDataset);
  const [dataset] = await studio.files.list('dataset');
  const { records } = await studio.compute.query('listRecords', { data: dataset.fsPath });
  notes.push(`trained on ${records.length} records`);

  const training = command(commandIds.train, vscode.Uri.file(inWorkspace(trainedModel)));
  await nextEvent(studio.jobs.onDidChange, (job) => /epoch/.test(job.progress?.stage ?? ''));
  const model = await openModel();
  const constant = await openConstant();
  const typed = await longestBlock(() => model.type());
  const { total: hintsConstant } = await constant.type();
  const { block } = await longestBlock(() => pause(blockSeconds * 1000));
  if (studio.jobs.running.length !== 1) throw new Error('the training ended before what was to be measured');

  const cancelled = performance.now();
  await command(commandIds.cancel);
  await training;
  const cancel = performance.now() - cancelled;

  const idle = await longestBlock(() => pause(idleSeconds * 1000));
  const { total: hintsIdle } = await model.type();
  const { total: hintsConstantIdle } = await constant.type();
  await constant.close();
  await model.close();
  return {
    hints: typed.result.total,
    hintRequest: typed.result.request,
    hintAnswer: typed.result.answer,
    hintsConstant,
    hintsIdle,
    hintsConstantIdle,
    block: [block],
    blockTyping: [typed.block],
    blockIdle: [idle.block],
    cancel: [cancel],
  };
}

/** ms by which the event loop was late at worst while `body` ran. */
async function longestBlock<T>(body: () => Promise<T>): Promise<{ result: T; block: number }> {
  const delay = monitorEventLoopDelay({ resolution });
  delay.enable();
  const result = await body();
  delay.disable();
  // Node counts from one look to the next, so the pause between them is in it.
  return { result, block: Math.max(0, delay.max / 1e6 - resolution) };
}
