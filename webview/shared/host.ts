import { MessageChannel } from '../../src/protocol/message-channel.ts';

interface VsCodeApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}
declare function acquireVsCodeApi(): VsCodeApi;

const api = acquireVsCodeApi();

/** The channel to the extension; made once by each page. */
export function connect<Asks extends object, Hears extends object, Tells extends object>(): MessageChannel<
  object,
  Asks,
  Hears,
  Tells
> {
  const channel = new MessageChannel<object, Asks, Hears, Tells>((message) => api.postMessage(message));
  window.addEventListener('message', (event) => void channel.receive(event.data));
  return channel;
}

/** What the page keeps while its tab is hidden, and over a restart: where one was, never data. */
export function savedState<S extends object>(): Partial<S> {
  return api.getState() ?? {};
}

export function saveState<S extends object>(state: S): void {
  api.setState(state);
}
