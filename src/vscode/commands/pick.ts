import * as path from 'node:path';
import * as vscode from 'vscode';
import { CancelledError, UserError } from '../../common/errors.ts';
import type { RunInfo } from '../../training/run-folder.ts';
import type { WholeRun } from '../../training/run-summary.ts';
import { languageIds } from '../ids.ts';
import { targetFolder, type FileKind } from '../workspace-files.ts';
import type { Studio } from '../studio.ts';
import { figureText } from '../views/format.ts';

/**
 * What a command works on: the tree item or file that it was called on, else what is open, else the only one there is,
 * else what the user picks. Nobody types a path. Throws CancelledError where the user picks nothing.
 */

interface UriArgument {
  uri: vscode.Uri;
}

/** A file given by a tree item, an explorer item, a lens (text of a uri), or nothing. */
function uriOf(argument: unknown): vscode.Uri | undefined {
  if (argument instanceof vscode.Uri) return argument;
  if (typeof argument === 'string' && argument !== '') {
    return /^[a-z][\w+.-]+:/i.test(argument) ? vscode.Uri.parse(argument) : vscode.Uri.file(argument);
  }
  const uri = (argument as Partial<UriArgument> | undefined)?.uri;
  return uri instanceof vscode.Uri ? uri : typeof uri === 'string' ? vscode.Uri.parse(uri) : undefined;
}

type PickedKind = Exclude<FileKind, 'board'>;

const kinds: Readonly<
  Record<PickedKind, { language: string; name: RegExp; placeholder: string; none: string; advice: string }>
> = {
  model: {
    language: languageIds.model,
    name: /\.ecgmodel\.ya?ml$/,
    placeholder: 'Model',
    none: 'there is no model file in this folder',
    advice: 'Make one with `ECG: New Model from the Zoo`.',
  },
  dataset: {
    language: languageIds.dataset,
    name: /\.ecgdata\.ya?ml$/,
    placeholder: 'Dataset',
    none: 'there is no dataset in this folder',
    advice: 'Import one with `ECG: Import Dataset…`, or try `ECG: Synthesize Sample Dataset`.',
  },
};

export async function pickFile(studio: Studio, kind: PickedKind, argument?: unknown): Promise<vscode.Uri> {
  const { language, name, placeholder, none, advice } = kinds[kind];
  const given = uriOf(argument);
  if (given && name.test(given.path)) return given;
  const active = vscode.window.activeTextEditor?.document;
  if (active?.languageId === language && active.uri.scheme === 'file') return active.uri;
  const uris = await studio.files.list(kind);
  if (uris.length === 0) throw new UserError(none, {}, advice);
  if (uris.length === 1) return uris[0];
  const chosen = await vscode.window.showQuickPick(
    uris.map((uri) => ({
      label: path.basename(uri.fsPath).replace(name, ''),
      description: vscode.workspace.asRelativePath(uri),
      uri,
    })),
    { placeHolder: placeholder, matchOnDescription: true },
  );
  if (!chosen) throw new CancelledError();
  return chosen.uri;
}

interface RunArgument {
  run: WholeRun;
}

export interface RunFilter {
  placeholder: string;
  statuses?: readonly RunInfo['status'][];
  also?: (run: WholeRun) => boolean;
  /** Said where there is none. */
  none: string;
  advice: string;
  /** Ask even where there is only one. */
  always?: boolean;
}

export const trainedRuns: RunFilter = {
  placeholder: 'Run',
  statuses: ['done'],
  none: 'there is no trained run in this folder',
  advice: 'Train a network first: `ECG: Train`.',
};

export async function pickRun(studio: Studio, argument: unknown, filter: RunFilter): Promise<WholeRun> {
  const given = argument as Partial<RunArgument> | string | undefined;
  const folder = typeof given === 'string' ? given : given?.run?.folder;
  const runs = await studio.runs.whole();
  if (folder !== undefined) {
    const found = runs.find((run) => run.folder === folder);
    if (!found)
      throw new UserError('is no whole run', { file: folder }, 'Refresh the runs and look at its entry.');
    return found;
  }
  const fitting = runs.filter(
    (run) => (!filter.statuses || filter.statuses.includes(run.info.status)) && (filter.also?.(run) ?? true),
  );
  if (fitting.length === 0) throw new UserError(filter.none, {}, filter.advice);
  if (fitting.length === 1 && !filter.always) return fitting[0];
  const chosen = await vscode.window.showQuickPick(fitting.map(runItem), {
    placeHolder: filter.placeholder,
    matchOnDescription: true,
  });
  if (!chosen) throw new CancelledError();
  return chosen.run;
}

export function runItem(run: WholeRun): vscode.QuickPickItem & { run: WholeRun } {
  const { info, evaluated } = run;
  const best = evaluated?.f1Mean ?? info.best?.validationF1;
  return {
    label: info.name,
    description: [info.status, ...(best === undefined ? [] : [`F1 ${figureText(best)}`])].join(' · '),
    detail: path.basename(run.folder),
    run,
  };
}

/** The folder that new files go into. Throws a UserError where no folder is open. */
export function requireFolder(): vscode.WorkspaceFolder {
  const folder = targetFolder();
  if (!folder)
    throw new UserError(
      'no folder is open',
      {},
      'Open a folder first: datasets, models and runs are files in it.',
    );
  return folder;
}

/** Unsaved changes are part of what the user means. */
export async function saved(uri: vscode.Uri): Promise<void> {
  const document = vscode.workspace.textDocuments.find((d) => d.uri.toString() === uri.toString());
  if (document?.isDirty && !(await document.save())) {
    throw new UserError('could not be saved', { file: uri.fsPath }, 'Save it, and try again.');
  }
}

/** Throws a UserError where the file was not written: it may have changed on the disk a moment ago. */
export async function applyAndSave(edit: vscode.WorkspaceEdit, document: vscode.TextDocument): Promise<void> {
  if ((await vscode.workspace.applyEdit(edit)) && (await document.save())) return;
  throw new UserError(
    'was not changed on the disk',
    { file: document.uri.fsPath },
    'Look at it in the editor: what was decided stands there unsaved, or is not there.',
  );
}
