import { durationText } from '../../common/time-left.ts';
import type { Job } from '../job-list.ts';

/** `epoch 3 of 20 · 45 s left`, for the status item and the trees. */
export function progressText({ progress, secondsLeft, cancelling }: Job): string {
  if (cancelling) return 'stopping …';
  if (!progress) return 'starting …';
  const parts = [progress.stage.replace(/^[^:]*: (?=epoch)/, '')];
  if (progress.total > 0 && !/epoch/.test(progress.stage)) {
    parts.push(`${Math.floor((100 * progress.done) / progress.total)} %`);
  }
  if (secondsLeft !== undefined) parts.push(`${durationText(secondsLeft)} left`);
  return parts.join(' · ');
}

export function figureText(value: number): string {
  return value.toFixed(3);
}

/** Names of classes and files are shown as they are: no Markdown in them. */
export function escapeMarkdown(text: string): string {
  return text.replaceAll(/[\\`*_{}[\]()#+\-.!|<>~]/g, '\\$&');
}
