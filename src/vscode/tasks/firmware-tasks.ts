import * as path from 'node:path';
import * as vscode from 'vscode';
import { productRoot } from '../../common/product.ts';
import { problemMatcher, taskType } from '../ids.ts';
import { configuredProbe, toolEnvironment } from '../settings.ts';
import type { Studio } from '../studio.ts';

interface FirmwareTask extends vscode.TaskDefinition {
  step: 'generate' | 'build' | 'emulate' | 'verify' | 'flash';
  run: string;
  configuration?: 'release' | 'debug';
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
      return offeredSteps.map((step) => firmwareTask({ type: taskType, step, run }, folder));
    },
    resolveTask(task) {
      const definition = task.definition as FirmwareTask;
      const scope = task.scope;
      const folder =
        scope !== undefined && typeof scope === 'object' ? scope : vscode.workspace.workspaceFolders?.[0];
      return folder && definition.step && definition.run ? firmwareTask(definition, folder) : undefined;
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

function firmwareTask(definition: FirmwareTask, folder: vscode.WorkspaceFolder): vscode.Task {
  const args = [path.join(productRoot, 'dist', 'cli.js'), 'firmware', definition.step];
  args.push(path.resolve(folder.uri.fsPath, definition.run));
  if (definition.configuration === 'debug' && definition.step !== 'generate') args.push('--debug');
  if (definition.step === 'flash') args.push(...probeArguments());
  const tools = Object.fromEntries(Object.entries(toolEnvironment()).filter(([, value]) => value !== ''));
  const execution = new vscode.ProcessExecution(process.execPath, args, {
    cwd: folder.uri.fsPath,
    env: { ...tools, ELECTRON_RUN_AS_NODE: '1' },
  });
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
