// Runs inside the real extension host: VS Code calls `run`. What is measured is named by ECG_BENCH_PART.
import * as fs from 'node:fs';
import * as path from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import * as vscode from 'vscode';
import { commandIds } from '../../../src/vscode/ids.ts';
import { nextEvent, run as command, studioApi, until, workspace } from '../../host/studio.ts';

/** Figures by name, in ms. */
export type Figures = Record<string, number[]>;

const keystrokes = 40;
const blockSeconds = 20;

export async function run(): Promise<void> {
  const started = performance.now();
  const api = await studioApi();
  const figures: Figures = {
    activate: [api.activationMs],
    'activate, with loading': [performance.now() - started],
  };
  if (process.env.ECG_BENCH_PART === 'tree') figures['first tree with counts'] = [await firstTree()];
  if (process.env.ECG_BENCH_PART === 'training') Object.assign(figures, await whileTraining());
  fs.writeFileSync(process.env.ECG_BENCH_RESULTS ?? '', JSON.stringify(figures));
}

/** From asking for the tree to the counts of 7000 records; the compute process is started on the way. */
async function firstTree(): Promise<number> {
  const { views } = await studioApi();
  const started = performance.now();
  const [dataset] = await views.datasets.getChildren();
  await views.datasets.getChildren(dataset);
  const shown = String(views.datasets.getTreeItem(dataset).description);
  if (!/^\d/.test(shown)) throw new Error(`no counts: ${shown}`);
  return performance.now() - started;
}

async function whileTraining(): Promise<Figures> {
  const { studio } = await studioApi();
  const training = command(commandIds.train, vscode.Uri.file(path.join(workspace, 'slim.ecgmodel.yaml')));
  await nextEvent(studio.jobs.onDidChange, (job) => /epoch/.test(job.progress?.stage ?? ''));
  const hints = await hintTimes();
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  await new Promise((resolve) => setTimeout(resolve, blockSeconds * 1000));
  delay.disable();
  const cancelled = performance.now();
  await command(commandIds.cancel);
  await training;
  return {
    'hints after a keystroke': hints,
    'longest block of the host': [delay.max / 1e6],
    'cancel to end': [performance.now() - cancelled],
  };
}

/** A keystroke that changes a layer, then hints with the new figure. */
async function hintTimes(): Promise<number[]> {
  const document = await vscode.workspace.openTextDocument(path.join(workspace, 'forty.ecgmodel.yaml'));
  const editor = await vscode.window.showTextDocument(document);
  const whole = new vscode.Range(0, 0, document.lineCount, 0);
  const ask = (): Promise<vscode.InlayHint[]> =>
    command('vscode.executeInlayHintProvider', document.uri, whole);
  await until('there are hints', async () => (await ask()).length >= 40);
  const at = document.positionAt(document.getText().indexOf('filters: 1') + 'filters: 1'.length);
  const times: number[] = [];
  for (let i = 0; i < keystrokes; i++) {
    const digit = String(i % 10);
    const range = new vscode.Range(at, at.translate(0, 1));
    const started = performance.now();
    await editor.edit((edit) => edit.replace(range, digit));
    const [first] = await ask();
    times.push(performance.now() - started);
    const label =
      typeof first.label === 'string' ? first.label : first.label.map((part) => part.value).join('');
    if (!label.startsWith(`1${digit}×`)) throw new Error(`an old hint: ${label} after ${digit}`);
  }
  await command('workbench.action.files.revert');
  return times;
}
