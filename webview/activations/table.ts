import type { ShownTensor } from '../../src/protocol/webview.ts';
import { element } from '../shared/dom.ts';
import { realText, realValue, valueAt, valueText, type Notation, type Place } from './values.ts';

/** Columns and rows of a page of the table. */
const pageColumns = 32;
const pageRows = 64;

/** What is shown of a tensor: the part around the chosen value. */
export function pageOf({ channels, length }: ShownTensor, { channel, position }: Place) {
  const part = (at: number, size: number, all: number) => {
    const from = Math.floor(at / size) * size;
    return { from, to: Math.min(all, from + size) };
  };
  return { rows: part(channel, pageRows, channels), columns: part(position, pageColumns, length) };
}

/**
 * Values by channel and position. One cell takes the focus; arrow keys, Home and End go to its neighbours, and over the edge
 * to the next part of the table.
 */
export function valueTable(
  tensor: ShownTensor,
  title: string,
  chosen: Place,
  notation: Notation,
  onChoose: (place: Place) => void,
): HTMLElement {
  const { rows, columns } = pageOf(tensor, chosen);
  const head = element('tr', {}, element('th', { scope: 'col' }, 'channel'));
  for (let position = columns.from; position < columns.to; position++) {
    head.append(element('th', { scope: 'col' }, String(position)));
  }
  const body = element('tbody');
  for (let channel = rows.from; channel < rows.to; channel++) {
    const line = element('tr', {}, element('th', { scope: 'row' }, String(channel)));
    for (let position = columns.from; position < columns.to; position++) {
      line.append(cell(tensor, { channel, position }, chosen, notation, onChoose));
    }
    body.append(line);
  }
  const table = element(
    'table',
    { class: 'values', role: 'grid', 'aria-label': `${title}: rows channels, columns positions` },
    element('thead', {}, head),
    body,
  );
  table.addEventListener('keydown', (event) => {
    const next = neighbour(tensor, chosen, event.key);
    if (!next) return;
    event.preventDefault();
    onChoose(next);
  });
  return element('div', { class: 'scroll' }, table);
}

function cell(
  tensor: ShownTensor,
  place: Place,
  chosen: Place,
  notation: Notation,
  onChoose: (place: Place) => void,
): HTMLElement {
  const isChosen = place.channel === chosen.channel && place.position === chosen.position;
  const stored = valueAt(tensor, place);
  const made = element(
    'td',
    {
      role: 'gridcell',
      tabindex: isChosen ? 0 : -1,
      'aria-selected': String(isChosen),
      'aria-label': placeText(tensor, place),
      class: place.channel === chosen.channel ? 'of-chosen' : undefined,
    },
    valueText(tensor, stored, notation),
  );
  made.addEventListener('click', () => onChoose(place));
  return made;
}

/** `channel 3, position 12: 45 = 1.40625`. */
export function placeText(tensor: ShownTensor, place: Place): string {
  const stored = valueAt(tensor, place);
  return `channel ${place.channel}, position ${place.position}: ${stored} = ${realText(realValue(tensor, stored))}`;
}

export function neighbour(
  { channels, length }: ShownTensor,
  { channel, position }: Place,
  key: string,
): Place | undefined {
  const moves: Readonly<Record<string, Place>> = {
    ArrowUp: { channel: channel - 1, position },
    ArrowDown: { channel: channel + 1, position },
    ArrowLeft: { channel, position: position - 1 },
    ArrowRight: { channel, position: position + 1 },
    Home: { channel, position: 0 },
    End: { channel, position: length - 1 },
    PageUp: { channel: Math.max(0, channel - pageRows), position },
    PageDown: { channel: Math.min(channels - 1, channel + pageRows), position },
  };
  const next = moves[key] as Place | undefined;
  if (!next) return undefined;
  const inside = next.channel >= 0 && next.channel < channels && next.position >= 0 && next.position < length;
  return inside ? next : undefined;
}
