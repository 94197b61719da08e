import { element, svg } from './dom.ts';

const barHeight = 14;

/** A part of a bar: its share of the longest bar, 0…1, and the class that fills it. */
export interface BarPart {
  share: number;
  fill: string;
}

/** A bar of parts one after the other; `label` says it in words. */
export function bar(parts: readonly BarPart[], length: number, label: string): SVGElement {
  const made = svg('svg', {
    width: length,
    height: barHeight,
    // Stretched where the page's style gives it another width.
    viewBox: `0 0 ${length} ${barHeight}`,
    preserveAspectRatio: 'none',
    role: 'img',
    'aria-label': label,
  });
  made.append(svg('title', {}, label));
  let x = 0;
  for (const { share, fill } of parts) {
    if (share <= 0) continue;
    // A line of it is seen, however small the part.
    const width = Math.max(2, share * length);
    const inner = Math.max(1, width - 2);
    made.append(
      svg('rect', { x: round(x + 0.5), y: 0.5, width: round(inner), height: barHeight - 1, class: fill }),
    );
    x += width;
  }
  return made;
}

/** What the fillings of bars mean. */
export function legend(entries: readonly { fill: string; text: string }[]): HTMLElement {
  return element(
    'p',
    { class: 'legend' },
    ...entries.map(({ fill, text }) =>
      element(
        'span',
        {},
        svg(
          'svg',
          { width: 14, height: 12, class: 'key', 'aria-hidden': true },
          svg('rect', { x: 0.5, y: 0.5, width: 13, height: 11, class: fill }),
        ),
        text,
      ),
    ),
  );
}

/** The hatching that `.part-1` is filled with; once on the page. */
export function hatch(): SVGElement {
  const line = svg('line', { x1: 0, y1: 0, x2: 0, y2: 5, class: 'hatch' });
  const pattern = svg(
    'pattern',
    { id: 'hatch', width: 5, height: 5, patternUnits: 'userSpaceOnUse', patternTransform: 'rotate(45)' },
    line,
  );
  return svg('svg', { width: 0, height: 0, class: 'defs', 'aria-hidden': true }, svg('defs', {}, pattern));
}

/** Rows that each have a bar behind their name. */
export function barTable(head: readonly string[], rows: readonly HTMLElement[]): HTMLElement {
  const cells = head.map((text) => element('th', { scope: 'col' }, text));
  return element(
    'table',
    { class: 'bars' },
    element('thead', {}, element('tr', {}, ...cells)),
    element('tbody', {}, ...rows),
  );
}

export function barRow(name: string, drawn: Node, ...cells: readonly string[]): HTMLElement {
  return element(
    'tr',
    {},
    element('th', { scope: 'row' }, name),
    element('td', { class: 'drawn' }, drawn),
    ...cells.map((text) => element('td', {}, text)),
  );
}

/** A tenth of a pixel is as exact as a drawing is. */
export function round(value: number): number {
  return Math.round(10 * value) / 10;
}
