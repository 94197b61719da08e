import type { ShownTensor } from '../../src/protocol/webview.ts';
import { svg } from '../shared/dom.ts';
import { figuresText, realText, realValue, shapeText, type Place } from './values.ts';

const plot = { width: 640, height: 150, left: 64, right: 12, top: 8, below: 34 };

/** The scale of a plot: zero is always on it, and no plot is flat. */
interface Scale {
  least: number;
  most: number;
}

function scaleOf(values: Int16Array): Scale {
  let [least, most] = [0, 0];
  for (const value of values) {
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  return most > least ? { least, most } : { least: -1, most: 1 };
}

function y(stored: number, { least, most }: Scale): number {
  return round(plot.top + ((most - stored) / (most - least)) * plot.height);
}

/**
 * A tensor drawn: every channel along its positions, the chosen one above the others; channels with one position as bars.
 */
export function tensorPlot(tensor: ShownTensor, title: string, chosen: Place): SVGElement {
  const { channels, length, values } = tensor;
  const label = `${title}: ${shapeText(tensor)}; ${figuresText(tensor)}; channel ${chosen.channel} stands out`;
  const made = svg('svg', {
    viewBox: `0 0 ${plot.left + plot.width + plot.right} ${plot.top + plot.height + plot.below}`,
    class: 'tensor',
    role: 'img',
    'aria-label': label,
  });
  const scale = scaleOf(values);
  made.append(...axes(tensor, scale));
  if (length === 1) made.append(...bars(tensor, chosen, scale));
  else {
    const step = plot.width / Math.max(1, length - 1);
    const line = (channel: number, kind: string): SVGElement =>
      svg('path', { d: path(tensor, channel, step, scale), class: kind });
    for (let channel = 0; channel < channels; channel++) {
      if (channel !== chosen.channel) made.append(line(channel, 'other'));
    }
    made.append(line(chosen.channel, 'chosen'), marker(tensor, chosen, step, scale));
  }
  return made;
}

function path({ values, length }: ShownTensor, channel: number, step: number, scale: Scale): string {
  const points = Array.from({ length }, (_, i) => {
    return `${round(plot.left + i * step)} ${y(values[channel * length + i], scale)}`;
  });
  return `M${points.join('L')}`;
}

function marker(
  { values, length }: ShownTensor,
  { channel, position }: Place,
  step: number,
  scale: Scale,
): SVGElement {
  const cy = y(values[channel * length + position], scale);
  return svg('circle', { cx: round(plot.left + position * step), cy, r: 4, class: 'marker' });
}

function bars({ values, channels }: ShownTensor, chosen: Place, scale: Scale): SVGElement[] {
  const step = plot.width / channels;
  const width = Math.max(1, Math.min(40, step - 2));
  const zero = y(0, scale);
  return Array.from(values, (value, channel) => {
    const top = y(value, scale);
    return svg(
      'rect',
      {
        x: round(plot.left + (channel + 0.5) * step - width / 2),
        y: Math.min(zero, top),
        width: round(width),
        height: Math.max(1, round(Math.abs(top - zero))),
        class: channel === chosen.channel ? 'bar chosen' : 'bar',
      },
      svg('title', {}, `channel ${channel}: ${value}`),
    );
  });
}

function axes(tensor: ShownTensor, scale: Scale): SVGElement[] {
  const { channels, length } = tensor;
  const [right, bottom] = [plot.left + plot.width, plot.top + plot.height];
  const zero = y(0, scale);
  const made: SVGElement[] = [
    svg('line', { x1: plot.left, x2: right, y1: zero, y2: zero, class: 'axis' }),
    svg('line', { x1: plot.left - 6, x2: plot.left - 6, y1: plot.top, y2: bottom, class: 'axis' }),
  ];
  for (const stored of [...new Set([scale.least, 0, scale.most])]) {
    // Labels of values that nearly meet would lie upon each other.
    if (stored !== 0 && Math.abs(y(stored, scale) - zero) < 14) continue;
    const at = { x: plot.left - 12, y: y(stored, scale) + 4, 'text-anchor': 'end' };
    made.push(svg('text', at, realText(realValue(tensor, stored))));
  }
  const last = (length === 1 ? channels : length) - 1;
  const ends = last > 0 ? [0, last] : [0];
  for (const index of ends) {
    const x =
      length === 1
        ? plot.left + ((index + 0.5) * plot.width) / channels
        : plot.left + (index * plot.width) / Math.max(1, last);
    made.push(svg('text', { x: round(x), y: bottom + 16, 'text-anchor': 'middle' }, String(index)));
  }
  made.push(
    svg(
      'text',
      { x: plot.left + plot.width / 2, y: bottom + 28, 'text-anchor': 'middle' },
      length === 1 ? 'channel' : 'position',
    ),
  );
  return made;
}

function round(value: number): number {
  return Math.round(10 * value) / 10;
}
