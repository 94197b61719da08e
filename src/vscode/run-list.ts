import * as path from 'node:path';
import * as vscode from 'vscode';
import { RunFolder } from '../training/run-folder.ts';
import { listRuns, type RunSummary, type WholeRun } from '../training/run-summary.ts';
import type { ComputeClient } from './compute-client.ts';
import { DisposableStore } from './dispose.ts';
import type { JobList } from './job-list.ts';

/** Runs are written to every epoch; once a second is as often as anybody looks. */
const settleMs = 200;

export function isWhole(run: RunSummary): run is WholeRun {
  return 'info' in run;
}

/** Runs of the workspace's folders, kept in step with the disk and with the jobs of this window. */
export class RunList implements vscode.Disposable {
  readonly #store = new DisposableStore();
  readonly #jobs: JobList;
  readonly #changed = this.#store.add(new vscode.EventEmitter<void>());
  readonly onDidChange = this.#changed.event;
  #runs: Promise<RunSummary[]> | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(jobs: JobList, compute: ComputeClient) {
    this.#jobs = jobs;
    const watcher = this.#store.add(
      vscode.workspace.createFileSystemWatcher(
        '**/runs/**/{run.json,report.json,build-report.json,weights.safetensors}',
      ),
    );
    for (const event of [watcher.onDidCreate, watcher.onDidDelete, watcher.onDidChange]) {
      this.#store.add(event(() => this.refresh()));
    }
    this.#store.add(jobs.onRunAppeared(() => this.refresh()));
    this.#store.add(jobs.onDidEnd(() => this.refresh()));
    this.#store.add(vscode.workspace.onDidChangeWorkspaceFolders(() => this.refresh()));
    this.#store.add(compute.onDied(() => this.#markInterrupted()));
  }

  /** Newest first. */
  list(): Promise<RunSummary[]> {
    this.#runs ??= Promise.all(runsFolders().map(listRuns)).then((found) => found.flat());
    return this.#runs;
  }

  async whole(): Promise<WholeRun[]> {
    return (await this.list()).filter(isWhole);
  }

  async find(folder: string): Promise<RunSummary | undefined> {
    return (await this.list()).find((run) => run.folder === folder);
  }

  refresh(): void {
    this.#runs = undefined;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#runs = undefined;
      this.#changed.fire();
    }, settleMs);
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#store.dispose();
  }

  /** The process that wrote them is gone: nobody else will say so in their run.json. */
  #markInterrupted(): void {
    for (const { run } of this.#jobs.running) {
      if (run === undefined) continue;
      try {
        const folder = RunFolder.open(run);
        if (folder.info.status === 'running') folder.finish('interrupted', 'the compute process ended');
      } catch {
        // It shows as damaged.
      }
    }
    this.refresh();
  }
}

export function runsFolders(): string[] {
  return (vscode.workspace.workspaceFolders ?? []).map((folder) => path.join(folder.uri.fsPath, 'runs'));
}
