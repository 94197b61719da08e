import { CancelledError } from './errors.ts';

/** A full snapshot of where a job is (never a difference to the snapshot before). */
export interface Progress {
  /** What is being done now, in the user's words: `epoch 3 of 20`. */
  stage: string;
  /** Units done and in all, of the current stage. `total` 0 where it cannot be known. */
  done: number;
  total: number;
  /** What a unit is: `records`, `batches`, `windows`. */
  unit: string;
  /** Figures worth showing beside the bar: loss, F1. */
  figures?: Record<string, number>;
}

/** Cancellation that crosses threads: one Int32 in shared memory, 0 = go on, 1 = stop. */
export class Cancellation {
  readonly flag: Int32Array<SharedArrayBuffer>;

  constructor(buffer: SharedArrayBuffer = new SharedArrayBuffer(4)) {
    this.flag = new Int32Array(buffer);
  }

  get requested(): boolean {
    return Atomics.load(this.flag, 0) !== 0;
  }

  cancel(): void {
    Atomics.store(this.flag, 0, 1);
    Atomics.notify(this.flag, 0);
  }

  throwIfRequested(): void {
    if (this.requested) throw new CancelledError();
  }
}

/** What every job is given: it reports, asks whether to stop, and logs; it knows no terminal and no editor. */
export interface JobContext {
  progress(snapshot: Progress): void;
  log(line: string): void;
  cancellation: Cancellation;
}

/** A context that reports to nobody; for tests and for jobs inside jobs. */
export function silentContext(cancellation = new Cancellation()): JobContext {
  return { progress: () => {}, log: () => {}, cancellation };
}

/** Let timers, signals and messages be handled between two stretches of synchronous work. */
export function yieldToEventLoop(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
