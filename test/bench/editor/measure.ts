// Runs inside the real extension host: VS Code calls `run`. What is measured is named by ECG_BENCH_PART.
import * as fs from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import * as vscode from 'vscode';
import type { StudioApi } from '../../../src/extension.ts';
import { commandIds } from '../../../src/vscode/ids.ts';
import { inWorkspace, nextEvent, run as command, studioApi } from '../../host/studio.ts';
import type { Figures, WindowResult } from './figures.ts';
import { pause, TypedModel } from './typed-model.ts';
import { trainedModel } from './workspace.ts';

const blockSeconds = 20;
/** Without a job, to tell the product's share from the machine's. */
const idleSeconds = 5;
/** ms between two looks at the event loop. */
const resolution = 5;

export async function run(): Promise<void> {
  const api = await studioApi();
  const { part, file } = { part: process.env.ECG_BENCH_PART, file: process.env.ECG_BENCH_RESULTS ?? '' };
  const notes: string[] = [];
  const figures: Figures = { activation: [api.activationMs] };
  if (part === 'tree') Object.assign(figures, await firstTree(api, notes));
  if (part === 'training') Object.assign(figures, await whileTraining(api, notes));
  const extension = vscode.extensions.getExtension('ecg-studio.ecg-studio')?.packageJSON as {
    version: string;
  };
  const versions = { vscode: vscode.version, node: process.version, extension: extension.version };
  const result: WindowResult = { figures, versions, notes };
  fs.writeFileSync(file, JSON.stringify(result));
}

/** As the workbench asks: names at once, then counts with an event. The compute process is started on the way. */
async function firstTree({ views: { datasets } }: StudioApi, notes: string[]): Promise<Figures> {
  const started = performance.now();
  const [dataset] = await datasets.getChildren();
  const counted = nextEvent(datasets.onDidChangeTreeData);
  datasets.getTreeItem(dataset);
  await counted;
  const shown = String(datasets.getTreeItem(dataset).description);
  const took = performance.now() - started;
  if (!/^\d/.test(shown)) throw new Error(`no counts: ${shown}`);
  notes.push(`tree of ${shown}`);
  return { firstTree: [took] };
}

async function whileTraining({ studio }: StudioApi, notes: string[]): Promise<Figures> {
  if ((await studio.files.list('dataset')).length === 0) await command(commandIds.synthesizeDataset);
  const [dataset] = await studio.files.list('dataset');
  const { records } = await studio.compute.query('listRecords', { data: dataset.fsPath });
  notes.push(`trained on ${records} records`);

  const training = command(commandIds.train, vscode.Uri.file(inWorkspace(trainedModel)));
  await nextEvent(studio.jobs.onDidChange, (job) => /epoch/.test(job.progress?.stage ?? ''));
  const model = await TypedModel.open();
  const typed = await longestBlock(() => model.type());
  const { block } = await longestBlock(() => pause(blockSeconds * 1000));
  if (studio.jobs.running.length !== 1) throw new Error('the training ended before what was to be measured');

  const cancelled = performance.now();
  await command(commandIds.cancel);
  await training;
  const cancel = performance.now() - cancelled;

  const idle = await longestBlock(() => pause(idleSeconds * 1000));
  const { total: hintsIdle } = await model.type();
  await model.close();
  return {
    hints: typed.result.total,
    hintRequest: typed.result.request,
    hintsIdle,
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
