import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import * as vscode from 'vscode';
import type { DatasetStatistics } from '../../jobs/statistics.ts';
import { MessageChannel } from '../../protocol/message-channel.ts';
import type { StatisticsHeard, StatisticsSnapshot, StatisticsTold } from '../../protocol/webview.ts';
import { runJob } from '../commands/command.ts';
import { exists } from '../commands/recordings.ts';
import { DisposableStore } from '../dispose.ts';
import { recordUri } from '../editors/record-uri.ts';
import { commandIds, editorIds, panelIds } from '../ids.ts';
import type { Job } from '../job-list.ts';
import type { Studio } from '../studio.ts';
import { progressText } from '../views/format.ts';
import { shownStatistics } from './shown-statistics.ts';
import { SubjectPanels, type SubjectPage } from './subject-panels.ts';

/** Classes, durations and signal quality of a dataset, and the records to look at first. */
export class StatisticsPanels extends SubjectPanels<StatisticsPage> {
  constructor(studio: Studio) {
    super(studio, { viewType: panelIds.statistics, page: 'statistics', stateKey: 'data' });
    this.store.add(
      studio.files.onDidChange((kind) => {
        if (kind === 'dataset') this.refreshAll();
      }),
    );
  }

  /** Show the panel of a dataset file, and measure it; undefined where that failed (the user has been told) or was cancelled. */
  measure(data: string): Promise<DatasetStatistics | undefined> {
    return this.reveal(data, false).measure();
  }

  /** What its page shows now; for tests. */
  snapshot(data: string): Promise<StatisticsSnapshot> {
    return this.reveal(data, true).snapshot();
  }

  protected override title(data: string): string {
    return `Statistics: ${nameOf(data)}`;
  }

  protected override makePage(data: string, webview: vscode.Webview): StatisticsPage {
    return new StatisticsPage(this.studio, data, webview);
  }

  protected override isThere(data: string): Promise<boolean> {
    return exists(data);
  }
}

function nameOf(data: string): string {
  return path.basename(data).replace(/\.ecgdata\.ya?ml$/, '');
}

/** Progress is drawn at most so often. */
const redrawMs = 250;

class StatisticsPage implements SubjectPage {
  readonly #studio: Studio;
  readonly #data: string;
  readonly #store = new DisposableStore();
  readonly #channel: MessageChannel<object, object, StatisticsTold, StatisticsHeard>;
  #measuring: Promise<DatasetStatistics | undefined> | undefined;
  /** With the text of the dataset file that was measured. */
  #measured: { statistics: DatasetStatistics; text: string } | undefined;
  /** That measures it. */
  #job: Job | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(studio: Studio, data: string, webview: vscode.Webview) {
    this.#studio = studio;
    this.#data = data;
    this.#channel = new MessageChannel((message) => void webview.postMessage(message));
    this.#store.add(webview.onDidReceiveMessage((message: unknown) => void this.#channel.receive(message)));
    this.#channel.on('ready', () => void this.#send());
    // By the command: it asks for recordings that have moved.
    this.#channel.on('measure', () => {
      const uri = vscode.Uri.file(data);
      void vscode.commands.executeCommand(commandIds.datasetStatistics, { uri });
    });
    this.#channel.on('cancel', () => this.#job?.cancel());
    this.#channel.on('openRecord', (record) => void this.#openRecord(record));
    this.#channel.on('relabel', (record) => this.#decide(commandIds.relabelRecord, record));
    this.#channel.on('exclude', (record) => this.#decide(commandIds.excludeRecord, record));
    this.#channel.on('include', (record) => this.#decide(commandIds.includeRecord, record));
    this.#store.add(
      studio.jobs.onDidChange((job) => {
        if (job === this.#job) this.refresh();
      }),
    );
  }

  measure(): Promise<DatasetStatistics | undefined> {
    this.#measuring ??= this.#measure().finally(() => {
      this.#measuring = undefined;
      this.#job = undefined;
      this.refresh();
    });
    return this.#measuring;
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

  async snapshot(): Promise<StatisticsSnapshot> {
    const job = this.#job;
    const { done = 0, total = 0 } = job?.progress ?? {};
    const measured = this.#measured;
    const list = measured && (await this.#list());
    return {
      data: this.#data,
      name: measured?.statistics.name ?? nameOf(this.#data),
      trusted: vscode.workspace.isTrusted,
      progress: job ? progressText(job) : '',
      done: total > 0 ? done / total : 0,
      changed: measured !== undefined && measured.text !== (await textOf(this.#data)),
      statistics: measured && shownStatistics(measured.statistics, list),
    };
  }

  async #measure(): Promise<DatasetStatistics | undefined> {
    const text = await textOf(this.#data);
    // The job has started when it was asked for.
    const starting = this.#studio.jobs.onDidStart((job) => (this.#job = job));
    const result = runJob(this.#studio, {
      name: 'statistics',
      title: `Measure ${nameOf(this.#data)}`,
      inputs: { data: this.#data },
    });
    starting.dispose();
    const statistics = await result;
    if (statistics) this.#measured = { statistics, text };
    return statistics;
  }

  /** Undefined where it cannot be listed now: the view of datasets says why. */
  async #list() {
    const list = await this.#studio.compute.query('listRecords', { data: this.#data }).catch(() => undefined);
    return list?.moved ? undefined : list;
  }

  async #openRecord(record: string): Promise<void> {
    const uri = recordUri(vscode.Uri.file(this.#data), record);
    await vscode.commands.executeCommand('vscode.openWith', uri, editorIds.waveform, {
      viewColumn: vscode.ViewColumn.Beside,
    });
  }

  #decide(command: string, record: string): void {
    void vscode.commands.executeCommand(command, { uri: vscode.Uri.file(this.#data), record });
  }

  async #send(): Promise<void> {
    const snapshot = await this.snapshot();
    if (!this.#store.disposed) this.#channel.tell('update', snapshot);
  }
}

/** Empty where the file is gone. */
function textOf(file: string): Promise<string> {
  return fs.readFile(file, 'utf8').catch(() => '');
}
