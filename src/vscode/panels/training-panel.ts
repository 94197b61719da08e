import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { MessageChannel } from '../../protocol/message-channel.ts';
import type { TrainingHeard, TrainingSnapshot, TrainingTold } from '../../protocol/webview.ts';
import type { EpochMetrics } from '../../training/loop.ts';
import { runFiles } from '../../training/run-folder.ts';
import { DisposableStore } from '../dispose.ts';
import { commandIds, panelIds } from '../ids.ts';
import { isWhole } from '../run-list.ts';
import type { Studio } from '../studio.ts';
import { progressText } from '../views/format.ts';
import { RunPanels, type RunPage } from './run-panels.ts';

/** Curves of a run, live while it trains. */
export class TrainingPanels extends RunPanels<TrainingPage> {
  constructor(studio: Studio) {
    super(studio, panelIds.training, 'training');
  }

  show(run: string, options: { preserveFocus?: boolean } = {}): Promise<void> {
    this.reveal(run, options.preserveFocus ?? false);
    return Promise.resolve();
  }

  protected override title(run: string): string {
    return `Training: ${path.basename(run).replace(/^\d{4}-\d\d-\d\d-\d{6}-/, '')}`;
  }

  protected override makePage(run: string, webview: vscode.Webview): TrainingPage {
    return new TrainingPage(this.studio, run, webview);
  }
}

/** The curves are drawn anew at most so often; epochs of small networks take less. */
const redrawMs = 250;

class TrainingPage implements RunPage {
  readonly #studio: Studio;
  readonly #run: string;
  readonly #store = new DisposableStore();
  readonly #channel: MessageChannel<object, object, TrainingTold, TrainingHeard>;
  #timer: NodeJS.Timeout | undefined;

  constructor(studio: Studio, run: string, webview: vscode.Webview) {
    this.#studio = studio;
    this.#run = run;
    this.#channel = new MessageChannel((message) => void webview.postMessage(message));
    this.#store.add(webview.onDidReceiveMessage((message: unknown) => void this.#channel.receive(message)));
    this.#channel.on('ready', () => void this.#send());
    const argument = { run: { folder: run } };
    this.#channel.on('cancel', () => void vscode.commands.executeCommand(commandIds.cancel, argument));
    this.#channel.on('resume', () => void vscode.commands.executeCommand(commandIds.resume, run));
    this.#channel.on('evaluate', () => void vscode.commands.executeCommand(commandIds.evaluate, run));
    this.#store.add(
      studio.jobs.onDidChange((job) => {
        if (job.run === run) this.refresh();
      }),
    );
  }

  refresh(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      void this.#send();
    }, redrawMs);
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#store.dispose();
  }

  async #send(): Promise<void> {
    if (this.#store.disposed) return;
    const snapshot = await trainingSnapshot(this.#studio, this.#run);
    if (!this.#store.disposed) this.#channel.tell('update', snapshot);
  }
}

/** What the page shows of a run now; a damaged one shows what is wrong with it. */
export async function trainingSnapshot(studio: Studio, run: string): Promise<TrainingSnapshot> {
  const summary = await studio.runs.find(run);
  const job = studio.jobs.ofRun(run);
  const active = job !== undefined && ['train', 'resume'].includes(job.name);
  const metrics = await readMetrics(path.join(run, runFiles.metrics));
  const base: TrainingSnapshot = {
    run,
    name: path.basename(run),
    status: 'failed',
    active,
    cancelling: job?.cancelling ?? false,
    epochs: metrics.length,
    metrics,
    best: bestOf(metrics),
    progress: active && job ? progressText(job) : '',
    done: job?.progress && job.progress.total > 0 ? job.progress.done / job.progress.total : 0,
    error: '',
    synthetic: false,
  };
  if (!summary) return { ...base, error: 'The run is gone.' };
  if (!isWhole(summary)) return { ...base, error: `The run is damaged: ${summary.damaged}.` };
  const { info } = summary;
  return {
    ...base,
    name: info.name,
    status: active ? 'running' : info.status,
    epochs: info.epochs,
    best: info.best ? { epoch: info.best.epoch, f1: info.best.validationF1 } : base.best,
    error: info.error ?? '',
    synthetic: info.dataset.synthetic,
  };
}

function bestOf(metrics: readonly EpochMetrics[]): TrainingSnapshot['best'] {
  const best = metrics.reduce<EpochMetrics | undefined>(
    (so, m) => (so && so.validationF1 >= m.validationF1 ? so : m),
    undefined,
  );
  return best && { epoch: best.epoch, f1: best.validationF1 };
}

/** A line that is being written, or was edited, is left out. */
async function readMetrics(file: string): Promise<EpochMetrics[]> {
  const text = await fs.readFile(file, 'utf8').catch(() => '');
  return text.split('\n').flatMap((line) => {
    try {
      const metrics = JSON.parse(line) as Partial<EpochMetrics> | null;
      return typeof metrics?.epoch === 'number' && typeof metrics.loss === 'number'
        ? [metrics as EpochMetrics]
        : [];
    } catch {
      return [];
    }
  });
}
