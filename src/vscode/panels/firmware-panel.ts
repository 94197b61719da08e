import * as path from 'node:path';
import * as vscode from 'vscode';
import { buildFolder, readBuildReport } from '../../firmware/kept-report.ts';
import { readVerification } from '../../jobs/kept-verification.ts';
import { MessageChannel } from '../../protocol/message-channel.ts';
import type { JobName } from '../../protocol/compute.ts';
import type { FirmwareHeard, FirmwareSnapshot, FirmwareTold } from '../../protocol/webview.ts';
import { runFiles } from '../../training/run-folder.ts';
import { DisposableStore } from '../dispose.ts';
import { commandIds, panelIds } from '../ids.ts';
import { isWhole } from '../run-list.ts';
import type { Studio } from '../studio.ts';
import { RunPanels, type RunPage } from './run-panels.ts';

/** Flash and RAM of a run's firmware by layer, its budgets, and why each layer has its kernel: of the last build. */
export class FirmwarePanels extends RunPanels<FirmwarePage> {
  constructor(studio: Studio) {
    super(studio, panelIds.firmware, 'firmware');
    for (const event of [studio.jobs.onDidStart, studio.jobs.onDidEnd]) {
      this.store.add((event as vscode.Event<unknown>)(() => this.refreshAll()));
    }
  }

  /** @param preserveFocus beside what one works in, which keeps the keyboard */
  show(run: string, preserveFocus: boolean): Promise<FirmwareSnapshot> {
    return this.reveal(run, preserveFocus, besideColumn()).snapshot();
  }

  protected override title(run: string): string {
    return `Firmware: ${path.basename(run).replace(/^\d{4}-\d\d-\d\d-\d{6}-/, '')}`;
  }

  protected override makePage(run: string, webview: vscode.Webview): FirmwarePage {
    return new FirmwarePage(this.studio, run, webview);
  }
}

/** Jobs that make what the page shows. */
const busyJobs: ReadonlySet<JobName> = new Set(['build', 'emulate', 'verify', 'verifyBoard', 'flash']);

class FirmwarePage implements RunPage {
  readonly #studio: Studio;
  readonly #run: string;
  readonly #store = new DisposableStore();
  readonly #channel: MessageChannel<object, object, FirmwareTold, FirmwareHeard>;

  constructor(studio: Studio, run: string, webview: vscode.Webview) {
    this.#studio = studio;
    this.#run = run;
    this.#channel = new MessageChannel((message) => void webview.postMessage(message));
    this.#store.add(webview.onDidReceiveMessage((message: unknown) => void this.#channel.receive(message)));
    this.#channel.on('ready', () => this.refresh());
    this.#channel.on('build', () => void vscode.commands.executeCommand(commandIds.build, run));
    this.#channel.on('verify', () => void vscode.commands.executeCommand(commandIds.verify, run));
    this.#channel.on('verifyBoard', () => void vscode.commands.executeCommand(commandIds.verifyBoard, run));
  }

  refresh(): void {
    void this.snapshot();
  }

  /** What the page shows now. */
  async snapshot(): Promise<FirmwareSnapshot> {
    const summary = await this.#studio.runs.find(this.#run);
    const built = buildFolder(path.join(this.#run, runFiles.firmware), 'release');
    const report = readBuildReport(built);
    const snapshot: FirmwareSnapshot = {
      run: this.#run,
      name: summary && isWhole(summary) ? summary.info.name : path.basename(this.#run),
      trusted: vscode.workspace.isTrusted,
      busy: this.#studio.jobs.running.find(({ name }) => busyJobs.has(name))?.title,
      report,
      emulated: report && readVerification(built, 'instructions', report.elfSha256),
      measured: report && readVerification(built, 'cycles', report.hash),
    };
    if (!this.#store.disposed) this.#channel.tell('update', snapshot);
    return snapshot;
  }

  dispose(): void {
    this.#store.dispose();
  }
}

/** Beside what one works in: a column that is there already, since of three each is too narrow to read. */
function besideColumn(): vscode.ViewColumn {
  const { all, activeTabGroup } = vscode.window.tabGroups;
  const other = all.filter((group) => group !== activeTabGroup).at(-1);
  return other?.viewColumn ?? vscode.ViewColumn.Beside;
}
