import * as path from 'node:path';
import * as vscode from 'vscode';
import type { RunInfo } from '../../training/run-folder.ts';
import type { ReportFigures, RunSummary, WholeRun } from '../../training/run-summary.ts';
import { DisposableStore } from '../dispose.ts';
import { commandIds } from '../ids.ts';
import { isWhole } from '../run-list.ts';
import type { Studio } from '../studio.ts';
import { figureText, progressText } from './format.ts';

export interface RunNode {
  kind: 'run';
  run: RunSummary;
}
interface FactNode {
  kind: 'fact';
  run: WholeRun;
  label: string;
  description: string;
  icon: string;
  command?: string;
}
type Node = RunNode | FactNode;

const icons: Readonly<Record<RunInfo['status'], vscode.ThemeIcon>> = {
  running: new vscode.ThemeIcon('sync~spin', new vscode.ThemeColor('charts.blue')),
  done: new vscode.ThemeIcon('pass', new vscode.ThemeColor('testing.iconPassed')),
  failed: new vscode.ThemeIcon('error', new vscode.ThemeColor('testing.iconFailed')),
  cancelled: new vscode.ThemeIcon('circle-slash'),
  interrupted: new vscode.ThemeIcon('debug-pause', new vscode.ThemeColor('charts.yellow')),
};

/** Runs with status and best F1; below each what is known of it. */
export class RunsView implements vscode.TreeDataProvider<Node>, vscode.Disposable {
  readonly #studio: Studio;
  readonly #store = new DisposableStore();
  readonly #changed = this.#store.add(new vscode.EventEmitter<Node | undefined>());
  readonly onDidChangeTreeData = this.#changed.event;
  /** Nodes keep their identity, so that progress redraws one line and not the tree. */
  #nodes = new Map<string, RunNode>();

  constructor(studio: Studio) {
    this.#studio = studio;
    this.#store.add(studio.runs.onDidChange(() => this.#changed.fire(undefined)));
    this.#store.add(
      studio.jobs.onDidChange(({ run }) => {
        const node = run === undefined ? undefined : this.#nodes.get(run);
        if (node) this.#changed.fire(node);
      }),
    );
  }

  async getChildren(node?: Node): Promise<Node[]> {
    if (node?.kind === 'run') return isWhole(node.run) ? facts(node.run) : [];
    if (node) return [];
    const runs = await this.#studio.runs.list();
    this.#nodes = new Map(runs.map((run) => [run.folder, { kind: 'run', run }]));
    return [...this.#nodes.values()];
  }

  getParent(): undefined {
    return undefined;
  }

  getTreeItem(node: Node): vscode.TreeItem {
    return node.kind === 'run' ? this.#runItem(node.run) : factItem(node);
  }

  dispose(): void {
    this.#store.dispose();
  }

  #runItem(run: RunSummary): vscode.TreeItem {
    const base = path.basename(run.folder);
    const item = new vscode.TreeItem(base);
    item.id = run.folder;
    item.resourceUri = vscode.Uri.file(run.folder);
    if (!isWhole(run)) {
      item.label = base;
      item.description = `damaged: ${run.damaged}`;
      item.tooltip = `${run.folder}\n${run.damaged}. Its files are untouched: restore what is missing, or delete the run.`;
      item.iconPath = new vscode.ThemeIcon('warning', new vscode.ThemeColor('list.warningForeground'));
      item.contextValue = 'damaged';
      return item;
    }
    const { info } = run;
    const job = this.#studio.jobs.ofRun(run.folder);
    item.label = info.name;
    item.iconPath = job ? icons.running : icons[info.status];
    item.description = job ? progressText(job) : `${statusText(run)} · ${startText(base)}`;
    item.contextValue = contextValue(run, job !== undefined);
    item.tooltip = tooltip(run);
    item.collapsibleState = vscode.TreeItemCollapsibleState.Collapsed;
    item.accessibilityInformation = { label: `Run ${info.name}, ${item.description}` };
    return item;
  }
}

/** A run that another job of this window uses (an evaluation, say) can be cancelled, but not evaluated meanwhile. */
function contextValue(run: WholeRun, busy: boolean): string {
  const values = ['run', busy ? 'running' : run.info.status];
  if (run.evaluated || run.evaluatedInteger) values.push('evaluated');
  if (run.firmware) values.push('firmware');
  return values.join(' ');
}

function statusText({ info, evaluated }: WholeRun): string {
  const best = evaluated
    ? `F1 ${figureText(evaluated.f1Mean)} (${evaluated.split})`
    : info.best && `F1 ${figureText(info.best.validationF1)} (validation)`;
  return [info.status, ...(best ? [best] : [])].join(' · ');
}

/** `2026-11-22-065633-slim` → `22 Nov 06:56`, in the user's time. */
function startText(folderName: string): string {
  const match = /^(\d{4})-(\d\d)-(\d\d)-(\d\d)(\d\d)(\d\d)/.exec(folderName);
  if (!match) return folderName;
  const [year, month, day, hour, minute, second] = match.slice(1).map(Number);
  const date = new Date(Date.UTC(year, month - 1, day, hour, minute, second));
  return date.toLocaleString(undefined, {
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
  });
}

function tooltip({ folder, info }: WholeRun): string {
  return [
    `${info.kind === 'distill' ? 'Distillation' : 'Training'} of ${info.name}: ${info.status}`,
    ...(info.error ? [info.error] : []),
    `${info.epochs} epochs, seed ${info.seed}, ${info.threads} threads, engine ${info.engine || 'not started'}`,
    `Dataset ${info.dataset.name}${info.dataset.synthetic ? ' (synthetic: figures say nothing about real recordings)' : ''}`,
    folder,
  ].join('\n');
}

function facts(run: WholeRun): FactNode[] {
  const { info } = run;
  const nodes: FactNode[] = [];
  const add = (label: string, description: string, icon: string, command?: string): void => {
    nodes.push({ kind: 'fact', run, label, description, icon, command });
  };
  if (info.error) add('Error', info.error.split('\n')[0], 'error', commandIds.showLog);
  if (info.best) {
    add(
      'Training curves',
      `best of ${info.epochs} epochs: ${info.best.epoch}, F1 ${figureText(info.best.validationF1)} (validation)`,
      'graph-line',
      commandIds.showCurves,
    );
  } else add('Training curves', `${info.epochs} epochs`, 'graph-line', commandIds.showCurves);
  if (run.evaluated) add('Confusion matrix', figuresText(run.evaluated), 'table', commandIds.showEvaluation);
  if (run.evaluatedInteger) {
    add('As on the device', figuresText(run.evaluatedInteger), 'circuit-board', commandIds.showEvaluation);
  }
  if (run.quantized) add('Quantised', 'quantized/', 'symbol-numeric');
  if (run.firmware) add('Firmware', 'firmware/', 'file-code', commandIds.firmwareReport);
  add('Dataset', `${info.dataset.name}${info.dataset.synthetic ? ', synthetic' : ''}`, 'database');
  return nodes;
}

function figuresText({ f1Mean, accuracy, records, split }: ReportFigures): string {
  return `F1 ${figureText(f1Mean)}, accuracy ${figureText(accuracy)} · ${records} records (${split})`;
}

function factItem(node: FactNode): vscode.TreeItem {
  const item = new vscode.TreeItem(node.label);
  item.description = node.description;
  item.iconPath = new vscode.ThemeIcon(node.icon);
  item.tooltip = `${node.label}: ${node.description}`;
  if (node.command) {
    const argument =
      node.label === 'As on the device'
        ? [{ kind: 'run', run: node.run }, 'integer']
        : [{ kind: 'run', run: node.run }];
    item.command = { command: node.command, title: node.label, arguments: argument };
  }
  return item;
}
