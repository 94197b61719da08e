import * as vscode from 'vscode';
import { DisposableStore } from './dispose.ts';
import { commandIds } from './ids.ts';
import type { Job } from './job-list.ts';
import type { Studio } from './studio.ts';
import { escapeMarkdown, progressText } from './views/format.ts';

/** What runs now, with time left. A click opens the log and never stops anything; the tooltip has the links that do. */
export class StatusItem implements vscode.Disposable {
  readonly #store = new DisposableStore();
  readonly #item: vscode.StatusBarItem;
  readonly #studio: Studio;

  constructor(studio: Studio) {
    this.#studio = studio;
    this.#item = this.#store.add(
      vscode.window.createStatusBarItem('ecg.status', vscode.StatusBarAlignment.Left),
    );
    this.#item.name = 'ECG Studio';
    this.#item.command = commandIds.showLog;
    for (const event of [studio.jobs.onDidStart, studio.jobs.onDidChange, studio.jobs.onDidEnd]) {
      this.#store.add((event as vscode.Event<unknown>)(() => this.#draw()));
    }
    this.#draw();
    this.#item.show();
  }

  /** As shown now; for tests. */
  get text(): string {
    return this.#item.text;
  }

  dispose(): void {
    this.#store.dispose();
  }

  #draw(): void {
    const jobs = this.#studio.jobs.running;
    if (jobs.length === 0) {
      this.#item.text = '$(pulse) ECG';
      this.#item.tooltip = 'ECG Studio: no job runs. Click for the log.';
      return;
    }
    const [first] = jobs;
    const more = jobs.length > 1 ? ` (+${jobs.length - 1})` : '';
    this.#item.text = `$(sync~spin) ${first.title}: ${progressText(first)}${more}`;
    this.#item.tooltip = tooltip(jobs);
  }
}

function tooltip(jobs: readonly Job[]): vscode.MarkdownString {
  const text = new vscode.MarkdownString('', true);
  text.isTrusted = { enabledCommands: [commandIds.cancel, commandIds.showLog] };
  for (const job of jobs) {
    text.appendMarkdown(`**${escapeMarkdown(job.title)}**: ${escapeMarkdown(progressText(job))}`);
    const figures = Object.entries(job.progress?.figures ?? {});
    for (const [name, value] of figures) text.appendMarkdown(`, ${escapeMarkdown(name)} ${value.toFixed(3)}`);
    const argument = encodeURIComponent(JSON.stringify([{ job: job.id }]));
    text.appendMarkdown(` — [Cancel](command:${commandIds.cancel}?${argument})\n\n`);
  }
  text.appendMarkdown(`[Show Log](command:${commandIds.showLog})`);
  return text;
}
