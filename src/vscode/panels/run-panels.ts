import * as vscode from 'vscode';
import { DisposableStore } from '../dispose.ts';
import type { Studio } from '../studio.ts';
import { pageHtml, pageRoots, type PageName } from './page.ts';

/** What a panel keeps over a restart of the window. */
interface PanelState {
  run: string;
}

/** One page of one run. */
export interface RunPage extends vscode.Disposable {
  /** Draw anew what may have changed. */
  refresh(): void;
}

/** Panels that each show one run: one panel a run, named by it, and back after a restart. */
export abstract class RunPanels<P extends RunPage>
  implements vscode.WebviewPanelSerializer<PanelState>, vscode.Disposable
{
  protected readonly studio: Studio;
  readonly #store = new DisposableStore();
  readonly #open = new Map<string, { panel: vscode.WebviewPanel; page: P }>();
  readonly #viewType: string;
  readonly #name: PageName;

  constructor(studio: Studio, viewType: string, name: PageName) {
    this.studio = studio;
    this.#viewType = viewType;
    this.#name = name;
    this.#store.add(vscode.window.registerWebviewPanelSerializer(viewType, this));
    this.#store.add(studio.runs.onDidChange(() => this.#refreshAll()));
  }

  /** Folders of the runs that are shown; for tests. */
  get shown(): readonly string[] {
    return [...this.#open.keys()];
  }

  protected abstract title(run: string): string;
  protected abstract makePage(run: string, webview: vscode.Webview): P;

  /** Bring the run's panel to the front, making it where there is none. */
  protected reveal(run: string, preserveFocus: boolean): P {
    const known = this.#open.get(run);
    if (known) {
      known.panel.reveal(undefined, preserveFocus);
      return known.page;
    }
    const panel = vscode.window.createWebviewPanel(
      this.#viewType,
      this.title(run),
      { viewColumn: preserveFocus ? vscode.ViewColumn.Beside : vscode.ViewColumn.Active, preserveFocus },
      { enableScripts: true, localResourceRoots: pageRoots(this.studio.context.extensionUri) },
    );
    return this.#adopt(run, panel);
  }

  async deserializeWebviewPanel(panel: vscode.WebviewPanel, state: PanelState | undefined): Promise<void> {
    const run = state?.run;
    if (typeof run !== 'string' || !(await this.studio.runs.find(run))) {
      panel.dispose();
      return;
    }
    panel.webview.options = {
      enableScripts: true,
      localResourceRoots: pageRoots(this.studio.context.extensionUri),
    };
    this.#adopt(run, panel);
  }

  dispose(): void {
    for (const { panel } of [...this.#open.values()]) panel.dispose();
    this.#store.dispose();
  }

  #adopt(run: string, panel: vscode.WebviewPanel): P {
    panel.iconPath = vscode.Uri.joinPath(this.studio.context.extensionUri, 'media', 'icons', 'activity.svg');
    const page = this.makePage(run, panel.webview);
    this.#open.set(run, { panel, page });
    panel.onDidDispose(() => {
      this.#open.delete(run);
      page.dispose();
    });
    panel.webview.html = pageHtml(
      panel.webview,
      this.studio.context.extensionUri,
      this.#name,
      this.title(run),
    );
    return page;
  }

  #refreshAll(): void {
    for (const { page } of this.#open.values()) page.refresh();
  }
}
