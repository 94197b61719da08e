import * as path from 'node:path';
import * as vscode from 'vscode';
import { countText } from '../../common/count-text.ts';
import { bytesText } from '../../model/units.ts';
import type { ModelSummary } from '../../protocol/language.ts';
import { DisposableStore } from '../dispose.ts';
import { contextValues } from '../ids.ts';
import type { Studio } from '../studio.ts';

export interface ModelNode {
  kind: 'model';
  uri: vscode.Uri;
}
interface FactNode {
  kind: 'fact';
  label: string;
  description: string;
}
type Node = ModelNode | FactNode;

/** Model files with their totals; errors are shown as such and never as figures. */
export class ModelsView implements vscode.TreeDataProvider<Node>, vscode.Disposable {
  readonly #studio: Studio;
  readonly #store = new DisposableStore();
  readonly #changed = this.#store.add(new vscode.EventEmitter<Node | undefined>());
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #summaries = new Map<string, ModelSummary | { error: string }>();

  constructor(studio: Studio) {
    this.#studio = studio;
    this.#store.add(
      studio.files.onDidChange((kind) => {
        if (kind === 'model') this.refresh();
      }),
    );
  }

  refresh(): void {
    this.#summaries.clear();
    this.#changed.fire(undefined);
  }

  async getChildren(node?: Node): Promise<Node[]> {
    if (!node) return (await this.#studio.files.list('model')).map((uri) => ({ kind: 'model', uri }));
    if (node.kind === 'fact') return [];
    const summary = await this.#summary(node);
    return 'error' in summary || summary.errors > 0 ? [] : factsOf(summary);
  }

  getTreeItem(node: Node): vscode.TreeItem {
    if (node.kind === 'fact') {
      const item = new vscode.TreeItem(node.label);
      item.description = node.description;
      return item;
    }
    const item = new vscode.TreeItem(
      path.basename(node.uri.fsPath).replace(/\.ecgmodel\.ya?ml$/, ''),
      vscode.TreeItemCollapsibleState.Collapsed,
    );
    item.id = node.uri.toString();
    item.tooltip = node.uri.fsPath;
    item.iconPath = new vscode.ThemeIcon('layers');
    item.command = { command: 'vscode.open', title: 'Open', arguments: [node.uri] };
    item.contextValue = contextValues.model;
    const summary = this.#summaries.get(node.uri.toString());
    if (!summary) {
      void this.#summary(node).then(() => this.#changed.fire(node));
      return item;
    }
    if ('error' in summary || summary.errors > 0) {
      const text =
        'error' in summary
          ? summary.error
          : `line ${summary.firstError?.line ?? 1}: ${summary.firstError?.message ?? 'errors'}`;
      item.description = text.split('\n')[0];
      item.tooltip = text;
      item.iconPath = new vscode.ThemeIcon('error', new vscode.ThemeColor('list.errorForeground'));
      item.contextValue = contextValues.brokenModel;
      item.collapsibleState = vscode.TreeItemCollapsibleState.None;
      return item;
    }
    item.description = `${countText(summary.parameters)} parameters · ${macText(summary.macs)}`;
    if (summary.distillation) item.contextValue = contextValues.modelWithTeacher;
    return item;
  }

  dispose(): void {
    this.#store.dispose();
  }

  async #summary({ uri }: ModelNode): Promise<ModelSummary | { error: string }> {
    const key = uri.toString();
    const known = this.#summaries.get(key);
    if (known) return known;
    let summary: ModelSummary | { error: string };
    try {
      summary = await this.#studio.language.modelSummary(uri);
    } catch (error) {
      summary = { error: error instanceof Error ? error.message : String(error) };
    }
    this.#summaries.set(key, summary);
    return summary;
  }
}

function factsOf(summary: ModelSummary): FactNode[] {
  const fact = (label: string, description: string): FactNode => ({ kind: 'fact', label, description });
  return [
    fact('Classes', summary.classes.join(', ')),
    fact('Layers', String(summary.layers)),
    fact('Parameters', `${countText(summary.parameters)} (exact)`),
    ...(summary.flashLowerBound === undefined
      ? []
      : [fact('Flash', `at least ${bytesText(summary.flashLowerBound)} (the parameters, a lower bound)`)]),
    fact('A window', `${macText(summary.macs)}, ${countText(summary.operations)} operations (exact)`),
    fact('Training', `${summary.epochs} epochs`),
  ];
}

function macText(macs: number): string {
  return macs < 1e6 ? `${(macs / 1000).toFixed(0)} k MAC` : `${(macs / 1e6).toFixed(2)} M MAC`;
}
