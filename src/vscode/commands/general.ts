import * as fs from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { markdownTable } from '../../evaluation/tables.ts';
import { productVersion } from '../../common/product.ts';
import type { Check } from '../../jobs/doctor.ts';
import { commandIds, pickRunCommand, walkthroughId } from '../ids.ts';
import type { Studio } from '../studio.ts';
import { runJob, type StudioCommand } from './command.ts';
import { pickRun, trainedRuns } from './pick.ts';

export const refresh: StudioCommand = {
  id: commandIds.refresh,
  needsTrust: false,
  title: 'Refreshing',
  run(studio) {
    studio.files.refresh('dataset');
    studio.files.refresh('model');
    studio.files.refresh('board');
    studio.runs.refresh();
  },
};

export const showLog: StudioCommand = {
  id: commandIds.showLog,
  needsTrust: false,
  title: 'Showing the log',
  run: (studio) => studio.log.show(),
};

export const openWalkthrough: StudioCommand = {
  id: commandIds.openWalkthrough,
  needsTrust: false,
  title: 'Opening the walkthrough',
  run: () => vscode.commands.executeCommand('workbench.action.openWalkthrough', walkthroughId, false),
};

export const pickRunForDebug: StudioCommand = {
  id: pickRunCommand,
  needsTrust: false,
  title: 'Picking a run',
  run: async (studio) => (await pickRun(studio, undefined, trainedRuns)).folder,
};

export const revealRun: StudioCommand = {
  id: commandIds.revealRun,
  needsTrust: false,
  title: 'Revealing the run',
  async run(studio, argument) {
    const folder = await anyRun(studio, argument);
    await vscode.commands.executeCommand('revealInExplorer', vscode.Uri.file(folder));
    return folder;
  },
};

export const deleteRun: StudioCommand = {
  id: commandIds.deleteRun,
  needsTrust: true,
  title: 'Deleting the run',
  async run(studio, argument) {
    const folder = await anyRun(studio, argument);
    const yes = 'Move to Trash';
    const answer = await vscode.window.showWarningMessage(
      `Delete the run ${path.basename(folder)}?`,
      { modal: true, detail: 'Its weights, checkpoint, reports and firmware go with it.' },
      yes,
    );
    if (answer !== yes) return undefined;
    const uri = vscode.Uri.file(folder);
    try {
      await vscode.workspace.fs.delete(uri, { recursive: true, useTrash: true });
    } catch {
      // A remote machine has no trash; the user has said yes to deleting.
      await vscode.workspace.fs.delete(uri, { recursive: true });
    }
    studio.runs.refresh();
    return folder;
  },
};

/** Damaged ones too. */
async function anyRun(studio: Studio, argument: unknown): Promise<string> {
  const given = (argument as { run?: { folder: string } } | undefined)?.run?.folder;
  if (given !== undefined) return given;
  return (
    await pickRun(studio, argument, {
      placeholder: 'Run',
      none: 'there is no run in this folder',
      advice: 'Train a network first: `ECG: Train`.',
      always: true,
    })
  ).folder;
}

export const checkTools: StudioCommand = {
  id: commandIds.checkTools,
  needsTrust: false,
  title: 'Checking the tools',
  async run(studio) {
    const checks = await runJob(studio, { name: 'doctor', title: 'Check tools', inputs: {} });
    if (!checks) return undefined;
    const table = markdownTable([
      ['what', 'state', 'version, or what to do', 'needed for'],
      ...checks.map((c) => [c.name, stateOf(c), c.detail, c.neededFor]),
    ]);
    const document = await vscode.workspace.openTextDocument({
      language: 'markdown',
      content: `# Tools\n\n${table}\n`,
    });
    await vscode.window.showTextDocument(document, { preview: true });
    return checks;
  },
};

function stateOf({ ok, optional }: Check): string {
  if (ok) return 'found';
  return optional ? 'not there (optional)' : '**missing**';
}

/** What a report of a bug needs, without the contents of any file. */
export const copyDiagnostics: StudioCommand = {
  id: commandIds.copyDiagnostics,
  needsTrust: false,
  title: 'Copying diagnostics',
  async run(studio) {
    const text = await diagnostics(studio);
    await vscode.env.clipboard.writeText(text);
    void vscode.window.showInformationMessage(
      'Diagnostics are on the clipboard: versions, jobs and the last log lines.',
    );
    return text;
  },
};

async function diagnostics(studio: Studio): Promise<string> {
  const runs = await studio.runs.list();
  const folders = vscode.workspace.workspaceFolders ?? [];
  const home = os.homedir();
  const lines = [
    `ECG Studio ${productVersion}, VS Code ${vscode.version}, Node ${process.version}, ${process.platform} ${process.arch}`,
    `${os.availableParallelism()} cores, ${(os.totalmem() / 2 ** 30).toFixed(0)} GiB, trusted ${vscode.workspace.isTrusted}`,
    `compute process ${studio.compute.pid ?? 'not started'}, ${studio.jobs.running.length} jobs: ${studio.jobs.running.map((j) => j.title).join(', ')}`,
    `${folders.length} folders, ${runs.length} runs, ${(await studio.files.list('model')).length} models, ${(await studio.files.list('dataset')).length} datasets, ${(await studio.files.list('board')).length} boards`,
    `disk: ${await freeSpace(folders[0]?.uri.fsPath)}`,
    '',
    ...studio.log.recent(),
  ];
  // A bug report is public; the name of the user is not.
  return lines.join('\n').replaceAll(home, '~') + '\n';
}

async function freeSpace(folder: string | undefined): Promise<string> {
  if (folder === undefined) return 'no folder';
  const { bavail, bsize } = await fs.statfs(folder);
  return `${((bavail * bsize) / 2 ** 30).toFixed(1)} GiB free`;
}
