import * as path from 'node:path';
import * as vscode from 'vscode';
import { describeError, UserError } from '../../common/errors.ts';
import { productRoot } from '../../common/product.ts';
import type { KernelTarget } from '../../firmware/kernel-target.ts';
import { chosenBoard } from '../chosen-board.ts';
import { problemMatcher, taskType } from '../ids.ts';
import { configuredProbe, kernelTarget, toolEnvironment } from '../settings.ts';
import type { Studio } from '../studio.ts';
import { refusal } from './refused-task.ts';

interface FirmwareTask extends vscode.TaskDefinition {
  step: 'generate' | 'build' | 'emulate' | 'verify' | 'flash';
  run: string;
  configuration?: 'release' | 'debug';
  /** Board file, relative to the workspace folder; else that of the settings. */
  board?: string;
  /** Else those of the settings. */
  kernels?: KernelTarget;
}

/** Offered for the newest trained run; others are written into tasks.json. */
const offeredSteps = ['build', 'emulate', 'verify'] as const;

/** Tasks of type `ecg-firmware`: the command line's own steps in a terminal, with gcc's errors in Problems. */
export function registerFirmwareTasks(studio: Studio): vscode.Disposable {
  return vscode.tasks.registerTaskProvider(taskType, {
    async provideTasks() {
      const [newest] = (await studio.runs.whole()).filter((run) => run.info.status === 'done');
      const folder = newest && vscode.workspace.getWorkspaceFolder(vscode.Uri.file(newest.folder));
      if (!folder) return [];
      const run = path.relative(folder.uri.fsPath, newest.folder).split(path.sep).join('/');
      return Promise.all(
        offeredSteps.map((step) => firmwareTask(studio, { type: taskType, step, run }, folder)),
      );
    },
    resolveTask(task) {
      const definition = task.definition as FirmwareTask;
      const scope = task.scope;
      const folder =
        scope !== undefined && typeof scope === 'object' ? scope : vscode.workspace.workspaceFolders?.[0];
      return folder && definition.step && definition.run
        ? firmwareTask(studio, definition, folder)
        : undefined;
    },
  });
}

/** The probe of the settings, as the command line names it. */
function probeArguments(): string[] {
  const probe = configuredProbe();
  if (!probe) return [];
  if (probe.kind !== 'custom') return ['--probe', probe.kind];
  return probe.commands.flatMap((command) => ['--adapter-command', command]);
}

async function firmwareTask(
  studio: Studio,
  definition: FirmwareTask,
  folder: vscode.WorkspaceFolder,
): Promise<vscode.Task> {
  const execution = await executionOf(studio, definition, folder).catch((error: unknown) =>
    refusal(describeError(error)),
  );
  const name = `${definition.step} ${path.basename(definition.run)}`;
  const task = new vscode.Task(definition, folder, name, 'ECG', execution, problemMatcher);
  if (definition.step === 'build') task.group = vscode.TaskGroup.Build;
  // One terminal, used again, that leaves the keyboard where it is.
  task.presentationOptions = {
    reveal: vscode.TaskRevealKind.Always,
    panel: vscode.TaskPanelKind.Dedicated,
    focus: false,
    clear: true,
  };
  return task;
}

async function executionOf(
  studio: Studio,
  definition: FirmwareTask,
  folder: vscode.WorkspaceFolder,
): Promise<vscode.ProcessExecution> {
  const args = [path.join(productRoot, 'dist', 'cli.js'), 'firmware', definition.step];
  args.push(path.resolve(folder.uri.fsPath, definition.run));
  if (definition.configuration === 'debug' && definition.step !== 'generate') args.push('--debug');
  const board = await boardOfTask(studio, definition, folder);
  if (board !== undefined) args.push('--board', board);
  args.push('--kernels', definition.kernels ?? kernelTarget(folder.uri));
  if (definition.step === 'flash') args.push(...probeArguments());
  const tools = Object.fromEntries(Object.entries(toolEnvironment()).filter(([, value]) => value !== ''));
  return new vscode.ProcessExecution(process.execPath, args, {
    cwd: folder.uri.fsPath,
    env: { ...tools, ELECTRON_RUN_AS_NODE: '1' },
  });
}

/** Tasks are made where nobody can be asked. Throws a UserError where nobody has said which of several boards it is. */
async function boardOfTask(
  studio: Studio,
  { board }: FirmwareTask,
  folder: vscode.WorkspaceFolder,
): Promise<string | undefined> {
  if (board !== undefined) return path.resolve(folder.uri.fsPath, board);
  const chosen = await chosenBoard(studio, folder.uri);
  if (chosen !== 'not-chosen') return chosen.file;
  throw new UserError(
    'the folder has several board files, and none is chosen',
    {},
    'Say which with `ECG: Choose Board`, or with `"board"` in the task.',
  );
}
