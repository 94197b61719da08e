import { element } from '../shared/dom.ts';
import { currentTheme, type Theme } from '../shared/theme.ts';
import { AnnotationMarks, drawAnnotations } from './annotation-marks.ts';
import { drawPaper, drawTimes } from './paper.ts';
import { drawCalibration, drawTrace, type Lead } from './trace.ts';
import { pixelsPerMm, type ViewRange } from './view-range.ts';
import { drawCoverage, drawStrip, stripHeight, type Windows } from './windows-strip.ts';

const smallestRow = 90;
/** More would be empty paper, in mV at the usual gain: of one lead, and of each of several. */
const largestPlot = 8 * 10 * pixelsPerMm;
const largestRow = 5 * 10 * pixelsPerMm;
/** Above the paper, so that no trace crosses them: times, and annotations where there are any. */
const timesHeight = 20;
const annotationsHeight = 18;
const overviewHeight = 36;
const gap = 10;

/** The paper with all leads and, below, what a network says; and a narrow overview of the whole record. */
export class Plot {
  readonly element: HTMLElement;
  readonly canvas = element('canvas', { class: 'plot', tabindex: 0, role: 'img' });
  readonly overview = element('canvas', { class: 'overview', 'aria-hidden': 'true' });
  readonly #view: ViewRange;
  leads: readonly Lead[] = [];
  windows: Windows | undefined;
  annotations = new AnnotationMarks([]);
  /** s of the recording that the record is, where it is a part of it. */
  excerpt: { start: number; end: number } | undefined;
  /** s under the pointer. */
  cursor: number | undefined;
  #frame = 0;

  constructor(view: ViewRange) {
    this.#view = view;
    this.element = element('div', { class: 'plots' }, this.canvas, this.overview);
    new ResizeObserver(() => this.redraw()).observe(this.element);
  }

  redraw(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = requestAnimationFrame(() => this.#draw());
  }

  #draw(): void {
    const theme = currentTheme();
    const width = this.element.clientWidth;
    if (width === 0 || this.leads.length === 0) return;
    this.#view.width = width;
    this.#view.setSpeed(this.#view.state.mmPerSecond);
    const room = Math.max(
      200,
      window.innerHeight - this.element.getBoundingClientRect().top - overviewHeight - 90,
    );
    const strip = this.windows ? stripHeight + gap : 0;
    const count = this.leads.length;
    const head = timesHeight + (this.annotations.all.length > 0 ? annotationsHeight : 0);
    const largest = Math.max(largestPlot, count * largestRow);
    const row = Math.max(smallestRow, Math.min(room - strip - head, largest) / count);
    this.#drawMain(prepare(this.canvas, width, head + row * count + strip), head, row, theme);
    this.#drawOverview(prepare(this.overview, width, overviewHeight), theme);
  }

  /** @param head height above the paper; @param row height of a lead's row */
  #drawMain(context: CanvasRenderingContext2D, head: number, row: number, theme: Theme): void {
    const view = this.#view;
    const { cursor, windows } = this;
    const rows = row * this.leads.length;
    const marked = windows && cursor !== undefined ? windows.at(cursor) : undefined;
    context.save();
    context.translate(0, head);
    context.beginPath();
    context.rect(0, 0, view.width, rows);
    context.clip();
    drawPaper(context, view, rows, theme);
    if (windows && marked !== undefined) drawCoverage(context, view, windows, marked, rows, theme);
    if (this.excerpt) drawExcerpt(context, view, this.excerpt, rows, theme);
    for (const [i, lead] of this.leads.entries()) {
      const middle = Math.round(((i + 0.5) * row) / (5 * pixelsPerMm)) * 5 * pixelsPerMm;
      drawTrace(context, view, lead, middle, theme);
    }
    for (const [i, lead] of this.leads.entries()) drawName(context, lead, i * row + 4, theme);
    drawCalibration(context, view, rows - 10, theme);
    context.restore();
    drawTimes(context, view, theme);
    if (this.annotations.all.length > 0) {
      drawAnnotations(
        context,
        view,
        this.annotations,
        { top: timesHeight, head, bottom: head + rows },
        theme,
      );
    }
    if (cursor !== undefined) {
      context.strokeStyle = theme.accent;
      context.lineWidth = 1;
      context.beginPath();
      context.moveTo(view.x(cursor), 0);
      context.lineTo(view.x(cursor), head + rows);
      context.stroke();
    }
    if (windows) drawStrip(context, view, windows, head + rows + gap, marked, theme);
  }

  #drawOverview(context: CanvasRenderingContext2D, theme: Theme): void {
    const view = this.#view;
    const { rate, signal } = this.leads[0];
    const [low, high] = signal.range(0, signal.length);
    const scale = (overviewHeight - 6) / Math.max(1e-6, high - low);
    const perPixel = signal.length / view.width;
    context.strokeStyle = theme.muted;
    context.beginPath();
    for (let x = 0; x < view.width; x++) {
      const [bottom, top] = signal.range(x * perPixel, (x + 1) * perPixel);
      if (Number.isNaN(bottom)) continue;
      context.moveTo(x + 0.5, 3 + (high - top) * scale);
      context.lineTo(x + 0.5, 4 + (high - bottom) * scale);
    }
    context.stroke();
    const duration = signal.length / rate;
    const from = (view.state.start / duration) * view.width;
    const to = Math.min(view.width, (view.end / duration) * view.width);
    context.fillStyle = theme.accent;
    context.globalAlpha = 0.18;
    context.fillRect(from, 0, to - from, overviewHeight);
    context.globalAlpha = 1;
    context.strokeStyle = theme.accent;
    context.strokeRect(from + 0.5, 0.5, Math.max(2, to - from - 1), overviewHeight - 1);
  }
}

/** On a ground of its own: a trace may begin there. */
function drawName(context: CanvasRenderingContext2D, lead: Lead, top: number, theme: Theme): void {
  const { name, units, unitsPerMillivolt } = lead;
  const text = units === 'mV' ? name : `${name} (${unitsPerMillivolt} ${units} as high as 1 mV)`;
  context.font = theme.font;
  context.textAlign = 'left';
  context.textBaseline = 'top';
  context.fillStyle = theme.background;
  context.globalAlpha = 0.8;
  context.fillRect(3, top - 2, context.measureText(text).width + 6, 19);
  context.globalAlpha = 1;
  context.fillStyle = theme.foreground;
  context.fillText(text, 6, top);
}

/** What is not the record is dimmed. */
function drawExcerpt(
  context: CanvasRenderingContext2D,
  view: ViewRange,
  excerpt: { start: number; end: number },
  height: number,
  theme: Theme,
): void {
  const [from, to] = [view.x(excerpt.start), view.x(excerpt.end)];
  context.fillStyle = theme.muted;
  context.globalAlpha = 0.14;
  context.fillRect(0, 0, Math.max(0, from), height);
  context.fillRect(to, 0, Math.max(0, view.width - to), height);
  context.globalAlpha = 1;
  context.strokeStyle = theme.accent;
  context.lineWidth = 1;
  context.beginPath();
  for (const x of [from, to]) {
    context.moveTo(Math.round(x) + 0.5, 0);
    context.lineTo(Math.round(x) + 0.5, height);
  }
  context.stroke();
}

/** A cleared context in CSS pixels, sharp on any screen. */
function prepare(canvas: HTMLCanvasElement, width: number, height: number): CanvasRenderingContext2D {
  const ratio = window.devicePixelRatio || 1;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  canvas.style.height = `${height}px`;
  const context = canvas.getContext('2d');
  if (!context) throw new Error('the browser cannot draw');
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  return context;
}
