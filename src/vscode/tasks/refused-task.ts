import * as vscode from 'vscode';

/** What a task does that cannot be run: it says why, and fails. */
export function refusal(why: string): vscode.CustomExecution {
  return new vscode.CustomExecution(() => {
    const written = new vscode.EventEmitter<string>();
    const closed = new vscode.EventEmitter<number>();
    return Promise.resolve({
      onDidWrite: written.event,
      onDidClose: closed.event,
      open() {
        written.fire(`${why}\r\n`);
        closed.fire(1);
      },
      close() {
        written.dispose();
        closed.dispose();
      },
    });
  });
}
