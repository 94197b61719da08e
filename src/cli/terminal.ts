import { Cancellation } from '../common/job.ts';
import type { JobContext, Progress } from '../common/job.ts';
import { durationText, TimeLeft } from '../common/time-left.ts';

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
  readonly #timeLeft = new TimeLeft();
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
    const isNew = this.#timeLeft.isNewStage(snapshot);
    const speed = this.#timeLeft.update(snapshot, now);
    const ended = snapshot.total > 0 && snapshot.done >= snapshot.total;
    if (!isNew && !ended && now - this.#lastDraw < (this.#interactive ? redrawMs : plainLineMs)) return;
    if (!this.#interactive && ended && !isNew && now - this.#lastDraw < 1000) return;
    this.#lastDraw = now;
    const line = progressLine(snapshot, speed);
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
}

function progressLine(
  { stage, done, total, unit, figures }: Progress,
  speed: ReturnType<TimeLeft['update']>,
): string {
  const parts = [stage];
  if (total > 0) {
    const filled = Math.round((barWidth * done) / total);
    parts.push(`${'█'.repeat(filled)}${'░'.repeat(barWidth - filled)} ${done}/${total} ${unit}`);
  }
  if (speed) parts.push(`${speed.rate >= 10 ? speed.rate.toFixed(0) : speed.rate.toFixed(1)} ${unit}/s`);
  if (speed?.seconds !== undefined) parts.push(`${durationText(speed.seconds)} left`);
  for (const [name, value] of Object.entries(figures ?? {})) parts.push(`${name} ${value.toFixed(3)}`);
  return parts.join('  ');
}
