import * as path from 'node:path';
import * as vscode from 'vscode';
import { commandIds } from './ids.ts';
import type { Studio } from './studio.ts';

/** The compute process died: say once what it was doing, and offer to go on. Nothing re-trains by itself. */
export function watchCompute(studio: Studio): vscode.Disposable {
  return studio.compute.onDied(({ reason }) => {
    const runs = studio.jobs.running.flatMap((job) => (job.run === undefined ? [] : [job.run]));
    const others = studio.jobs.running.filter((job) => job.run === undefined).map((job) => job.title);
    const what = [...runs.map((run) => path.basename(run)), ...others].join(', ');
    void tell(
      `The compute process ended unexpectedly (${reason})${what ? ` while working on: ${what}` : ''}.`,
      runs.length > 0 ? { Resume: () => vscode.commands.executeCommand(commandIds.resume, runs[0]) } : {},
      studio,
    );
  });
}

/** Runs that were cut off with the window before this one: offered once, when their folder is opened. */
export async function offerInterruptedRuns(studio: Studio): Promise<void> {
  if (!vscode.workspace.isTrusted) return;
  const interrupted = (await studio.runs.whole()).filter(({ info }) => info.status === 'interrupted');
  const [newest] = interrupted;
  const seen = studio.context.workspaceState.get<string>(offeredKey);
  if (!newest || seen === newest.folder) return;
  await studio.context.workspaceState.update(offeredKey, newest.folder);
  await tell(
    `The training ${path.basename(newest.folder)} was interrupted${interrupted.length > 1 ? `, and ${interrupted.length - 1} more` : ''}.`,
    { Resume: () => vscode.commands.executeCommand(commandIds.resume, newest.folder) },
    studio,
  );
}

const offeredKey = 'ecg.offered-interrupted-run';

async function tell(message: string, actions: Record<string, () => unknown>, studio: Studio): Promise<void> {
  const all: Record<string, () => unknown> = { ...actions, 'Show Log': () => studio.log.show() };
  const chosen = await vscode.window.showWarningMessage(message, ...Object.keys(all));
  if (chosen) await all[chosen]();
}
