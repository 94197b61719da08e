import * as path from 'node:path';
import * as vscode from 'vscode';
import { countText } from '../../common/count-text.ts';
import { describeError } from '../../common/errors.ts';
import type { ListedDataset, ListedEntry } from '../../jobs/list-records.ts';
import { DisposableStore } from '../dispose.ts';
import { commandIds, contextValues } from '../ids.ts';
import type { Studio } from '../studio.ts';
import {
  classItem,
  partItem,
  recordItem,
  splitItem,
  unindexedItem,
  type ClassNode,
  type DatasetNode,
  type Node,
  type SplitNode,
} from './dataset-nodes.ts';
import { groupBySplit, inParts, mostChildren, recordMatcher, type SplitGroup } from './record-groups.ts';

/** A dataset's records, or why they cannot be listed. */
type Listing = { list: ListedDataset } | { error: string };

/** Dataset → split → class → record, with counts. Names show at once; counts follow when the compute process has them. */
export class DatasetsView implements vscode.TreeDataProvider<Node>, vscode.Disposable {
  readonly #studio: Studio;
  readonly #store = new DisposableStore();
  readonly #changed = this.#store.add(new vscode.EventEmitter<Node | undefined>());
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #listings = new Map<string, Listing>();
  readonly #pending = new Map<string, Promise<Listing>>();
  /** The editor knows an item again by its node. */
  readonly #nodes = new Map<string, DatasetNode>();

  constructor(studio: Studio) {
    this.#studio = studio;
    this.#store.add(
      studio.files.onDidChange((kind) => {
        if (kind === 'dataset') this.refresh();
      }),
    );
    this.#store.add(studio.recordFilter.onDidChange(() => this.#changed.fire(undefined)));
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
      return uris.map((uri) => this.#node(uri));
    }
    switch (node.kind) {
      case 'dataset':
        return this.#splits(node);
      case 'split':
        return classNodes(node.uri, node.group, node.group.count);
      case 'class':
        return this.#records(node, node.records);
      case 'part':
        return recordNodes(node, node.records);
      default:
        return [];
    }
  }

  getTreeItem(node: Node): vscode.TreeItem {
    switch (node.kind) {
      case 'dataset':
        return this.#datasetItem(node);
      case 'unindexed':
        return unindexedItem(node);
      case 'split':
        return splitItem(node);
      case 'class':
        return classItem(node);
      case 'part':
        return partItem(node);
      case 'record':
        return recordItem(node);
    }
  }

  /** The list of a dataset file as it is shown; undefined where it cannot be listed. */
  async listOf(uri: vscode.Uri): Promise<ListedDataset | undefined> {
    const listing = await this.#listing(uri);
    return 'list' in listing ? listing.list : undefined;
  }

  dispose(): void {
    this.#store.dispose();
  }

  #node(uri: vscode.Uri): DatasetNode {
    const key = uri.toString();
    const known = this.#nodes.get(key);
    if (known) return known;
    const node: DatasetNode = { kind: 'dataset', uri };
    this.#nodes.set(key, node);
    return node;
  }

  async #splits({ uri }: DatasetNode): Promise<Node[]> {
    const listing = await this.#listing(uri);
    if (!('list' in listing) || listing.list.moved) return [];
    const { list } = listing;
    const nodes: Node[] = [];
    for (const group of groupBySplit(list, this.#studio.recordFilter.words)) {
      if (group.split === undefined) nodes.push(...classNodes(uri, group, group.count));
      else nodes.push({ kind: 'split', uri, group, of: list.records.length });
    }
    if (!list.indexed) nodes.push({ kind: 'unindexed', uri });
    return nodes;
  }

  #records(node: ClassNode, records: readonly ListedEntry[]): Node[] {
    if (records.length <= mostChildren) return recordNodes(node, records);
    return inParts(records).map((part) => ({
      kind: 'part',
      uri: node.uri,
      split: node.split,
      records: part,
    }));
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
    const count = countText(list.records.length);
    const { words } = this.#studio.recordFilter;
    const shown = list.records.filter(recordMatcher(list.classes, words)).length;
    const records = words === '' ? count : `${countText(shown)} of ${count}`;
    item.description = `${records} records${list.synthetic ? ', synthetic' : ''}`;
    item.tooltip = `${list.location}\n${node.uri.fsPath}`;
    return item;
  }

  #listing(uri: vscode.Uri): Promise<Listing> {
    const key = uri.toString();
    const known = this.#listings.get(key);
    if (known) return Promise.resolve(known);
    const pending = this.#pending.get(key);
    if (pending) return pending;
    const reading = this.#read(uri).then((listing) => {
      // The file may have changed while it was read: then somebody else reads it now.
      if (this.#pending.get(key) === reading) {
        this.#listings.set(key, listing);
        this.#pending.delete(key);
      }
      return listing;
    });
    this.#pending.set(key, reading);
    return reading;
  }

  async #read(uri: vscode.Uri): Promise<Listing> {
    try {
      return { list: await this.#studio.compute.query('listRecords', { data: uri.fsPath }) };
    } catch (error) {
      return { error: describeError(error) };
    }
  }
}

function classNodes(uri: vscode.Uri, { split, classes }: SplitGroup, of: number): ClassNode[] {
  return classes.map(({ label, records }) => ({ kind: 'class', uri, split, label, records, of }));
}

function recordNodes(
  { uri, split }: Pick<SplitNode, 'uri'> & { split: SplitGroup['split'] },
  records: readonly ListedEntry[],
): Node[] {
  return records.map(({ id, label, sourceLabel }) => ({
    kind: 'record',
    uri,
    record: id,
    label,
    sourceLabel,
    excluded: split === 'excluded',
  }));
}
