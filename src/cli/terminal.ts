import { Cancellation } from '../common/job.ts';
import type { JobContext, Progress } from '../common/job.ts';

const redrawMs = 100;
const plainLineMs = 15_000;
const barWidth = 24;

/**
 * A job's context on a terminal: one bar that is redrawn, with rate and time left. Where the output is no terminal: a
 * line for each new stage and every 15 s. All of it goes to stderr, so that stdout has results only.
 */
export class Terminal implements JobContext {
  readonly cancellation = new Cancellation();
  readonly #interactive = process.stderr.isTTY === true;
  #stage = '';
  #stageStart = 0;
  #startDone = 0;
  #lastDraw = 0;
  #drawn = false;

  constructor() {
    process.on('SIGINT', () => {
      if (this.cancellation.requested) process.exit(130);
      this.log('Stopping … (press Ctrl-C again to stop at once)');
      this.cancellation.cancel();
    });
    process.on('SIGTERM', () => this.cancellation.cancel());
  }

  progress(snapshot: Progress): void {
    const now = performance.now();
    const stageKey = snapshot.stage.replace(/\d+/g, '#');
    const isNew = stageKey !== this.#stage;
    if (isNew) {
      this.#stage = stageKey;
      this.#stageStart = now;
      this.#startDone = snapshot.done;
    }
    const ended = snapshot.total > 0 && snapshot.done >= snapshot.total;
    if (!isNew && !ended && now - this.#lastDraw < (this.#interactive ? redrawMs : plainLineMs)) return;
    if (!this.#interactive && ended && !isNew && now - this.#lastDraw < 1000) return;
    this.#lastDraw = now;
    const line = this.#line(snapshot, now);
    if (this.#interactive) {
      process.stderr.write(`\r\x1b[2K${line.slice(0, (process.stderr.columns ?? 120) - 1)}`);
      this.#drawn = true;
    } else {
      process.stderr.write(line + '\n');
    }
  }

  log(line: string): void {
    this.clear();
    process.stderr.write(line + '\n');
  }

  /** Remove the bar, before something else is printed. */
  clear(): void {
    if (this.#drawn) process.stderr.write('\r\x1b[2K');
    this.#drawn = false;
  }

  #line({ stage, done, total, unit, figures }: Progress, now: number): string {
    const parts = [stage];
    if (total > 0) {
      const filled = Math.round((barWidth * done) / total);
      parts.push(`${'█'.repeat(filled)}${'░'.repeat(barWidth - filled)} ${done}/${total} ${unit}`);
    }
    const seconds = (now - this.#stageStart) / 1000;
    const rate = seconds > 0.5 ? (done - this.#startDone) / seconds : 0;
    if (rate > 0) parts.push(`${rate >= 10 ? rate.toFixed(0) : rate.toFixed(1)} ${unit}/s`);
    if (rate > 0 && total > done) parts.push(`${durationText((total - done) / rate)} left`);
    for (const [name, value] of Object.entries(figures ?? {})) parts.push(`${name} ${value.toFixed(3)}`);
    return parts.join('  ');
  }
}

/** `42 s`, `3 min 05 s`, `2 h 10 min`. */
export function durationText(seconds: number): string {
  const s = Math.round(seconds);
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${String(s % 60).padStart(2, '0')} s`;
  return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
}
