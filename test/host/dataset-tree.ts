import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type {
  ClassNode,
  DatasetNode,
  Node,
  RecordNode,
  SplitNode,
} from '../../src/vscode/views/dataset-nodes.ts';
import { studioApi } from './studio.ts';

/** The view of datasets, as tests walk through it. */
export async function children(node?: Node): Promise<Node[]> {
  return (await studioApi()).views.datasets.getChildren(node);
}

export async function itemOf(node: Node): Promise<vscode.TreeItem> {
  return (await studioApi()).views.datasets.getTreeItem(node);
}

export async function datasetNode(name = 'sample'): Promise<DatasetNode> {
  const found = (await children()).find(
    (node): node is DatasetNode => node.kind === 'dataset' && node.uri.path.endsWith(`/${name}.ecgdata.yaml`),
  );
  assert.ok(found, `${name} is shown`);
  return found;
}

export async function splitNodes(name?: string): Promise<SplitNode[]> {
  const nodes = await children(await datasetNode(name));
  return nodes.filter((node) => node.kind === 'split');
}

/** All records of the tree, with the split and class that they stand below. */
export async function shownRecords(name?: string): Promise<(RecordNode & { split: string })[]> {
  const found: (RecordNode & { split: string })[] = [];
  for (const split of await splitNodes(name)) {
    for (const one of (await children(split)) as ClassNode[]) {
      for (const record of (await children(one)) as RecordNode[]) {
        found.push({ ...record, split: String(split.group.split) });
      }
    }
  }
  return found;
}

/** Split → records, of those that have any. */
export async function splitCounts(name?: string): Promise<Record<string, number>> {
  return Object.fromEntries((await splitNodes(name)).map(({ group }) => [String(group.split), group.count]));
}

export function activeInput(): { uri: vscode.Uri; viewType: string } | undefined {
  const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
  return input instanceof vscode.TabInputCustom ? input : undefined;
}
