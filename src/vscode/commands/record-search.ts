import * as path from 'node:path';
import * as vscode from 'vscode';
import { CancelledError } from '../../common/errors.ts';
import type { ListedDataset } from '../../jobs/list-records.ts';
import { recordUri } from '../editors/record-uri.ts';
import { commandIds, editorIds } from '../ids.ts';
import type { Studio } from '../studio.ts';
import { recordMatcher } from '../views/record-groups.ts';
import type { StudioCommand } from './command.ts';
import { pickFile } from './pick.ts';

export const filterRecords: StudioCommand = {
  id: commandIds.filterRecords,
  needsTrust: false,
  title: 'Filtering the records',
  async run(studio) {
    const typed = await vscode.window.showInputBox({
      prompt: 'Words of names, classes and splits: `A test` shows class A of the test split; empty shows all',
      value: studio.recordFilter.words,
    });
    if (typed === undefined) throw new CancelledError();
    studio.recordFilter.words = typed;
  },
};

export const clearFilter: StudioCommand = {
  id: commandIds.clearFilter,
  needsTrust: false,
  title: 'Clearing the filter',
  run(studio) {
    studio.recordFilter.words = '';
  },
};

interface RecordItem extends vscode.QuickPickItem {
  uri: vscode.Uri;
  record: string;
}

/** A list of more is slow to fill, and says: type more. */
const mostItems = 200;

/** Quick open of a record of any dataset by its name or class, however many there are. */
export const findRecord: StudioCommand = {
  id: commandIds.findRecord,
  needsTrust: false,
  title: 'Finding the record',
  async run(studio) {
    const uris = await studio.files.list('dataset');
    if (uris.length === 0) await pickFile(studio, 'dataset'); // Says how to get one.
    const { uri, record } = await quickOpen(studio, uris);
    const target = recordUri(uri, record);
    await vscode.commands.executeCommand('vscode.openWith', target, editorIds.waveform);
    return target;
  },
};

function quickOpen(studio: Studio, uris: readonly vscode.Uri[]): Promise<RecordItem> {
  const pick = vscode.window.createQuickPick<RecordItem>();
  pick.placeholder = 'Name of a record, class or split';
  pick.matchOnDescription = true;
  pick.busy = true;
  const lists: { uri: vscode.Uri; list: ListedDataset }[] = [];
  const update = (): void => {
    pick.items = found(lists, pick.value);
  };
  const loading = uris.map(async (uri) => {
    const list = await studio.compute.query('listRecords', { data: uri.fsPath }).catch(() => undefined);
    // A dataset that cannot be listed says why in the view.
    if (list) lists.push({ uri, list });
    update();
  });
  void Promise.all(loading).then(() => (pick.busy = false));
  return new Promise((resolve, reject) => {
    pick.onDidChangeValue(update);
    pick.onDidAccept(() => {
      const [chosen] = pick.selectedItems;
      if (!chosen) return;
      resolve(chosen);
      pick.hide();
    });
    pick.onDidHide(() => {
      pick.dispose();
      reject(new CancelledError());
    });
    pick.show();
  });
}

function found(lists: readonly { uri: vscode.Uri; list: ListedDataset }[], words: string): RecordItem[] {
  const items: RecordItem[] = [];
  for (const { uri, list } of lists) {
    const matches = recordMatcher(list.classes, words);
    const dataset = path.basename(uri.fsPath).replace(/\.ecgdata\.ya?ml$/, '');
    for (const entry of list.records) {
      if (!matches(entry)) continue;
      const about = [entry.label, ...(entry.split ? [entry.split] : []), dataset].join(' · ');
      items.push({ label: entry.id, description: about, alwaysShow: true, uri, record: entry.id });
      if (items.length >= mostItems) return items;
    }
  }
  return items;
}
