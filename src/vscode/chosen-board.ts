import * as path from 'node:path';
import * as vscode from 'vscode';
import { CancelledError, UserError } from '../common/errors.ts';
import { defaultBoard } from '../firmware/board.ts';
import { settingIds } from './ids.ts';
import type { Studio } from './studio.ts';
import { exists } from './commands/recordings.ts';

/** The board that firmware is made for. */
export type ChosenBoard =
  /** `file` undefined: Nordic's development kit, for which no file is needed. */
  | { file: string | undefined }
  /** There are several files, and nobody has said which one. */
  | 'not-chosen';

/**
 * The board of a folder: what the setting says, else the only board file that the folder has, else the development kit. Throws a
 * UserError where the setting names a file that is not there.
 */
export async function chosenBoard(studio: Studio, folder: vscode.Uri): Promise<ChosenBoard> {
  const configuration = vscode.workspace.getConfiguration(undefined, folder);
  const named = (configuration.get<string>(settingIds.board) ?? '').trim();
  if (named === defaultBoard.name) return { file: undefined };
  const root = vscode.workspace.getWorkspaceFolder(folder);
  if (named !== '') {
    const file = path.resolve(root?.uri.fsPath ?? '', named);
    if (await exists(file)) return { file };
    throw new UserError(
      `is the board of the setting \`${settingIds.board}\`, and is not there`,
      { file },
      'Choose another with `ECG: Choose Board`.',
    );
  }
  const files = await boardFiles(studio, root);
  if (files.length > 1) return 'not-chosen';
  return { file: files[0]?.fsPath };
}

/** The same; where nobody has said which, the user is asked, and the answer is kept in the setting. */
export async function boardFor(studio: Studio, folder: string): Promise<string | undefined> {
  const uri = vscode.Uri.file(folder);
  const chosen = await chosenBoard(studio, uri);
  return (chosen === 'not-chosen' ? await askForBoard(studio, uri) : chosen).file;
}

/** Ask for the board of a folder and keep the answer in its setting. Throws CancelledError where the user picks none. */
export async function askForBoard(
  studio: Studio,
  folder: vscode.Uri,
): Promise<Exclude<ChosenBoard, 'not-chosen'>> {
  const root = vscode.workspace.getWorkspaceFolder(folder);
  const files = await boardFiles(studio, root);
  const picked = await vscode.window.showQuickPick(
    [
      ...files.map((uri) => ({
        label: boardName(uri),
        description: vscode.workspace.asRelativePath(uri, false),
        file: uri.fsPath,
      })),
      {
        label: defaultBoard.name,
        description: 'Nordic’s development kit, without a board file',
        file: undefined,
      },
    ],
    { placeHolder: `Board that firmware is made for; kept in the setting ${settingIds.board}` },
  );
  if (!picked) throw new CancelledError();
  await keepBoard(folder, picked.file);
  return { file: picked.file };
}

/** @param file undefined: the development kit */
export async function keepBoard(folder: vscode.Uri, file: string | undefined): Promise<void> {
  const root = vscode.workspace.getWorkspaceFolder(folder);
  const value =
    file === undefined
      ? defaultBoard.name
      : path
          .relative(root?.uri.fsPath ?? '', file)
          .split(path.sep)
          .join('/');
  const several = (vscode.workspace.workspaceFolders ?? []).length > 1;
  const target = several ? vscode.ConfigurationTarget.WorkspaceFolder : vscode.ConfigurationTarget.Workspace;
  await vscode.workspace.getConfiguration(undefined, folder).update(settingIds.board, value, target);
}

export function boardName(uri: vscode.Uri): string {
  return path.basename(uri.fsPath).replace(/\.ecgboard\.ya?ml$/, '');
}

async function boardFiles(studio: Studio, root: vscode.WorkspaceFolder | undefined): Promise<vscode.Uri[]> {
  const files = await studio.files.list('board');
  return files.filter((uri) => vscode.workspace.getWorkspaceFolder(uri)?.uri.fsPath === root?.uri.fsPath);
}
