import type { WindowProbabilities } from '../../src/jobs/window-probabilities.ts';
import type { Theme } from '../shared/theme.ts';
import type { ViewRange } from './view-range.ts';

export const stripHeight = 64;

/** What the network says, after each window. */
export class Windows {
  readonly data: WindowProbabilities;

  constructor(data: WindowProbabilities) {
    this.data = data;
  }

  get count(): number {
    return this.data.probabilities.length / this.data.classes.length;
  }

  of(window: number): Float32Array {
    const classes = this.data.classes.length;
    return this.data.probabilities.subarray(window * classes, (window + 1) * classes);
  }

  winner(window: number): number {
    const row = this.of(window);
    return row.indexOf(Math.max(...row));
  }

  /** s that the window covers. */
  covers(window: number): [number, number] {
    const start = this.data.start + window * this.data.hop;
    return [start, start + this.data.window];
  }

  /** s for which its answer is the latest one: from its end to the next window's. */
  shownAt(window: number): [number, number] {
    const [, end] = this.covers(window);
    return window === 0 ? [this.data.start, end + this.data.hop] : [end, end + this.data.hop];
  }

  /** The window whose answer is shown at this time. */
  at(seconds: number): number {
    const window = Math.floor((seconds - this.data.start - this.data.window) / this.data.hop);
    return Math.min(this.count - 1, Math.max(0, window));
  }
}

/** Probabilities as stacked bars from `top` down, the winner's name in each; the window under `marked` gets a frame. */
export function drawStrip(
  context: CanvasRenderingContext2D,
  view: ViewRange,
  windows: Windows,
  top: number,
  marked: number | undefined,
  theme: Theme,
): void {
  const { classes } = windows.data;
  context.font = theme.font;
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  for (let w = 0; w < windows.count; w++) {
    const [start, end] = windows.shownAt(w);
    if (end < view.state.start || start > view.end) continue;
    const x = view.x(start);
    const width = Math.max(1, Math.min(view.x(end), view.x(view.duration)) - x);
    let y = top;
    const row = windows.of(w);
    for (const [c, probability] of row.entries()) {
      const height = probability * stripHeight;
      context.fillStyle = theme.series[c % theme.series.length];
      context.globalAlpha = 0.55;
      context.fillRect(x, y, width - (width > 4 ? 1 : 0), height);
      context.globalAlpha = 1;
      y += height;
    }
    const winner = windows.winner(w);
    if (width > 16) {
      const above = row.slice(0, winner).reduce((a, b) => a + b, 0);
      context.fillStyle = theme.foreground;
      context.fillText(classes[winner], x + width / 2, top + (above + row[winner] / 2) * stripHeight);
    }
    if (w === marked) {
      context.strokeStyle = theme.accent;
      context.lineWidth = 2;
      context.strokeRect(x, top, width, stripHeight);
    }
  }
}

/** The samples that the marked window reads. */
export function drawCoverage(
  context: CanvasRenderingContext2D,
  view: ViewRange,
  windows: Windows,
  marked: number,
  height: number,
  theme: Theme,
): void {
  const [start, end] = windows.covers(marked);
  const x = view.x(start);
  const width = view.x(end) - x;
  context.fillStyle = theme.accent;
  context.globalAlpha = 0.1;
  context.fillRect(x, 0, width, height);
  context.globalAlpha = 1;
  context.strokeStyle = theme.accent;
  context.lineWidth = 1;
  context.setLineDash([4, 3]);
  context.strokeRect(x + 0.5, 0.5, width, height - 1);
  context.setLineDash([]);
}
