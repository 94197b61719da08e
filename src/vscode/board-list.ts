import * as vscode from 'vscode';
import type { Probe } from '../jobs/flash.ts';

/** The probes that were found when somebody last looked; looking touches the probes, so it is never done unasked. */
export class BoardList implements vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.#changed.event;
  #probes: readonly Probe[] | undefined;

  /** Undefined: nobody has looked yet. */
  get probes(): readonly Probe[] | undefined {
    return this.#probes;
  }

  found(probes: readonly Probe[]): void {
    this.#probes = probes;
    this.#changed.fire();
  }

  dispose(): void {
    this.#changed.dispose();
  }
}
