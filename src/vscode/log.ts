import * as vscode from 'vscode';

const keptLines = 200;

/** The output channel `ECG Studio`, and its last lines for `Copy Diagnostics`. */
export class Log implements vscode.Disposable {
  readonly #channel = vscode.window.createOutputChannel('ECG Studio', { log: true });
  readonly #recent: string[] = [];

  info(line: string): void {
    this.#keep('info', line);
    this.#channel.info(line);
  }

  warn(line: string): void {
    this.#keep('warning', line);
    this.#channel.warn(line);
  }

  error(line: string): void {
    this.#keep('error', line);
    this.#channel.error(line);
  }

  recent(): readonly string[] {
    return this.#recent;
  }

  show(): void {
    this.#channel.show(true);
  }

  dispose(): void {
    this.#channel.dispose();
  }

  #keep(level: string, line: string): void {
    this.#recent.push(`${new Date().toISOString()} ${level} ${line}`);
    if (this.#recent.length > keptLines) this.#recent.shift();
  }
}
