import * as vscode from 'vscode';
import type { Probe } from '../../jobs/flash.ts';
import { DisposableStore } from '../dispose.ts';
import { commandIds, contextValues } from '../ids.ts';
import type { Studio } from '../studio.ts';

export interface EmulatorNode {
  kind: 'emulator';
}
export interface ProbeNode {
  kind: 'probe';
  probe: Probe;
}
interface HintNode {
  kind: 'hint';
}
type Node = EmulatorNode | ProbeNode | HintNode;

/** The emulator, and the probes that were found. */
export class BoardsView implements vscode.TreeDataProvider<Node>, vscode.Disposable {
  readonly #studio: Studio;
  readonly #store = new DisposableStore();
  readonly #changed = this.#store.add(new vscode.EventEmitter<undefined>());
  readonly onDidChangeTreeData = this.#changed.event;

  constructor(studio: Studio) {
    this.#studio = studio;
    this.#store.add(studio.boards.onDidChange(() => this.#changed.fire(undefined)));
  }

  getChildren(node?: Node): Node[] {
    if (node) return [];
    const probes = this.#studio.boards.probes ?? [];
    const found = probes.map((probe): Node => ({ kind: 'probe', probe }));
    return [{ kind: 'emulator' }, ...(found.length > 0 ? found : [{ kind: 'hint' } as const])];
  }

  getTreeItem(node: Node): vscode.TreeItem {
    switch (node.kind) {
      case 'emulator': {
        const item = new vscode.TreeItem('Emulator');
        item.description = 'QEMU, Cortex-M4F, 512 kB flash, 64 kB RAM';
        item.tooltip =
          'The nRF52832’s memory map and limits on an emulated Cortex-M4F. Computes bit for bit what the device computes; its time is an estimate.';
        item.iconPath = new vscode.ThemeIcon('vm');
        item.contextValue = contextValues.emulator;
        return item;
      }
      case 'probe': {
        const item = new vscode.TreeItem(node.probe.name);
        item.description = node.probe.description;
        item.iconPath = new vscode.ThemeIcon('circuit-board');
        item.contextValue = contextValues.probe;
        return item;
      }
      case 'hint': {
        const looked = this.#studio.boards.probes !== undefined;
        const item = new vscode.TreeItem(looked ? 'No probe found' : 'Find probes …');
        item.description = looked ? 'CMSIS-DAP, J-Link, ST-Link' : '';
        item.tooltip = looked
          ? 'Plug the probe in, power the board, and look again. On Linux, udev rules may be needed to use it without root.'
          : 'Looks for CMSIS-DAP, J-Link and ST-Link probes through OpenOCD.';
        item.iconPath = new vscode.ThemeIcon('search');
        item.command = { command: commandIds.findProbes, title: 'Find Probes' };
        return item;
      }
    }
  }

  dispose(): void {
    this.#store.dispose();
  }
}
