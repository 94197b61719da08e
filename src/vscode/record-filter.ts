import * as vscode from 'vscode';
import { DisposableStore } from './dispose.ts';
import { contextKeys } from './ids.ts';

/** Which records the view of datasets shows: those with all these words in their name, class or split. */
export class RecordFilter implements vscode.Disposable {
  readonly #store = new DisposableStore();
  readonly #changed = this.#store.add(new vscode.EventEmitter<void>());
  readonly onDidChange = this.#changed.event;
  #words = '';

  get words(): string {
    return this.#words;
  }

  set words(words: string) {
    this.#words = words.trim();
    void vscode.commands.executeCommand('setContext', contextKeys.recordsFiltered, this.#words !== '');
    this.#changed.fire();
  }

  dispose(): void {
    this.#store.dispose();
  }
}
