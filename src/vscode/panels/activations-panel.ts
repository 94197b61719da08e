import * as vscode from 'vscode';
import { describeError } from '../../common/errors.ts';
import { MessageChannel } from '../../protocol/message-channel.ts';
import type { ActivationsHeard, ActivationsSnapshot, ActivationsTold } from '../../protocol/webview.ts';
import { readActivations, type Activations, type BlockProgress } from '../debug/activations.ts';
import { factsOf } from '../debug/target.ts';
import { DisposableStore } from '../dispose.ts';
import { panelIds } from '../ids.ts';
import type { Studio } from '../studio.ts';
import { SubjectPanels, type SubjectPage } from './subject-panels.ts';

/** The values around the block in which a session's firmware is stopped, read anew at each stop. */
export class ActivationsPanels extends SubjectPanels<ActivationsPage> {
  constructor(studio: Studio) {
    super(studio, { viewType: panelIds.activations, page: 'activations', stateKey: 'session' });
    this.store.add(studio.stops.onDidChange(() => this.refreshAll()));
  }

  /** Show the panel of a session beside the source, which keeps the keyboard. */
  show(session: vscode.DebugSession): Promise<ActivationsSnapshot> {
    return this.reveal(session.id, true, columnOfItsOwn()).snapshot();
  }

  protected override title(session: string): string {
    return `Activations: ${this.studio.stops.find(session)?.name ?? 'ended session'}`;
  }

  protected override makePage(session: string, webview: vscode.Webview): ActivationsPage {
    return new ActivationsPage(this.studio, session, webview);
  }

  /** A session does not survive a restart of the window. */
  protected override isThere(session: string): Promise<boolean> {
    return Promise.resolve(this.studio.stops.find(session) !== undefined);
  }
}

/**
 * The last column, a new one: in one with other editors the source of the next stop would open over the panel. VS Code locks
 * a column that begins with the panel (`workbench.editor.autoLockGroups` in package.json), and has nine of them at most.
 */
function columnOfItsOwn(): vscode.ViewColumn {
  return Math.min(vscode.window.tabGroups.all.length + 1, vscode.ViewColumn.Nine);
}

class ActivationsPage implements SubjectPage {
  readonly #studio: Studio;
  readonly #id: string;
  readonly #store = new DisposableStore();
  readonly #channel: MessageChannel<object, object, ActivationsTold, ActivationsHeard>;
  #latest: ActivationsSnapshot;
  /** One reading after the other: the adapter answers for the stop of now. */
  #reading: Promise<ActivationsSnapshot>;

  constructor(studio: Studio, id: string, webview: vscode.Webview) {
    this.#studio = studio;
    this.#id = id;
    const name = studio.stops.find(id)?.name ?? '';
    this.#latest = { session: id, name, state: 'running', error: '', place: '', tensors: [] };
    this.#reading = Promise.resolve(this.#latest);
    this.#channel = new MessageChannel((message) => void webview.postMessage(message));
    this.#store.add(webview.onDidReceiveMessage((message: unknown) => void this.#channel.receive(message)));
    this.#channel.on('ready', () => this.refresh());
  }

  refresh(): void {
    void this.snapshot();
  }

  /** What the page shows of the stop of now. */
  snapshot(): Promise<ActivationsSnapshot> {
    this.#reading = this.#reading.then(() => this.#read());
    return this.#reading;
  }

  dispose(): void {
    this.#store.dispose();
  }

  async #read(): Promise<ActivationsSnapshot> {
    this.#latest = { ...this.#latest, ...(await this.#now()) };
    if (!this.#store.disposed) this.#channel.tell('update', this.#latest);
    return this.#latest;
  }

  /** What has changed; values stay those of the last stop in the network. */
  async #now(): Promise<Partial<ActivationsSnapshot>> {
    const session = this.#studio.stops.find(this.#id);
    if (!session) return { state: 'ended', error: '' };
    const stop = this.#studio.stops.of(session);
    if (!stop) return { state: 'running', error: '' };
    const { blocks: names } = factsOf(session);
    try {
      const found = await readActivations(session, stop.threadId, names);
      if (!found) return { state: 'elsewhere', error: '' };
      return { state: 'stopped', error: '', place: placeText(found, names), tensors: found.tensors };
    } catch (error) {
      // The firmware may have run on meanwhile: then the next stop is read.
      if (this.#studio.stops.of(session) !== stop) return { state: 'running', error: '' };
      return { state: 'elsewhere', error: describeError(error) };
    }
  }
}

const progressTexts: Readonly<Record<BlockProgress, string>> = {
  next: 'is next: its output is that of something else still',
  running: 'is running: its output is not whole yet',
  done: 'has run',
  between: 'has run, or is next: the line does not tell',
};

function placeText({ block, blockCount, progress }: Activations, names: readonly string[]): string {
  return `Block ${block + 1} of ${blockCount}: ${names[block] ?? ''} ${progressTexts[progress]}`;
}
