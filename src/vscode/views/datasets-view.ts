import * as path from 'node:path';
import * as vscode from 'vscode';
import { describeError } from '../../common/errors.ts';
import { datasetSuffix } from '../../dataset/file-name.ts';
import type { ListedDataset } from '../../jobs/list-records.ts';
import { DisposableStore } from '../dispose.ts';
import { commandIds, contextValues } from '../ids.ts';
import type { Studio } from '../studio.ts';
import { countText } from './format.ts';

export interface DatasetNode {
  kind: 'dataset';
  /** The dataset file. */
  uri: vscode.Uri;
}
export interface ClassNode {
  kind: 'class';
  uri: vscode.Uri;
  label: string;
  ids: readonly string[];
  of: number;
}
export interface RecordNode {
  kind: 'record';
  uri: vscode.Uri;
  record: string;
  label: string;
}
type Node = DatasetNode | ClassNode | RecordNode;

/** A dataset's records, or why they cannot be listed. */
type Listing = { list: ListedDataset } | { error: string };

/** Dataset → class → record, with counts. Names show at once; counts follow when the compute process has them. */
export class DatasetsView implements vscode.TreeDataProvider<Node>, vscode.Disposable {
  readonly #studio: Studio;
  readonly #store = new DisposableStore();
  readonly #changed = this.#store.add(new vscode.EventEmitter<Node | undefined>());
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #listings = new Map<string, Listing>();
  readonly #pending = new Map<string, Promise<Listing>>();

  constructor(studio: Studio) {
    this.#studio = studio;
    this.#store.add(
      studio.files.onDidChange((kind) => {
        if (kind === 'dataset') this.refresh();
      }),
    );
  }

  /** Read all lists again. */
  refresh(): void {
    this.#listings.clear();
    this.#pending.clear();
    this.#changed.fire(undefined);
  }

  async getChildren(node?: Node): Promise<Node[]> {
    if (!node) {
      // It starts while the files are searched for.
      this.#studio.compute.prepare();
      const uris = await this.#studio.files.list('dataset');
      return uris.map((uri) => ({ kind: 'dataset', uri }));
    }
    if (node.kind === 'dataset') {
      const listing = await this.#listing(node.uri);
      if (!('list' in listing) || listing.list.moved) return [];
      const { classes, records } = listing.list;
      return classes.map(({ label, ids }) => ({ kind: 'class', uri: node.uri, label, ids, of: records }));
    }
    if (node.kind === 'class') {
      return node.ids.map((record) => ({ kind: 'record', uri: node.uri, record, label: node.label }));
    }
    return [];
  }

  getTreeItem(node: Node): vscode.TreeItem {
    if (node.kind === 'dataset') return this.#datasetItem(node);
    return node.kind === 'class' ? classItem(node) : recordItem(node);
  }

  dispose(): void {
    this.#store.dispose();
  }

  #datasetItem(node: DatasetNode): vscode.TreeItem {
    const item = new vscode.TreeItem(
      path.basename(node.uri.fsPath).replace(/\.ecgdata\.ya?ml$/, ''),
      vscode.TreeItemCollapsibleState.Collapsed,
    );
    item.id = node.uri.toString();
    item.tooltip = node.uri.fsPath;
    item.iconPath = new vscode.ThemeIcon('database');
    item.contextValue = contextValues.dataset;
    const listing = this.#listings.get(node.uri.toString());
    if (!listing) {
      item.description = 'counting …';
      void this.#listing(node.uri).then(() => this.#changed.fire(node));
      return item;
    }
    if ('error' in listing) {
      item.description = listing.error.split('\n')[0];
      item.tooltip = listing.error;
      item.iconPath = new vscode.ThemeIcon('error', new vscode.ThemeColor('list.errorForeground'));
      item.collapsibleState = vscode.TreeItemCollapsibleState.None;
      item.command = { command: 'vscode.open', title: 'Open', arguments: [node.uri] };
      return item;
    }
    const { list } = listing;
    if (list.moved) {
      item.description = `not found: ${list.location}`;
      item.tooltip = `The recordings are not at ${list.location} any more.`;
      item.iconPath = new vscode.ThemeIcon('warning', new vscode.ThemeColor('list.warningForeground'));
      item.contextValue = contextValues.movedDataset;
      item.collapsibleState = vscode.TreeItemCollapsibleState.None;
      item.command = { command: commandIds.locateDataset, title: 'Locate', arguments: [node] };
      return item;
    }
    item.description = `${countText(list.records)} records${list.synthetic ? ', synthetic' : ''}`;
    item.tooltip = `${list.location}\n${node.uri.fsPath}`;
    return item;
  }

  #listing(uri: vscode.Uri): Promise<Listing> {
    const key = uri.toString();
    const known = this.#listings.get(key);
    if (known) return Promise.resolve(known);
    let pending = this.#pending.get(key);
    if (!pending) {
      pending = this.#read(uri);
      this.#pending.set(key, pending);
    }
    return pending;
  }

  async #read(uri: vscode.Uri): Promise<Listing> {
    let listing: Listing;
    try {
      listing = { list: await this.#studio.compute.query('listRecords', { data: uri.fsPath }) };
    } catch (error) {
      listing = { error: describeError(error) };
    }
    this.#listings.set(uri.toString(), listing);
    this.#pending.delete(uri.toString());
    return listing;
  }
}

function classItem(node: ClassNode): vscode.TreeItem {
  const state =
    node.ids.length > 0 ? vscode.TreeItemCollapsibleState.Collapsed : vscode.TreeItemCollapsibleState.None;
  const item = new vscode.TreeItem(node.label, state);
  item.id = `${node.uri.toString()}#class=${node.label}`;
  const share = node.of > 0 ? (100 * node.ids.length) / node.of : 0;
  item.description = `${countText(node.ids.length)} · ${share.toFixed(share < 10 ? 1 : 0)} %`;
  item.iconPath = new vscode.ThemeIcon('symbol-class');
  return item;
}

function recordItem(node: RecordNode): vscode.TreeItem {
  const item = new vscode.TreeItem(node.record);
  item.id = `${node.uri.toString()}#record=${node.record}`;
  item.iconPath = new vscode.ThemeIcon('pulse');
  item.contextValue = contextValues.record;
  item.tooltip = `Record ${node.record}, ${node.label}, of ${path.basename(node.uri.fsPath, datasetSuffix)}`;
  item.command = { command: commandIds.openWaveform, title: 'Open Waveform', arguments: [node] };
  return item;
}
