/**
 * Requests and events between two sides that can only post messages: the extension and a webview. Each side says by two
 * interfaces what it answers and what it hears; names, parameters and results are checked by the compiler on both.
 */

/** Name → parameters and result. */
export type RequestMap = object;
/** Name → parameters. */
export type EventMap = object;

type Params<M, N extends keyof M> = M[N] extends { params: infer P } ? P : never;
type Result<M, N extends keyof M> = M[N] extends { result: infer R } ? R : never;

type Message =
  | { kind: 'request'; id: number; name: string; params: unknown }
  | { kind: 'response'; id: number; result: unknown }
  | { kind: 'failure'; id: number; message: string }
  | { kind: 'event'; name: string; params: unknown };

/** What one side can be asked (`Answers`), what it asks (`Asks`), what it hears (`Hears`) and what it tells (`Tells`). */
export class MessageChannel<
  Answers extends RequestMap,
  Asks extends RequestMap,
  Hears extends EventMap,
  Tells extends EventMap,
> {
  readonly #post: (message: unknown) => void;
  readonly #handlers = new Map<string, (params: unknown) => unknown>();
  readonly #listeners = new Map<string, (params: unknown) => void>();
  readonly #pending = new Map<
    number,
    { resolve: (result: unknown) => void; reject: (error: Error) => void }
  >();
  #nextId = 1;

  constructor(post: (message: unknown) => void) {
    this.#post = post;
  }

  answer<N extends keyof Answers & string>(
    name: N,
    handler: (params: Params<Answers, N>) => Promise<Result<Answers, N>> | Result<Answers, N>,
  ): void {
    this.#handlers.set(name, handler as (params: unknown) => unknown);
  }

  on<N extends keyof Hears & string>(name: N, listener: (params: Hears[N]) => void): void {
    this.#listeners.set(name, listener as (params: unknown) => void);
  }

  tell<N extends keyof Tells & string>(name: N, params: Tells[N]): void {
    this.#send({ kind: 'event', name, params });
  }

  /** Rejects with what the other side threw. */
  ask<N extends keyof Asks & string>(name: N, params: Params<Asks, N>): Promise<Result<Asks, N>> {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve: resolve as (result: unknown) => void, reject });
      this.#send({ kind: 'request', id, name, params });
    });
  }

  /** Give every message that arrives to this; anything else than our own is ignored. */
  async receive(data: unknown): Promise<void> {
    const message = data as Partial<Message> | undefined;
    switch (message?.kind) {
      case 'event':
        this.#listeners.get(message.name ?? '')?.(message.params);
        return;
      case 'request':
        if (typeof message.id !== 'number' || typeof message.name !== 'string') return;
        return this.#handle(message as Extract<Message, { kind: 'request' }>);
      case 'response':
        this.#take(message.id)?.resolve(message.result);
        return;
      case 'failure':
        this.#take(message.id)?.reject(new Error(message.message));
    }
  }

  async #handle({ id, name, params }: Extract<Message, { kind: 'request' }>): Promise<void> {
    try {
      const handler = this.#handlers.get(name);
      if (!handler) throw new Error(`nobody answers ${name}`);
      this.#send({ kind: 'response', id, result: await handler(params) });
    } catch (error) {
      this.#send({ kind: 'failure', id, message: error instanceof Error ? error.message : String(error) });
    }
  }

  #take(
    id: number | undefined,
  ): { resolve: (result: unknown) => void; reject: (error: Error) => void } | undefined {
    const pending = this.#pending.get(id ?? 0);
    this.#pending.delete(id ?? 0);
    return pending;
  }

  #send(message: Message): void {
    this.#post(message);
  }
}
