import * as vscode from 'vscode';
import { pickRun, trainedRuns } from '../commands/pick.ts';
import { debugType } from '../ids.ts';
import type { Studio } from '../studio.ts';

/** What a launch configuration says. */
export interface FirmwareDebugConfiguration extends vscode.DebugConfiguration {
  run?: string;
  target?: 'emulator' | 'board';
  stopAt?: string;
  record?: string;
  /** Board file, relative to the workspace folder; else that of the settings. */
  board?: string;
}

/** The first layer shows the most: its input is the window itself. */
const firstLayer = 'first-layer';

/** Start a session without a launch.json. Gives whether it has started. */
export async function startDebugging(
  studio: Studio,
  argument: unknown,
  target: 'emulator' | 'board',
  stopAt: unknown,
): Promise<boolean> {
  const run = await pickRun(studio, argument, trainedRuns);
  const configuration: FirmwareDebugConfiguration = {
    type: debugType,
    request: 'launch',
    name: `${run.info.name} ${target === 'emulator' ? 'in the emulator' : 'on the board'}`,
    run: run.folder,
    target,
    stopAt: typeof stopAt === 'string' ? stopAt : firstLayer,
  };
  const folder = vscode.workspace.getWorkspaceFolder(vscode.Uri.file(run.folder));
  return vscode.debug.startDebugging(folder, configuration);
}
