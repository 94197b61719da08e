import * as path from 'node:path';
import * as vscode from 'vscode';
import { countText } from '../../common/count-text.ts';
import { CancelledError } from '../../common/errors.ts';
import { commandIds, editorIds } from '../ids.ts';
import { recordUri } from '../editors/record-uri.ts';
import { call, offerNext, runJob, type StudioCommand } from './command.ts';
import { applyAndSave, pickFile, requireFolder } from './pick.ts';
import { exists, requireRecordings } from './recordings.ts';

/** Enough of each class to be told apart in a minute, small enough to be made in seconds. */
const sample = { records: 300, seed: 1 };

export const synthesizeDataset: StudioCommand = {
  id: commandIds.synthesizeDataset,
  needsTrust: true,
  title: 'Synthesizing the sample dataset',
  async run(studio) {
    const folder = requireFolder().uri.fsPath;
    const result = await runJob(studio, {
      name: 'synthesize',
      title: 'Synthesize sample dataset',
      inputs: { folder, ...sample },
    });
    if (!result) return undefined;
    studio.files.refresh('dataset');
    offerNext(
      `${countText(result.summary.records)} synthetic records: good for trying things out; figures on them say nothing about real recordings.`,
      { 'New Model': call(commandIds.newModel) },
    );
    return result;
  },
};

/** Point a dataset file to where its recordings are now; only that one value of the file changes. */
export const locateDataset: StudioCommand = {
  id: commandIds.locateDataset,
  needsTrust: true,
  title: 'Locating the dataset',
  async run(studio, argument, location) {
    const uri = await pickFile(studio, 'dataset', argument);
    // What reads YAML is loaded when it is needed, and not with the extension.
    const { readDatasetFile, sourcePath } = await import('../../dataset/dataset-file.ts');
    const { YamlSource } = await import('../../common/yaml-source.ts');
    const { sources } = readDatasetFile(uri.fsPath);
    const there = await Promise.all(sources.map((source) => exists(source.location)));
    // Of several the first that is not where it should be.
    const index = Math.max(0, there.indexOf(false));
    const before = sources[index].location;
    const isZip = /\.zip$/i.test(before);
    const [chosen] =
      location instanceof vscode.Uri
        ? [location]
        : ((await vscode.window.showOpenDialog({
            title: `Where is ${path.basename(before)} now?`,
            canSelectFiles: isZip,
            canSelectFolders: !isZip,
          })) ?? []);
    if (!chosen) throw new CancelledError();
    const document = await vscode.workspace.openTextDocument(uri);
    const yaml = new YamlSource(document.getText());
    const [start, end] = yaml.range(sourcePath(yaml.value, index, 'path'));
    const range = new vscode.Range(document.positionAt(start), document.positionAt(end));
    const edit = new vscode.WorkspaceEdit();
    edit.replace(uri, range, JSON.stringify(chosen.fsPath));
    await applyAndSave(edit, document);
    studio.files.refresh('dataset');
    return chosen.fsPath;
  },
};

/** Read each recording once, so that duplicates and so the splits are known. */
export const indexDataset: StudioCommand = {
  id: commandIds.indexDataset,
  needsTrust: true,
  title: 'Indexing the dataset',
  async run(studio, argument) {
    const uri = await pickFile(studio, 'dataset', argument);
    await requireRecordings(uri);
    const summary = await runJob(studio, {
      name: 'index',
      title: `Index ${path.basename(uri.fsPath)}`,
      inputs: { data: uri.fsPath },
    });
    studio.files.refresh('dataset');
    return summary;
  },
};

/** Classes, durations, rates and signal quality, drawn; and the records to look at first. */
export const datasetStatistics: StudioCommand = {
  id: commandIds.datasetStatistics,
  needsTrust: false,
  title: 'Measuring the dataset',
  async run(studio, argument) {
    const uri = await pickFile(studio, 'dataset', argument);
    await requireRecordings(uri);
    return studio.panels.statistics.measure(uri.fsPath);
  },
};

interface RecordArgument {
  uri: vscode.Uri;
  record: string;
}

/** A record of the tree, a file that is a recording, or what is picked: dataset, then record. */
export const openWaveform: StudioCommand = {
  id: commandIds.openWaveform,
  needsTrust: false,
  title: 'Opening the waveform',
  async run(studio, argument) {
    const uri = await waveformUri();
    await vscode.commands.executeCommand('vscode.openWith', uri, editorIds.waveform);
    return uri;

    async function waveformUri(): Promise<vscode.Uri> {
      if (argument instanceof vscode.Uri) return argument;
      const { uri: dataset, record } = (argument ?? {}) as Partial<RecordArgument>;
      if (dataset && record) return recordUri(dataset, record);
      const active = vscode.window.activeTextEditor?.document.uri;
      if (active && /\.(hea|csv|tsv)$/i.test(active.path)) return active;
      const picked = await pickFile(studio, 'dataset');
      const { records } = await studio.compute.query('listRecords', { data: picked.fsPath });
      const chosen = await vscode.window.showQuickPick(
        records.map(({ id, label }) => ({ label: id, description: label })),
        { placeHolder: 'Record', matchOnDescription: true },
      );
      if (!chosen) throw new CancelledError();
      return recordUri(picked, chosen.label);
    }
  },
};
