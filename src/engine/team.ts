import { Worker } from 'node:worker_threads';
import { processEntry } from '../common/product.ts';
import type { Network } from '../model/network.ts';
import { failureText, phase, recordFailure, word, type Control, type Phase } from './control.ts';
import type { KernelModule } from './load.ts';
import type { Work } from './work.ts';

/** What a thread is started with. */
export interface ThreadStart {
  module: KernelModule;
  memory: WebAssembly.Memory;
  control: Control;
  network: Network;
  threads: number;
  thread: number;
  training: boolean;
  features: string | undefined;
}

/** Loads of a word before a thread goes to sleep: phases follow each other closely within a step. */
const spins = 4000;
/**
 * A thread that has not finished for so many waits is taken to be dead. Many short waits, since a computer that sleeps
 * ends only one of them.
 */
const patience = { waits: 60, milliseconds: 10_000 };

function describeFailure(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** Claim units until none are left; a failure is recorded, never thrown, so that every thread reaches the barrier. */
export function takePart(work: Work, control: Control): void {
  const { words } = control;
  try {
    const which = words[word.phase] as Phase;
    if (which === phase.forward) work.readBatch();
    const units = words[word.units];
    while (Atomics.load(words, word.failed) === 0) {
      const unit = Atomics.add(words, word.next, 1);
      if (unit >= units) break;
      work.do(which, unit);
    }
  } catch (error) {
    recordFailure(control, describeFailure(error));
  }
}

/** Until `words[index]` is not `value` any more; false after so many waits without a change. */
export function waitWhile(
  words: Int32Array<SharedArrayBuffer>,
  index: number,
  value: number,
  waits = Infinity,
): boolean {
  for (let i = 0; i < spins; i++) if (Atomics.load(words, index) !== value) return true;
  for (let waited = 0; Atomics.load(words, index) === value;) {
    const timedOut = Atomics.wait(words, index, value, patience.milliseconds) === 'timed-out';
    if (timedOut && ++waited >= waits) return false;
  }
  return true;
}

/** The other threads, and the phases that all of them and the calling thread do together. */
export class Team {
  readonly #control: Control;
  readonly #work: Work;
  readonly #workers: readonly Worker[];

  private constructor(control: Control, work: Work, workers: readonly Worker[]) {
    this.#control = control;
    this.#work = work;
    this.#workers = workers;
  }

  static async start(start: Omit<ThreadStart, 'thread'>, work: Work): Promise<Team> {
    const workers: Worker[] = [];
    try {
      for (let thread = 1; thread < start.threads; thread++) {
        const workerData: ThreadStart = { ...start, thread };
        workers.push(new Worker(processEntry('engine', 'engine-thread'), { workerData, execArgv: [] }));
      }
      await Promise.all(workers.map(ready));
    } catch (error) {
      await Promise.all(workers.map((worker) => worker.terminate()));
      throw error;
    }
    const team = new Team(start.control, work, workers);
    for (const worker of workers) {
      worker.unref();
      worker.on('error', (error: unknown) => recordFailure(start.control, describeFailure(error)));
      worker.on('exit', () => {
        if (Atomics.load(start.control.words, word.quit) === 0) {
          recordFailure(start.control, 'a thread of the engine ended');
        }
      });
    }
    return team;
  }

  /** All units of one phase; returns when every thread has finished, throws what failed in any of them. */
  run(which: Phase, units: number): void {
    const { words } = this.#control;
    this.#throwFailure();
    words[word.phase] = which;
    words[word.units] = units;
    Atomics.store(words, word.next, 0);
    Atomics.store(words, word.done, 0);
    Atomics.add(words, word.generation, 1);
    Atomics.notify(words, word.generation);
    takePart(this.#work, this.#control);
    for (let done = 0; done < this.#workers.length; done = Atomics.load(words, word.done)) {
      if (!waitWhile(words, word.done, done, patience.waits)) {
        recordFailure(this.#control, 'a thread of the engine stopped answering');
        break;
      }
    }
    this.#throwFailure();
  }

  async close(): Promise<void> {
    const { words } = this.#control;
    Atomics.store(words, word.quit, 1);
    Atomics.add(words, word.generation, 1);
    Atomics.notify(words, word.generation);
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }

  #throwFailure(): void {
    if (Atomics.load(this.#control.words, word.failed) !== 0) {
      throw new Error(`the engine failed: ${failureText(this.#control)}`);
    }
  }
}

function ready(worker: Worker): Promise<void> {
  return new Promise((resolve, reject) => {
    worker.once('message', () => resolve());
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`a thread of the engine ended with code ${code}`)));
  });
}
