import type { EvaluationSnapshot } from '../../src/protocol/webview.ts';
import { button, element } from '../shared/dom.ts';

export interface Cell {
  truth: number;
  predicted: number;
}

/** Steps of shading, by share of the true class's records; the text stays readable on all. */
const shades = 10;

/**
 * The matrix as a table of buttons: rows are true classes, columns predictions. Arrow keys move between cells, a click
 * lists a cell's records.
 */
export function matrixTable(
  { classes, confusion }: EvaluationSnapshot,
  chosen: Cell | undefined,
  onChoose: (cell: Cell) => void,
): HTMLElement {
  const table = element('table', {
    class: 'matrix',
    'aria-label': 'Confusion matrix: rows true, columns predicted',
  });
  const head = element('tr', {}, element('th', { scope: 'col' }, 'true \\ predicted'));
  for (const name of classes) head.append(element('th', { scope: 'col' }, name));
  head.append(element('th', { scope: 'col' }, 'all'));
  table.append(element('thead', {}, head));
  const body = element('tbody');
  const cells: HTMLButtonElement[][] = [];
  for (const [truth, row] of confusion.entries()) {
    const total = row.reduce((a, b) => a + b, 0);
    const line = element('tr', {}, element('th', { scope: 'row' }, classes[truth]));
    cells.push(
      row.map((count, predicted) => {
        const share = total > 0 ? count / total : 0;
        const isChosen = chosen?.truth === truth && chosen.predicted === predicted;
        const cell = button(String(count), () => onChoose({ truth, predicted }), {
          class: `cell shade-${Math.round(share * shades)}${truth === predicted ? ' right' : ''}`,
          'aria-pressed': String(isChosen),
          'aria-label': `true ${classes[truth]}, predicted ${classes[predicted]}: ${count} records, ${(100 * share).toFixed(0)} percent of the class`,
          title: `${(100 * share).toFixed(1)} % of true ${classes[truth]}`,
          tabindex: isChosen || (!chosen && truth === 0 && predicted === 0) ? 0 : -1,
        });
        return cell;
      }),
    );
    for (const cell of cells[truth]) line.append(element('td', {}, cell));
    line.append(element('td', { class: 'muted' }, String(total)));
    body.append(line);
  }
  table.append(body);
  table.addEventListener('keydown', (event) => moveFocus(event, cells));
  return table;
}

function moveFocus(event: KeyboardEvent, cells: HTMLButtonElement[][]): void {
  const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
  const row = cells.findIndex((line) => line.includes(document.activeElement as HTMLButtonElement));
  if (!step || row < 0) return;
  const column = cells[row].indexOf(document.activeElement as HTMLButtonElement);
  const next = cells[row + step[0]]?.[column + step[1]];
  if (!next) return;
  event.preventDefault();
  cells[row][column].tabIndex = -1;
  next.tabIndex = 0;
  next.focus();
}

export function classTable({ classes, perClass }: EvaluationSnapshot): HTMLElement {
  const head = element(
    'tr',
    {},
    ...['class', 'sensitivity', 'precision', 'F1'].map((text) => element('th', { scope: 'col' }, text)),
  );
  const body = element('tbody');
  for (const name of classes) {
    const { sensitivity, precision, f1 } = perClass[name];
    const bar = element('span', { class: `f1bar step-${Math.round(20 * f1)}`, 'aria-hidden': 'true' });
    body.append(
      element(
        'tr',
        {},
        element('th', { scope: 'row' }, name),
        element('td', {}, sensitivity.toFixed(3)),
        element('td', {}, precision.toFixed(3)),
        element('td', {}, f1.toFixed(3), bar),
      ),
    );
  }
  return element('table', { class: 'classes' }, element('thead', {}, head), body);
}

/** Summary figures with their 95 % intervals (bootstrap over records). */
export function summaryList(snapshot: EvaluationSnapshot): HTMLElement {
  const { ci95 } = snapshot;
  const interval = (name: 'accuracy' | 'f1Mean' | 'f1Mean3'): string => {
    const found = ci95[name];
    return found ? ` (${found[0].toFixed(3)} to ${found[1].toFixed(3)})` : '';
  };
  const lines = [
    `Mean F1 ${snapshot.f1Mean.toFixed(3)}${interval('f1Mean')}`,
    ...(snapshot.f1Mean3 === undefined
      ? []
      : [`Mean F1 of N, A, O ${snapshot.f1Mean3.toFixed(3)}${interval('f1Mean3')}`]),
    `Accuracy ${snapshot.accuracy.toFixed(3)}${interval('accuracy')}`,
    `${snapshot.parameters.toLocaleString('en-US')} parameters, ${(snapshot.weightBytes / 1000).toFixed(1)} kB of weights (exact)`,
  ];
  return element(
    'div',
    {},
    element('ul', {}, ...lines.map((line) => element('li', {}, line))),
    element(
      'p',
      { class: 'muted' },
      'In parentheses: 95 % intervals, by bootstrap over records within classes.',
    ),
  );
}
