import * as vscode from 'vscode';
import { CancelledError } from '../../common/errors.ts';
import type { JobName, Jobs } from '../../protocol/compute.ts';
import type { CommandId, pickRunCommand } from '../ids.ts';
import type { JobStart } from '../job-list.ts';
import { showError } from '../show-error.ts';
import type { Studio } from '../studio.ts';

/** One entry of the command table. */
export interface StudioCommand {
  id: CommandId | typeof pickRunCommand;
  /** Changes files, runs programs or trains: refused in an untrusted workspace, whoever calls it. */
  needsTrust: boolean;
  /** What failed, in a message: `Training`. */
  title: string;
  /** The promise ends when the work does; messages that wait for the user are not part of it. */
  run(studio: Studio, ...args: unknown[]): unknown;
}

export function registerCommand(studio: Studio, command: StudioCommand): vscode.Disposable {
  return vscode.commands.registerCommand(command.id, async (...args: unknown[]) => {
    if (command.needsTrust && !vscode.workspace.isTrusted) {
      void askForTrust(command.title);
      return undefined;
    }
    try {
      return await command.run(studio, ...args);
    } catch (error) {
      if (error instanceof CancelledError) return undefined;
      void showError(studio, command.title, error);
      return undefined;
    }
  });
}

async function askForTrust(title: string): Promise<void> {
  const manage = 'Manage Workspace Trust';
  const chosen = await vscode.window.showWarningMessage(
    `${title} needs a trusted workspace: it runs programs and writes files.`,
    manage,
  );
  if (chosen) await vscode.commands.executeCommand('workbench.trust.manage');
}

/** Run a job; undefined where it failed (the user has been told) or was cancelled. */
export async function runJob<N extends JobName>(
  studio: Studio,
  start: JobStart<N>,
): Promise<Jobs[N]['result'] | undefined> {
  try {
    return await studio.jobs.start(start);
  } catch (error) {
    void showError(studio, start.title, error);
    return undefined;
  }
}

/** A message at the end of a job, with what one would do next. Not waited for. */
export function offerNext(message: string, actions: Record<string, () => unknown> = {}): void {
  void vscode.window.showInformationMessage(message, ...Object.keys(actions)).then(async (chosen) => {
    if (chosen) await actions[chosen]();
  });
}

/** Call another command with its arguments. */
export function call(id: CommandId, ...args: unknown[]): () => unknown {
  return () => vscode.commands.executeCommand(id, ...args);
}
