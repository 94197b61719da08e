import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { CancelledError } from '../../common/errors.ts';
import { runFiles } from '../../training/run-folder.ts';
import { commandIds } from '../ids.ts';

/**
 * A job needs the recordings that a dataset file names: where they have moved, the user is asked for their new place first.
 * Throws a UserError where the file has errors, and CancelledError where the user does not say.
 */
export async function requireRecordings(file: vscode.Uri): Promise<void> {
  // What reads YAML is loaded when it is needed, and not with the extension.
  const { readDatasetFile } = await import('../../dataset/dataset-file.ts');
  const location = await firstMissing(readDatasetFile(file.fsPath).sources);
  if (location === undefined) return;
  const locate = 'Locate…';
  const answer = await vscode.window.showWarningMessage(
    `The recordings of ${path.basename(file.fsPath)} are not at ${location} any more.`,
    locate,
  );
  if (answer !== locate) throw new CancelledError();
  const found = await vscode.commands.executeCommand(commandIds.locateDataset, { uri: file });
  if (found === undefined) throw new CancelledError();
  // Of several sources others may have moved as well.
  await requireRecordings(file);
}

/** The same for the recordings that a run was trained on, by its own copy of the dataset file. */
export function requireRecordingsOf(run: string): Promise<void> {
  return requireRecordings(vscode.Uri.file(path.join(run, runFiles.dataset)));
}

async function firstMissing(sources: readonly { location: string }[]): Promise<string | undefined> {
  for (const { location } of sources) if (!(await exists(location))) return location;
  return undefined;
}

export function exists(location: string): Promise<boolean> {
  return fs.stat(location).then(
    () => true,
    () => false,
  );
}
