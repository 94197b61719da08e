import type { ShownAnnotation } from '../../src/jobs/opened-records.ts';
import type { Theme } from '../shared/theme.ts';
import type { ViewRange } from './view-range.ts';

/** Labels closer than this would lie on each other. */
const closestLabels = 14;
/** Marks closer than this are a grey bar. */
const closestMarks = 3;
/** Of an annotation among too many. */
const tickHeight = 5;
/** s from the cursor in which an annotation is the one that is pointed at. */
const near = 0.2;

/** Annotations in the order of time, and quick ways to those that are seen. */
export class AnnotationMarks {
  readonly all: readonly ShownAnnotation[];

  constructor(annotations: readonly ShownAnnotation[]) {
    this.all = [...annotations].sort((a, b) => a.time - b.time);
  }

  /** Index of the first annotation at or behind a time. */
  from(seconds: number): number {
    let [low, high] = [0, this.all.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.all[middle].time < seconds) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The one that is pointed at. */
  at(seconds: number): ShownAnnotation | undefined {
    const next = this.from(seconds);
    const [before, behind] = [this.all[next - 1], this.all[next]] as (ShownAnnotation | undefined)[];
    const distance = (one: ShownAnnotation | undefined): number =>
      one ? Math.abs(one.time - seconds) : Infinity;
    const nearest = distance(before) < distance(behind) ? before : behind;
    return distance(nearest) <= near ? nearest : undefined;
  }

  /** The next one in a direction that is no normal beat, which is what people look for; undefined where there is none. */
  nextUnusual(seconds: number, direction: 1 | -1): ShownAnnotation | undefined {
    const unusual = ({ symbol }: ShownAnnotation): boolean => symbol !== 'N';
    if (direction > 0) return this.all.slice(this.from(seconds + 1e-6)).find(unusual);
    return this.all.slice(0, this.from(seconds - 1e-6)).findLast(unusual);
  }
}

/** Where annotations are drawn, in pixels from above: their labels, and the paper that their lines cross. */
export interface MarkArea {
  top: number;
  head: number;
  bottom: number;
}

/**
 * Symbols above the paper with a line down to the trace; changes of rhythm and notes with their text. Where there are more than
 * can be read, those with a text, and a tick for every one that is no normal beat.
 */
export function drawAnnotations(
  context: CanvasRenderingContext2D,
  view: ViewRange,
  marks: AnnotationMarks,
  area: MarkArea,
  theme: Theme,
): void {
  const [first, last] = [marks.from(view.state.start), marks.from(view.end)];
  const crowded = (last - first) * closestLabels > view.width;
  context.font = theme.font;
  context.textAlign = 'center';
  context.textBaseline = 'top';
  context.fillStyle = theme.accent;
  context.strokeStyle = theme.accent;
  context.lineWidth = 1;
  let lastMark = -Infinity;
  let lastLabel = -Infinity;
  const [lines, ticks] = [new Path2D(), new Path2D()];
  for (let i = first; i < last; i++) {
    const { time, symbol, text } = marks.all[i];
    const x = view.x(time);
    if (crowded && text === '') {
      if (symbol !== 'N') mark(ticks, x, area.head - tickHeight, area.head);
      continue;
    }
    if (x - lastMark >= closestMarks) {
      mark(lines, x, area.head, area.bottom);
      lastMark = x;
    }
    const label = text === '' ? symbol : text;
    const width = Math.max(closestLabels, context.measureText(label).width + 6);
    if (x - width / 2 >= lastLabel) {
      // A word at the edge is moved in.
      context.fillText(label, Math.min(Math.max(x, width / 2), view.width - width / 2), area.top);
      lastLabel = x + width / 2;
    }
  }
  context.stroke(ticks);
  context.globalAlpha = 0.6;
  context.setLineDash([2, 4]);
  context.stroke(lines);
  context.setLineDash([]);
  context.globalAlpha = 1;
}

function mark(path: Path2D, x: number, from: number, to: number): void {
  path.moveTo(Math.round(x) + 0.5, from);
  path.lineTo(Math.round(x) + 0.5, to);
}

export function annotationText({ symbol, text }: ShownAnnotation): string {
  return text === '' ? `annotated ${symbol}` : `annotated ${symbol} ${text}`;
}
