import { isHighContrast, type Theme } from '../shared/theme.ts';
import type { Pyramid } from './pyramid.ts';
import { pixelsPerMm, type ViewRange } from './view-range.ts';

export interface Lead {
  name: string;
  rate: number;
  pyramid: Pyramid;
  /** mV drawn in the middle of the lead's row. */
  center: number;
}

/** Below so many pixels a sample, columns of smallest and largest are drawn instead of a line. */
const lineFrom = 0.5;

/** One lead, its `center` at height `middle`. */
export function drawTrace(
  context: CanvasRenderingContext2D,
  view: ViewRange,
  lead: Lead,
  middle: number,
  theme: Theme,
): void {
  const pixelsPerMillivolt = view.state.mmPerMillivolt * pixelsPerMm;
  const y = (value: number): number => middle - (value - lead.center) * pixelsPerMillivolt;
  context.strokeStyle = theme.foreground;
  context.lineWidth = isHighContrast(theme) ? 2 : 1.25;
  context.lineJoin = 'round';
  context.beginPath();
  if (view.pixelsPerSecond / lead.rate >= lineFrom) drawLine(context, view, lead, y);
  else drawColumns(context, view, lead, y);
  context.stroke();
}

function drawLine(
  context: CanvasRenderingContext2D,
  view: ViewRange,
  { rate, pyramid: { samples } }: Lead,
  y: (value: number) => number,
): void {
  const from = Math.max(0, Math.floor(view.state.start * rate) - 1);
  const to = Math.min(samples.length - 1, Math.ceil(view.end * rate) + 1);
  let drawing = false;
  for (let i = from; i <= to; i++) {
    const value = samples[i];
    if (Number.isNaN(value)) {
      drawing = false; // A gap stays a gap.
      continue;
    }
    const x = view.x(i / rate);
    if (drawing) context.lineTo(x, y(value));
    else context.moveTo(x, y(value));
    drawing = true;
  }
}

function drawColumns(
  context: CanvasRenderingContext2D,
  view: ViewRange,
  { rate, pyramid }: Lead,
  y: (value: number) => number,
): void {
  const samplesPerPixel = rate / view.pixelsPerSecond;
  const last = Math.min(view.width, view.x(pyramid.samples.length / rate));
  for (let x = 0; x < last; x++) {
    const start = view.seconds(x) * rate;
    const [low, high] = pyramid.range(start, start + samplesPerPixel);
    if (Number.isNaN(low)) continue;
    const top = y(high);
    context.moveTo(x + 0.5, top);
    context.lineTo(x + 0.5, Math.max(y(low), top + 1));
  }
}

/** The calibration pulse that every ECG print has: 1 mV high, 0.2 s wide, at the left edge. */
export function drawCalibration(
  context: CanvasRenderingContext2D,
  view: ViewRange,
  bottom: number,
  theme: Theme,
): void {
  const height = view.state.mmPerMillivolt * pixelsPerMm;
  const width = Math.max(4, 0.2 * view.pixelsPerSecond);
  context.strokeStyle = theme.muted;
  context.lineWidth = 1.5;
  context.beginPath();
  context.moveTo(4, bottom);
  context.lineTo(8, bottom);
  context.lineTo(8, bottom - height);
  context.lineTo(8 + width, bottom - height);
  context.lineTo(8 + width, bottom);
  context.lineTo(12 + width, bottom);
  context.stroke();
}

/** Median of some samples: baseline wander and spikes do not move it. */
export function centerOf(samples: Float32Array): number {
  const step = Math.max(1, Math.floor(samples.length / 2000));
  const some: number[] = [];
  for (let i = 0; i < samples.length; i += step) if (!Number.isNaN(samples[i])) some.push(samples[i]);
  some.sort((a, b) => a - b);
  return some[Math.floor(some.length / 2)] ?? 0;
}
