import type { CellRecord, EvaluationSnapshot } from '../../src/protocol/webview.ts';
import { button, element } from '../shared/dom.ts';
import type { Cell } from './tables.ts';

/** More would not be read; the rest is in predictions.csv. */
const mostListed = 500;

/** Records of one cell, the surest predictions first: of the wrong ones those are worth looking at. */
export function cellRecords(
  { classes }: EvaluationSnapshot,
  { truth, predicted }: Cell,
  records: readonly CellRecord[],
  onOpen: (record: string) => void,
): HTMLElement {
  const sorted = [...records].sort((a, b) => b.probabilities[predicted] - a.probabilities[predicted]);
  const section = element(
    'div',
    {},
    element('h2', {}, `True ${classes[truth]}, predicted ${classes[predicted]}: ${records.length} records`),
  );
  if (records.length === 0) return section;
  const head = element(
    'tr',
    {},
    element('th', { scope: 'col' }, 'record'),
    ...classes.map((name) => element('th', { scope: 'col' }, `p(${name})`)),
  );
  const body = element('tbody');
  for (const { record, probabilities } of sorted.slice(0, mostListed)) {
    const open = button(record, () => onOpen(record), { class: 'link', title: 'Open the waveform' });
    body.append(
      element(
        'tr',
        {},
        element('td', {}, open),
        ...probabilities.map((p) => element('td', {}, p.toFixed(3))),
      ),
    );
  }
  section.append(
    element('div', { class: 'records' }, element('table', {}, element('thead', {}, head), body)),
  );
  if (sorted.length > mostListed) {
    section.append(element('p', { class: 'muted' }, `${sorted.length - mostListed} more in predictions.csv`));
  }
  return section;
}
