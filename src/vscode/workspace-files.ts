import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { DisposableStore } from './dispose.ts';

export type FileKind = 'model' | 'dataset' | 'board';
const kinds: readonly FileKind[] = ['model', 'dataset', 'board'];

const patterns: Readonly<Record<FileKind, string>> = {
  model: '**/*.ecgmodel.{yaml,yml}',
  dataset: '**/*.ecgdata.{yaml,yml}',
  board: '**/*.ecgboard.{yaml,yml}',
};
/** Runs keep frozen copies of models and datasets; they are shown with the run. */
const excluded = '{**/node_modules/**,**/runs/**,**/.git/**}';
const frozen = /[/\\](runs|node_modules)[/\\]/;
/** Saving all files, or a checkout, changes many at once. */
const settleMs = 100;

/** The model, dataset and board files of the workspace, found once and watched from then on. */
export class WorkspaceFiles implements vscode.Disposable {
  readonly #store = new DisposableStore();
  readonly #changed = this.#store.add(new vscode.EventEmitter<FileKind>());
  readonly onDidChange = this.#changed.event;
  readonly #found = new Map<FileKind, Promise<vscode.Uri[]>>();
  readonly #timers = new Map<FileKind, NodeJS.Timeout>();

  constructor() {
    for (const kind of kinds) {
      const watcher = this.#store.add(vscode.workspace.createFileSystemWatcher(patterns[kind]));
      const note = (uri: vscode.Uri): void => {
        if (!frozen.test(vscode.workspace.asRelativePath(uri))) this.refresh(kind);
      };
      for (const event of [watcher.onDidCreate, watcher.onDidDelete, watcher.onDidChange]) {
        this.#store.add(event(note));
      }
    }
    this.#store.add(
      vscode.workspace.onDidChangeWorkspaceFolders(() => {
        for (const kind of kinds) this.refresh(kind);
      }),
    );
  }

  /** Sorted by path. */
  list(kind: FileKind): Promise<vscode.Uri[]> {
    let found = this.#found.get(kind);
    if (!found) {
      found = Promise.resolve(vscode.workspace.findFiles(patterns[kind], excluded)).then((uris) =>
        uris.sort((a, b) => a.fsPath.localeCompare(b.fsPath)),
      );
      this.#found.set(kind, found);
    }
    return found;
  }

  refresh(kind: FileKind): void {
    this.#found.delete(kind);
    clearTimeout(this.#timers.get(kind));
    this.#timers.set(
      kind,
      setTimeout(() => {
        this.#found.delete(kind);
        this.#changed.fire(kind);
      }, settleMs),
    );
  }

  dispose(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#store.dispose();
  }
}

/** A name for a new file: `STEM.SUFFIX`, or the first of `STEM-2…` that is free. */
export async function freeFile(folder: string, stem: string, suffix: string): Promise<string> {
  const taken = new Set(await fs.readdir(folder));
  for (let i = 1; ; i++) {
    const name = `${i === 1 ? stem : `${stem}-${i}`}${suffix}`;
    if (!taken.has(name)) return path.join(folder, name);
  }
}

/** The folder that new files go into: that of the active editor, else the first. */
export function targetFolder(): vscode.WorkspaceFolder | undefined {
  const active = vscode.window.activeTextEditor?.document.uri;
  return (active && vscode.workspace.getWorkspaceFolder(active)) ?? vscode.workspace.workspaceFolders?.[0];
}
