import * as vscode from 'vscode';
import { CancelledError, UserError } from '../../common/errors.ts';
import type { RecordDecision } from '../../dataset/edit.ts';
import type { ListedDataset } from '../../jobs/list-records.ts';
import { commandIds } from '../ids.ts';
import type { Studio } from '../studio.ts';
import type { StudioCommand } from './command.ts';
import { applyAndSave } from './pick.ts';

/** A record of the tree, or of an open waveform. */
interface RecordArgument {
  uri: vscode.Uri;
  record: string;
}

/** What a menu gives: the item it was opened on, and all that are selected. Only records of one dataset are taken. */
function recordsOf(item: unknown, selected: unknown): { uri: vscode.Uri; records: string[] } {
  const all = Array.isArray(selected) && selected.length > 0 ? (selected as unknown[]) : [item];
  const chosen = all.filter((one): one is RecordArgument => {
    const { uri, record } = (one ?? {}) as Partial<RecordArgument>;
    return uri instanceof vscode.Uri && typeof record === 'string';
  });
  if (chosen.length === 0) {
    throw new UserError('no record was chosen', {}, 'Choose one in the view of datasets.');
  }
  const { uri } = chosen[0];
  return { uri, records: chosen.filter((one) => one.uri.fsPath === uri.fsPath).map(({ record }) => record) };
}

export const relabelRecord: StudioCommand = {
  id: commandIds.relabelRecord,
  needsTrust: true,
  title: 'Relabelling the record',
  async run(studio, item, selected) {
    const { uri, records } = recordsOf(item, selected);
    const list = await studio.compute.query('listRecords', { data: uri.fsPath });
    const label = await pickClass(list, records);
    await decide(studio, uri, records, { kind: 'relabel', label });
  },
};

/** A class of the dataset, one that it has not had yet, or the source's again (undefined). */
async function pickClass(list: ListedDataset, records: readonly string[]): Promise<string | undefined> {
  const entries = list.records.filter(({ id }) => records.includes(id));
  const now = entries.length === 1 ? entries[0].label : undefined;
  const another = { label: '$(add) Another class …', meaning: 'another' as const };
  const source = { label: "$(discard) The source's class again", meaning: 'source' as const };
  const corrected = entries.some(({ sourceLabel }) => sourceLabel !== undefined);
  const classes = list.classes.map((label) => ({
    label,
    meaning: 'class' as const,
    description: label === now ? 'now' : '',
  }));
  const chosen = await vscode.window.showQuickPick([...classes, another, ...(corrected ? [source] : [])], {
    placeHolder: records.length === 1 ? `Class of ${records[0]}` : `Class of ${records.length} records`,
  });
  if (!chosen) throw new CancelledError();
  if (chosen.meaning === 'source') return undefined;
  if (chosen.meaning === 'class') return chosen.label;
  const typed = await vscode.window.showInputBox({ prompt: 'Class', validateInput: classProblem });
  if (typed === undefined) throw new CancelledError();
  return typed.trim();
}

function classProblem(text: string): string | undefined {
  return text.trim() === '' || text.length > 200 ? 'A class has 1 to 200 characters.' : undefined;
}

export const excludeRecord: StudioCommand = {
  id: commandIds.excludeRecord,
  needsTrust: true,
  title: 'Excluding the record',
  async run(studio, item, selected) {
    const { uri, records } = recordsOf(item, selected);
    await decide(studio, uri, records, { kind: 'exclude' });
  },
};

export const includeRecord: StudioCommand = {
  id: commandIds.includeRecord,
  needsTrust: true,
  title: 'Including the record',
  async run(studio, item, selected) {
    const { uri, records } = recordsOf(item, selected);
    await decide(studio, uri, records, { kind: 'include' });
  },
};

/** The decision goes into the dataset file, as an edit that can be undone; the source is never changed. */
async function decide(
  studio: Studio,
  uri: vscode.Uri,
  records: readonly string[],
  decision: RecordDecision,
): Promise<void> {
  const document = await vscode.workspace.openTextDocument(uri);
  const text = document.getText();
  // What reads YAML is loaded when it is needed, and not with the extension.
  const { parseDatasetFile } = await import('../../dataset/dataset-file.ts');
  const { decideRecords } = await import('../../dataset/edit.ts');
  parseDatasetFile(text, uri.fsPath);
  const edit = new vscode.WorkspaceEdit();
  const whole = new vscode.Range(document.positionAt(0), document.positionAt(text.length));
  edit.replace(uri, whole, decideRecords(text, records, decision));
  await applyAndSave(edit, document);
  studio.files.refresh('dataset');
}

export const revealRecord: StudioCommand = {
  id: commandIds.revealRecord,
  needsTrust: false,
  title: 'Revealing the file',
  async run(studio, item) {
    const { uri, records } = recordsOf(item, undefined);
    const { archive, file } = await studio.compute.query('recordFile', {
      data: uri.fsPath,
      record: records[0],
    });
    const target = vscode.Uri.file(file ?? archive);
    const inside = vscode.workspace.getWorkspaceFolder(target) !== undefined;
    await vscode.commands.executeCommand(inside ? 'revealInExplorer' : 'revealFileInOS', target);
    return target;
  },
};
