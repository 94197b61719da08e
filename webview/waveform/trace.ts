import { isHighContrast, type Theme } from '../shared/theme.ts';
import type { LeadSignal } from './lead-signal.ts';
import { pixelsPerMm, type ViewRange } from './view-range.ts';

export interface Lead {
  name: string;
  /** `mV`, or what a lead that is no voltage has. */
  units: string;
  /** Units that are drawn as high as a millivolt. */
  unitsPerMillivolt: number;
  rate: number;
  signal: LeadSignal;
  /** mV drawn in the middle of the lead's row; undefined: not known yet. */
  center: number | undefined;
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
  const y = (value: number): number => middle - (value - (lead.center ?? 0)) * pixelsPerMillivolt;
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
  { rate, signal }: Lead,
  y: (value: number) => number,
): void {
  const from = Math.max(0, Math.floor(view.state.start * rate) - 1);
  const to = Math.min(signal.length - 1, Math.ceil(view.end * rate) + 1);
  let drawing = false;
  for (let i = from; i <= to; i++) {
    const value = signal.at(i);
    if (value === undefined || Number.isNaN(value)) {
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
  { rate, signal }: Lead,
  y: (value: number) => number,
): void {
  const samplesPerPixel = rate / view.pixelsPerSecond;
  const last = Math.min(view.width, view.x(signal.length / rate));
  for (let x = 0; x < last; x++) {
    const start = view.seconds(x) * rate;
    const [low, high] = signal.range(start, start + samplesPerPixel);
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

/** Samples that a lead's middle is taken of: more say the same. */
const centerSamples = 2000;

/**
 * mV in the middle of a lead: the median of some samples that are seen, so that baseline wander and spikes do not move it, else of
 * the middles of its envelope; undefined where nothing is known yet.
 */
export function centerOf({ signal, rate }: Lead, view: ViewRange): number | undefined {
  const [from, to] = [view.state.start * rate, Math.min(signal.length, view.end * rate)];
  const step = Math.max(1, Math.floor((to - from) / centerSamples));
  const some: number[] = [];
  for (let i = Math.floor(from); i < to; i += step) {
    const value = signal.at(i) ?? middleOf(signal.range(i, i + step));
    if (!Number.isNaN(value)) some.push(value);
  }
  some.sort((a, b) => a - b);
  return some.length > 0 ? some[some.length >> 1] : undefined;
}

function middleOf([low, high]: [number, number]): number {
  return (low + high) / 2;
}
