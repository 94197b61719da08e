import * as path from 'node:path';
import * as vscode from 'vscode';
import { countText } from '../../common/count-text.ts';
import { CancelledError } from '../../common/errors.ts';
import type { DownloadName } from '../../jobs/download.ts';
import type { DatasetSummary } from '../../jobs/import.ts';
import { withFacts } from '../facts.ts';
import { commandIds } from '../ids.ts';
import type { Studio } from '../studio.ts';
import { offerNext, type StudioCommand } from './command.ts';
import { requireFolder } from './pick.ts';
import { exists } from './recordings.ts';

export const importDataset: StudioCommand = {
  id: commandIds.importDataset,
  needsTrust: true,
  title: 'Importing the dataset',
  async run(studio, argument) {
    const folder = requireFolder().uri.fsPath;
    const data = argument instanceof vscode.Uri ? argument.fsPath : await pickRecordings(studio, folder);
    const title = `Import ${path.basename(data)}`;
    const { result } = await withFacts({}, (facts) =>
      studio.jobs.start({ name: 'import', title, inputs: { data, folder, facts } }),
    );
    studio.files.refresh('dataset');
    offerNext(importedText(result.summary), {
      'Open Dataset File': () => vscode.window.showTextDocument(vscode.Uri.file(result.file)),
    });
    return result;
  },
};

function importedText({ name, records, classes, duplicates, unmapped }: DatasetSummary): string {
  const counts = Object.entries(classes).map(([label, count]) => `${label} ${countText(count)}`);
  const parts = [
    `${name}: ${countText(records)} records (${counts.join(', ')})`,
    ...(unmapped > 0 ? [`${countText(unmapped)} more have no label of the map and are left out`] : []),
    ...(duplicates.length > 0
      ? [`${duplicates.length} sets of exact duplicates stay in one split each`]
      : []),
  ];
  return `${parts.join('; ')}.`;
}

/** Recordings that lie around are offered, then a download; the rest is found with the system's dialog. */
async function pickRecordings(studio: Studio, folder: string): Promise<string> {
  const found = await vscode.workspace.findFiles('**/*.zip', '{**/node_modules/**,**/runs/**}', 20);
  const files = [...found.map((uri) => uri.fsPath), ...(await challengeZips())];
  const chosen = await vscode.window.showQuickPick(
    [
      ...files.map((file) => ({
        label: `$(file-zip) ${path.basename(file)}`,
        description: path.dirname(file),
        choose: () => Promise.resolve(file),
      })),
      {
        label: '$(file-zip) Choose a zip …',
        description: 'CinC 2017, 2020, 2021, CPSC 2021, MIT-BIH, PTB-XL, or a CSV of labels with recordings',
        choose: () => chooseRecordings(true),
      },
      {
        label: '$(folder) Choose a folder …',
        description: 'the same, unpacked',
        choose: () => chooseRecordings(false),
      },
      {
        label: '$(cloud-download) Download CinC 2017 …',
        description: '8528 short single-lead recordings from PhysioNet, about 95 MB',
        choose: () => download(studio, 'cinc2017', folder),
      },
    ],
    { placeHolder: 'Recordings to import', matchOnDescription: true },
  );
  if (!chosen) throw new CancelledError();
  return chosen.choose();
}

async function chooseRecordings(zip: boolean): Promise<string> {
  const [uri] =
    (await vscode.window.showOpenDialog({
      title: 'Recordings to import',
      canSelectFiles: zip,
      canSelectFolders: !zip,
      ...(zip && { filters: { Zip: ['zip'] } }),
    })) ?? [];
  if (!uri) throw new CancelledError();
  return uri.fsPath;
}

/** Gives the file. What is there already and right is not downloaded again. */
async function download(studio: Studio, name: DownloadName, workspace: string): Promise<string> {
  const beside = path.join(workspace, 'recordings');
  const chosen = await vscode.window.showQuickPick(
    [
      { label: '$(folder) recordings', description: beside, folder: beside },
      { label: '$(folder-opened) Another folder …', folder: undefined },
    ],
    { placeHolder: 'Where the download goes' },
  );
  if (!chosen) throw new CancelledError();
  const folder = chosen.folder ?? (await chooseFolder());
  const { downloads } = await import('../../jobs/download.ts');
  const { file } = await studio.jobs.start({
    name: 'download',
    title: `Download ${path.posix.basename(downloads[name].url)}`,
    inputs: { name, folder },
  });
  return file;
}

async function chooseFolder(): Promise<string> {
  const [uri] =
    (await vscode.window.showOpenDialog({
      title: 'Where the download goes',
      canSelectFiles: false,
      canSelectFolders: true,
    })) ?? [];
  if (!uri) throw new CancelledError();
  return uri.fsPath;
}

/** training2017.zip in the folder that `ECG_DATA_DIR` names, as the command line's demo finds it. */
async function challengeZips(): Promise<string[]> {
  const named = process.env.ECG_DATA_DIR;
  if (!named) return [];
  const candidates = ['training2017.zip', path.join('cinc2017', 'training2017.zip')].map((name) =>
    path.join(named, name),
  );
  const there = await Promise.all(candidates.map(exists));
  return candidates.filter((_, i) => there[i]);
}
