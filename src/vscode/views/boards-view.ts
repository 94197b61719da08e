import * as vscode from 'vscode';
import type { Probe } from '../../jobs/flash.ts';
import { boardName, chosenBoard } from '../chosen-board.ts';
import { DisposableStore } from '../dispose.ts';
import { commandIds, contextValues, settingIds } from '../ids.ts';
import type { Studio } from '../studio.ts';

export interface EmulatorNode {
  kind: 'emulator';
}
export interface ProbeNode {
  kind: 'probe';
  probe: Probe;
}
export interface BoardFileNode {
  kind: 'board-file';
  uri: vscode.Uri;
  /** Firmware is made for it. */
  chosen: boolean;
}
interface HintNode {
  kind: 'hint';
}
type Node = EmulatorNode | ProbeNode | BoardFileNode | HintNode;

/** Board files with the one that firmware is made for, the emulator, and the probes that were found. */
export class BoardsView implements vscode.TreeDataProvider<Node>, vscode.Disposable {
  readonly #studio: Studio;
  readonly #store = new DisposableStore();
  readonly #changed = this.#store.add(new vscode.EventEmitter<undefined>());
  readonly onDidChangeTreeData = this.#changed.event;
  /** undefined: nobody has looked at the view yet. */
  #files: BoardFileNode[] | undefined;

  constructor(studio: Studio) {
    this.#studio = studio;
    this.#store.add(studio.boards.onDidChange(() => this.#changed.fire(undefined)));
    this.#store.add(
      studio.files.onDidChange((kind) => {
        if (kind === 'board') void this.#lookForFiles();
      }),
    );
    this.#store.add(
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration(settingIds.board)) void this.#lookForFiles();
      }),
    );
  }

  getChildren(node?: Node): Node[] {
    if (node) return [];
    const probes = this.#studio.boards.probes ?? [];
    const found = probes.map((probe): Node => ({ kind: 'probe', probe }));
    if (!this.#files) void this.#lookForFiles();
    return [
      ...(this.#files ?? []),
      { kind: 'emulator' },
      ...(found.length > 0 ? found : [{ kind: 'hint' } as const]),
    ];
  }

  getTreeItem(node: Node): vscode.TreeItem {
    switch (node.kind) {
      case 'board-file': {
        const item = new vscode.TreeItem(boardName(node.uri));
        item.id = node.uri.toString();
        item.description = node.chosen ? 'firmware is made for it' : '';
        item.tooltip = node.uri.fsPath;
        item.iconPath = new vscode.ThemeIcon(node.chosen ? 'pass-filled' : 'circle-large-outline');
        item.contextValue = contextValues.boardFile;
        item.command = { command: 'vscode.open', title: 'Open', arguments: [node.uri] };
        return item;
      }
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

  async #lookForFiles(): Promise<void> {
    const uris = await this.#studio.files.list('board');
    this.#files = await Promise.all(
      uris.map(async (uri): Promise<BoardFileNode> => {
        const board = await chosenBoard(this.#studio, uri).catch(() => 'not-chosen' as const);
        return { kind: 'board-file', uri, chosen: board !== 'not-chosen' && board.file === uri.fsPath };
      }),
    );
    if (!this.#store.disposed) this.#changed.fire(undefined);
  }

  dispose(): void {
    this.#store.dispose();
  }
}
