import type { Progress } from './job.ts';

/** Seconds left of a job's current stage, from its rate since the stage began. Epochs of one training are one stage. */
export class TimeLeft {
  #stage = '';
  #started = 0;
  #startDone = 0;

  /** Units a second and seconds left at time `now` (ms); undefined while the rate means nothing yet. */
  update(
    { stage, done, total }: Progress,
    now: number,
  ): { rate: number; seconds: number | undefined } | undefined {
    // `epoch 3 of 20` and `epoch 4 of 20` are the same stage.
    const key = stage.replace(/\d+/g, '#');
    if (key !== this.#stage) {
      this.#stage = key;
      this.#started = now;
      this.#startDone = done;
    }
    const elapsed = (now - this.#started) / 1000;
    const rate = elapsed > 0.5 ? (done - this.#startDone) / elapsed : 0;
    if (!(rate > 0)) return undefined;
    return { rate, seconds: total > done ? (total - done) / rate : undefined };
  }

  /** Whether the snapshot begins another stage than the one before. */
  isNewStage({ stage }: Progress): boolean {
    return stage.replace(/\d+/g, '#') !== this.#stage;
  }
}

/** `42 s`, `3 min 05 s`, `2 h 10 min`. */
export function durationText(seconds: number): string {
  const s = Math.round(seconds);
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${String(s % 60).padStart(2, '0')} s`;
  return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
}
