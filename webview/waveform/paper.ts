import { isHighContrast, type Theme } from '../shared/theme.ts';
import { pixelsPerMm, type ViewRange } from './view-range.ts';

interface PaperColors {
  fine: string;
  coarse: string;
}

/** ECG paper is red on white; on dark themes the same red, faint; in high contrast only the 5 mm lines, fainter than the trace. */
function paperColors(theme: Theme): PaperColors {
  if (isHighContrast(theme))
    return { fine: 'transparent', coarse: `color-mix(in srgb, ${theme.foreground} 35%, transparent)` };
  return theme.kind === 'light'
    ? { fine: 'rgba(220, 80, 80, 0.16)', coarse: 'rgba(220, 80, 80, 0.42)' }
    : { fine: 'rgba(240, 110, 110, 0.10)', coarse: 'rgba(240, 110, 110, 0.26)' };
}

/** Lines closer than this are a grey smear. */
const closestPixels = 3;

/** 1 mm and 5 mm squares that move with the signal, and 0.2 s between coarse lines at 25 mm/s. */
export function drawPaper(
  context: CanvasRenderingContext2D,
  view: ViewRange,
  height: number,
  theme: Theme,
): void {
  const colors = paperColors(theme);
  const offset = view.state.start * view.pixelsPerSecond;
  for (const [mm, color] of [
    [1, colors.fine],
    [5, colors.coarse],
  ] as const) {
    const step = mm * pixelsPerMm;
    if (step < closestPixels) continue;
    context.beginPath();
    for (let x = -(offset % step); x < view.width; x += step) {
      const at = Math.round(x) + 0.5;
      context.moveTo(at, 0);
      context.lineTo(at, height);
    }
    for (let y = 0; y < height; y += step) {
      const at = Math.round(y) + 0.5;
      context.moveTo(0, at);
      context.lineTo(view.width, at);
    }
    context.lineWidth = 1;
    context.strokeStyle = color;
    context.stroke();
  }
}

const tickSteps = [0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600];
const closestTicks = 70;

/** Times along the upper edge. */
export function drawTimes(context: CanvasRenderingContext2D, view: ViewRange, theme: Theme): void {
  const step = tickSteps.find((s) => s * view.pixelsPerSecond >= closestTicks) ?? 7200;
  context.font = theme.font;
  context.fillStyle = theme.muted;
  context.strokeStyle = theme.muted;
  context.textBaseline = 'top';
  context.textAlign = 'left';
  context.beginPath();
  for (let i = Math.ceil(view.state.start / step); i * step <= Math.min(view.end, view.duration); i++) {
    const x = Math.round(view.x(i * step)) + 0.5;
    context.moveTo(x, 0);
    context.lineTo(x, 6);
    const text = timeText(i * step, step < 1 ? 1 : 0);
    if (x + 3 + context.measureText(text).width < view.width) context.fillText(text, x + 3, 2);
  }
  context.stroke();
}

/** `12.3 s`, `1:05`, `1:02:05`. */
export function timeText(time: number, digits: number): string {
  // Rounded before it is taken apart: 119.96 s is 2:00.0, not 1:60.0.
  const seconds = digits > 0 ? Number(time.toFixed(digits)) : time;
  if (seconds < 60) return `${seconds.toFixed(digits)} s`;
  const whole =
    digits > 0 ? (seconds % 60).toFixed(digits).padStart(3 + digits, '0') : pad(Math.floor(seconds % 60));
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes}:${whole}` : `${Math.floor(minutes / 60)}:${pad(minutes % 60)}:${whole}`;
}

function pad(value: number): string {
  return String(value).padStart(2, '0');
}
