import * as vscode from 'vscode';
import { DisposableStore } from '../dispose.ts';
import type { Studio } from '../studio.ts';
import { pageHtml, pageRoots, type PageName } from './page.ts';

/** One page of one subject. */
export interface SubjectPage extends vscode.Disposable {
  /** Draw anew what may have changed. */
  refresh(): void;
}

export interface PanelKind {
  viewType: string;
  page: PageName;
  /** Name of the subject in what a page keeps over a restart of the window. */
  stateKey: string;
}

/** Panels that each show one subject (a run, a dataset): one panel a subject, named by it, and back after a restart. */
export abstract class SubjectPanels<P extends SubjectPage>
  implements vscode.WebviewPanelSerializer<Record<string, unknown>>, vscode.Disposable
{
  protected readonly studio: Studio;
  protected readonly store = new DisposableStore();
  readonly #open = new Map<string, { panel: vscode.WebviewPanel; page: P }>();
  readonly #kind: PanelKind;

  constructor(studio: Studio, kind: PanelKind) {
    this.studio = studio;
    this.#kind = kind;
    this.store.add(vscode.window.registerWebviewPanelSerializer(kind.viewType, this));
  }

  /** Subjects that are shown; for tests. */
  get shown(): readonly string[] {
    return [...this.#open.keys()];
  }

  protected abstract title(subject: string): string;
  protected abstract makePage(subject: string, webview: vscode.Webview): P;
  /** Whether there is still something to show. */
  protected abstract isThere(subject: string): Promise<boolean>;

  /**
   * Bring the subject's panel to the front, making it where there is none.
   *
   * @param beside column of a new one that leaves the keyboard where it is
   */
  protected reveal(subject: string, preserveFocus: boolean, beside = vscode.ViewColumn.Beside): P {
    const known = this.#open.get(subject);
    if (known) {
      known.panel.reveal(undefined, preserveFocus);
      return known.page;
    }
    const panel = vscode.window.createWebviewPanel(
      this.#kind.viewType,
      this.title(subject),
      { viewColumn: preserveFocus ? beside : vscode.ViewColumn.Active, preserveFocus },
      { enableScripts: true, localResourceRoots: pageRoots(this.studio.context.extensionUri) },
    );
    return this.#adopt(subject, panel);
  }

  async deserializeWebviewPanel(
    panel: vscode.WebviewPanel,
    state: Record<string, unknown> | undefined,
  ): Promise<void> {
    const subject = state?.[this.#kind.stateKey];
    if (typeof subject !== 'string' || !(await this.isThere(subject))) {
      panel.dispose();
      return;
    }
    panel.webview.options = {
      enableScripts: true,
      localResourceRoots: pageRoots(this.studio.context.extensionUri),
    };
    this.#adopt(subject, panel);
  }

  dispose(): void {
    for (const { panel } of [...this.#open.values()]) panel.dispose();
    this.store.dispose();
  }

  protected refreshAll(): void {
    for (const { page } of this.#open.values()) page.refresh();
  }

  #adopt(subject: string, panel: vscode.WebviewPanel): P {
    const { extensionUri } = this.studio.context;
    panel.iconPath = vscode.Uri.joinPath(extensionUri, 'media', 'icons', 'activity.svg');
    const page = this.makePage(subject, panel.webview);
    this.#open.set(subject, { panel, page });
    panel.onDidDispose(() => {
      this.#open.delete(subject);
      page.dispose();
    });
    panel.webview.html = pageHtml(panel.webview, extensionUri, this.#kind.page, this.title(subject));
    return page;
  }
}
