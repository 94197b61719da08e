import { Worker } from 'node:worker_threads';
import { Cancellation } from '../common/job.ts';
import { processEntry } from '../common/product.ts';
import type { FailureData } from '../protocol/compute.ts';
import type { ThreadMessage, ThreadRequest } from './thread-protocol.ts';

/** What is told of a request before it ends. */
export type Listener = (
  message: Exclude<ThreadMessage, { result: unknown } | { failure: FailureData }>,
) => void;

/** A request failed in its thread; `data` says how. */
export class ThreadFailure extends Error {
  readonly data: FailureData;
  constructor(data: FailureData) {
    super(data.message);
    this.name = 'ThreadFailure';
    this.data = data;
  }
}

interface Pending {
  resolve(result: unknown): void;
  reject(error: ThreadFailure): void;
  listener: Listener;
}

/** The thread that does jobs and answers queries. */
const jobThread = processEntry('compute', 'job-thread');

/** One worker thread that answers requests; each ends exactly once, also where the thread dies. */
export class ComputeThread {
  readonly #worker: Worker;
  readonly #pending = new Map<number, Pending>();
  #ended = false;

  /**
   * @param use what it is for; a thread of queries loads at once what the first ones need
   * @param entry file of a thread that speaks `thread-protocol.ts`
   */
  constructor(use: ThreadRequest['kind'], entry: string = jobThread) {
    this.#worker = new Worker(entry, { execArgv: [], workerData: use });
    this.#worker.on('message', (message: ThreadMessage) => this.#receive(message));
    // What it told before it died may arrive after the error, but before its end.
    let thrown: { message: string; stack?: string } | undefined;
    this.#worker.on('error', (error: unknown) => {
      thrown = error instanceof Error ? error : { message: String(error) };
    });
    this.#worker.on('exit', (code) =>
      this.#end(thrown?.message ?? `its thread ended with code ${code}`, thrown?.stack),
    );
  }

  get ended(): boolean {
    return this.#ended;
  }

  request(
    request: Omit<ThreadRequest, 'cancellation'>,
    cancellation: Cancellation,
    listener: Listener = () => {},
  ): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#ended) {
        // Nobody is there who could say so later.
        reject(died('its thread has ended'));
        return;
      }
      this.#pending.set(request.id, { resolve, reject, listener });
      const full: ThreadRequest = { ...request, cancellation: cancellation.flag.buffer };
      this.#worker.postMessage(full);
    });
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  #receive(message: ThreadMessage): void {
    const pending = this.#pending.get(message.id);
    if (!pending) return;
    if ('result' in message) {
      this.#pending.delete(message.id);
      pending.resolve(message.result);
    } else if ('failure' in message) {
      this.#pending.delete(message.id);
      pending.reject(new ThreadFailure(message.failure));
    } else pending.listener(message);
  }

  #end(message: string, stack?: string): void {
    this.#ended = true;
    for (const pending of this.#pending.values()) {
      pending.reject(died(message, stack));
    }
    this.#pending.clear();
  }
}

function died(message: string, stack?: string): ThreadFailure {
  return new ThreadFailure({ kind: 'defect', message, advice: '', place: {}, stack });
}
