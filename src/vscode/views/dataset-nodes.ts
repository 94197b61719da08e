import * as path from 'node:path';
import * as vscode from 'vscode';
import { countText } from '../../common/count-text.ts';
import { datasetSuffix } from '../../dataset/file-name.ts';
import type { ListedEntry } from '../../jobs/list-records.ts';
import { commandIds, contextValues } from '../ids.ts';
import type { SplitGroup } from './record-groups.ts';

export interface DatasetNode {
  kind: 'dataset';
  /** The dataset file. */
  uri: vscode.Uri;
}
/** Says that the splits are not known yet. */
export interface UnindexedNode {
  kind: 'unindexed';
  uri: vscode.Uri;
}
export interface SplitNode {
  kind: 'split';
  uri: vscode.Uri;
  group: SplitGroup;
  of: number;
}
export interface ClassNode {
  kind: 'class';
  uri: vscode.Uri;
  split: SplitGroup['split'];
  label: string;
  records: readonly ListedEntry[];
  of: number;
}
/** A part of a long class. */
export interface PartNode {
  kind: 'part';
  uri: vscode.Uri;
  split: SplitGroup['split'];
  records: readonly ListedEntry[];
}
export interface RecordNode {
  kind: 'record';
  uri: vscode.Uri;
  record: string;
  label: string;
  sourceLabel: string | undefined;
  excluded: boolean;
}
export type Node = DatasetNode | UnindexedNode | SplitNode | ClassNode | PartNode | RecordNode;

const { Collapsed, None } = vscode.TreeItemCollapsibleState;

const splitIcons = {
  train: 'mortar-board',
  validation: 'settings',
  test: 'beaker',
  none: 'circle-slash',
  excluded: 'eye-closed',
};

export function unindexedItem({ uri }: UnindexedNode): vscode.TreeItem {
  const item = new vscode.TreeItem('Index to see the splits …', None);
  item.id = `${uri.toString()}#unindexed`;
  item.iconPath = new vscode.ThemeIcon('info');
  item.tooltip =
    'Exact duplicates stay in one split, so each recording is read once before the splits are known.';
  item.command = { command: commandIds.indexDataset, title: 'Index Dataset', arguments: [{ uri }] };
  return item;
}

export function splitItem({ uri, group, of }: SplitNode): vscode.TreeItem {
  const split = group.split ?? 'none';
  const label = { none: 'in no split', excluded: 'excluded' }[split as string] ?? split;
  const item = new vscode.TreeItem(label, Collapsed);
  item.id = `${uri.toString()}#split=${split}`;
  item.description = share(group.count, of);
  item.iconPath = new vscode.ThemeIcon(splitIcons[split]);
  return item;
}

export function classItem({ uri, split, label, records, of }: ClassNode): vscode.TreeItem {
  const item = new vscode.TreeItem(label, records.length > 0 ? Collapsed : None);
  item.id = `${uri.toString()}#split=${split}#class=${label}`;
  item.description = share(records.length, of);
  item.iconPath = new vscode.ThemeIcon('symbol-class');
  return item;
}

export function partItem({ uri, split, records }: PartNode): vscode.TreeItem {
  const [first, last] = [records[0], records[records.length - 1]];
  const item = new vscode.TreeItem(`${first.id} … ${last.id}`, Collapsed);
  item.id = `${uri.toString()}#split=${split}#part=${first.id}`;
  item.description = countText(records.length);
  return item;
}

export function recordItem(node: RecordNode): vscode.TreeItem {
  const { uri, record, label, sourceLabel, excluded } = node;
  const item = new vscode.TreeItem(record);
  item.id = `${uri.toString()}#record=${record}`;
  item.iconPath = new vscode.ThemeIcon(sourceLabel === undefined ? 'pulse' : 'edit');
  item.contextValue = excluded ? contextValues.excludedRecord : contextValues.record;
  if (sourceLabel !== undefined) item.description = `was ${sourceLabel}`;
  const dataset = path.basename(uri.fsPath, datasetSuffix);
  const corrected = sourceLabel === undefined ? '' : ` (corrected, ${sourceLabel} in the source)`;
  item.tooltip = `Record ${record}, ${label}${corrected}, of ${dataset}`;
  item.command = { command: commandIds.openWaveform, title: 'Open Waveform', arguments: [node] };
  return item;
}

/** `622 · 9 %` */
function share(count: number, of: number): string {
  const percent = of > 0 ? (100 * count) / of : 0;
  return `${countText(count)} · ${percent.toFixed(count > 0 && percent < 9.95 ? 1 : 0)} %`;
}
