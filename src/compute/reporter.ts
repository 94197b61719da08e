import type { Progress } from '../common/job.ts';
import { TimeLeft } from '../common/time-left.ts';

/** At most ten snapshots a second leave a job's thread. */
const intervalMs = 100;

/** Passes on the newest snapshot, at most ten times a second; the last one of a burst follows when the thread has time. */
export class ProgressReporter {
  readonly #send: (progress: Progress, secondsLeft: number | undefined) => void;
  readonly #timeLeft = new TimeLeft();
  #pending: { progress: Progress; secondsLeft: number | undefined } | undefined;
  #timer: NodeJS.Timeout | undefined;
  #last = -Infinity;

  constructor(send: (progress: Progress, secondsLeft: number | undefined) => void) {
    this.#send = send;
  }

  report(progress: Progress): void {
    const now = performance.now();
    this.#pending = { progress, secondsLeft: this.#timeLeft.update(progress, now)?.seconds };
    const wait = this.#last + intervalMs - now;
    if (wait <= 0) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), wait);
  }

  /** Send what is pending now. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (!this.#pending) return;
    this.#last = performance.now();
    this.#send(this.#pending.progress, this.#pending.secondsLeft);
    this.#pending = undefined;
  }

  /** The job is over: what is pending says nothing any more. */
  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#pending = undefined;
  }
}
