import type { Histogram } from '../../src/jobs/histogram.ts';
import { round } from '../shared/bars.ts';
import { svg } from '../shared/dom.ts';

const plot = { width: 420, height: 120, below: 34, left: 44, right: 24 };

/** Seconds, or what of them is read best. */
const timeUnits = [
  { name: 'h', seconds: 3600 },
  { name: 'min', seconds: 60 },
  { name: 's', seconds: 1 },
];

/** Durations in s as bars, with how many there are at the left and the time below. */
export function durationPlot({ start, width, counts }: Histogram): SVGElement {
  const most = Math.max(1, ...counts);
  const end = start + width * counts.length;
  const unit = timeUnits.find(({ seconds }) => end >= 10 * seconds) ?? timeUnits[2];
  const label = `Durations: ${counts
    .map((count, i) => ({ count, from: start + i * width }))
    .filter(({ count }) => count > 0)
    .map(({ count, from }) => `${rangeText(from, width, unit)}: ${count}`)
    .join(', ')}`;
  const made = svg('svg', {
    width: plot.left + plot.width + plot.right,
    height: plot.height + plot.below,
    class: 'histogram',
    role: 'img',
    'aria-label': label,
  });
  const step = plot.width / counts.length;
  for (const [i, count] of counts.entries()) {
    if (count === 0) continue;
    const height = Math.max(1, (count / most) * (plot.height - 8));
    const box = { x: round(plot.left + i * step + 1), width: round(Math.max(1, Math.min(60, step - 2))) };
    const text = `${rangeText(start + i * width, width, unit)}: ${count.toLocaleString('en-US')} records`;
    made.append(
      svg(
        'rect',
        { ...box, y: round(plot.height - height), height: round(height), class: 'whole' },
        svg('title', {}, text),
      ),
    );
  }
  made.append(
    svg('line', {
      ...{ x1: plot.left, x2: plot.left + plot.width, y1: plot.height + 0.5, y2: plot.height + 0.5 },
      class: 'axis',
    }),
    svg('text', { x: plot.left - 6, y: 14, 'text-anchor': 'end' }, most.toLocaleString('en-US')),
    svg('text', { x: plot.left - 6, y: plot.height, 'text-anchor': 'end' }, '0'),
  );
  for (const i of ticks(counts.length)) {
    const x = round(plot.left + i * step);
    made.append(
      svg('line', { x1: x, x2: x, y1: plot.height, y2: plot.height + 5, class: 'axis' }),
      svg(
        'text',
        { x, y: plot.height + 18, 'text-anchor': 'middle' },
        numberText((start + i * width) / unit.seconds),
      ),
    );
  }
  made.append(
    svg(
      'text',
      { x: plot.left + plot.width, y: plot.height + 32, 'text-anchor': 'end' },
      `duration, ${unit.name}`,
    ),
  );
  return made;
}

/** Edges that a number stands at: at most eight, from the first on. */
export function ticks(intervals: number): number[] {
  const step = Math.max(1, Math.ceil(intervals / 7));
  return Array.from({ length: Math.floor(intervals / step) + 1 }, (_, i) => i * step);
}

function rangeText(
  from: number,
  width: number,
  { name, seconds }: { name: string; seconds: number },
): string {
  return `${numberText(from / seconds)} to ${numberText((from + width) / seconds)} ${name}`;
}

/** As short as it is exact to three digits. */
function numberText(value: number): string {
  return String(Number(value.toPrecision(4)));
}
