import * as vscode from 'vscode';
import { DisposableStore } from '../dispose.ts';
import { debugType } from '../ids.ts';

/** Where a session's firmware stands; undefined: it runs, or has not stopped yet. */
export type Stop = { threadId: number } | undefined;

interface AdapterMessage {
  type: string;
  event?: string;
  command?: string;
  body?: { threadId?: number };
}

/** Requests with which the firmware runs on. */
const running = new Set(['continue', 'next', 'stepIn', 'stepOut', 'reverseContinue', 'stepBack']);

/**
 * The firmware's debug sessions and where each is stopped, heard from the adapter itself: the editor's focus may be
 * somewhere else.
 */
export class Stops implements vscode.Disposable {
  readonly #store = new DisposableStore();
  readonly #changed = this.#store.add(new vscode.EventEmitter<vscode.DebugSession>());
  readonly #sessions = new Map<string, { session: vscode.DebugSession; stop: Stop }>();
  /** Stopped, running again, or ended. */
  readonly onDidChange = this.#changed.event;

  constructor() {
    this.#store.add(
      vscode.debug.registerDebugAdapterTrackerFactory(debugType, {
        createDebugAdapterTracker: (session) => ({
          onWillStartSession: () => this.#set(session, undefined),
          onWillReceiveMessage: ({ type, command = '' }: AdapterMessage) => {
            if (type === 'request' && running.has(command)) this.#set(session, undefined);
          },
          onDidSendMessage: ({ type, event, body }: AdapterMessage) => {
            if (type !== 'event') return;
            if (event === 'stopped') this.#set(session, { threadId: body?.threadId ?? 1 });
            if (event === 'continued') this.#set(session, undefined);
          },
        }),
      }),
    );
    this.#store.add(
      vscode.debug.onDidTerminateDebugSession((session) => {
        if (this.#sessions.delete(session.id)) this.#changed.fire(session);
      }),
    );
  }

  /** The session in front, or the one that was started last. */
  get session(): vscode.DebugSession | undefined {
    const active = vscode.debug.activeDebugSession;
    if (active && this.#sessions.has(active.id)) return active;
    return [...this.#sessions.values()].at(-1)?.session;
  }

  find(id: string): vscode.DebugSession | undefined {
    return this.#sessions.get(id)?.session;
  }

  of(session: vscode.DebugSession): Stop {
    return this.#sessions.get(session.id)?.stop;
  }

  dispose(): void {
    this.#store.dispose();
  }

  #set(session: vscode.DebugSession, stop: Stop): void {
    this.#sessions.set(session.id, { session, stop });
    this.#changed.fire(session);
  }
}
