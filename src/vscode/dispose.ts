import type * as vscode from 'vscode';

/** Owns what it registers, and lets go of all of it at once, last first. */
export class DisposableStore implements vscode.Disposable {
  readonly #owned: vscode.Disposable[] = [];
  #disposed = false;

  add<T extends vscode.Disposable>(disposable: T): T {
    if (this.#disposed) disposable.dispose();
    else this.#owned.push(disposable);
    return disposable;
  }

  get disposed(): boolean {
    return this.#disposed;
  }

  dispose(): void {
    this.#disposed = true;
    for (const disposable of this.#owned.splice(0).reverse()) disposable.dispose();
  }
}
