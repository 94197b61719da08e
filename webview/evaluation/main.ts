import './evaluation.css';
import type {
  EvaluationAsked,
  EvaluationHeard,
  EvaluationSnapshot,
  EvaluationTold,
} from '../../src/protocol/webview.ts';
import { button, element, root } from '../shared/dom.ts';
import { connect, savedState, saveState } from '../shared/host.ts';
import { cellRecords } from './cell-records.ts';
import { classTable, matrixTable, summaryList, type Cell } from './tables.ts';

interface State {
  run: string;
  /** The cell whose records are listed. */
  cell?: Cell;
}

const channel = connect<EvaluationAsked, EvaluationHeard, EvaluationTold>();
const page = root();
let latest: EvaluationSnapshot | undefined;
let { cell } = savedState<State>();

function draw(snapshot: EvaluationSnapshot): void {
  latest = snapshot;
  if (cell && (cell.truth >= snapshot.classes.length || cell.predicted >= snapshot.classes.length))
    cell = undefined;
  saveState<State>({ run: snapshot.run, cell });
  const records = element('section', { 'aria-live': 'polite' });
  page.replaceChildren(
    element('h1', {}, `${snapshot.name}, ${snapshot.arithmetic}`),
    element(
      'p',
      { class: 'muted' },
      `${snapshot.records} records of ${snapshot.dataset}, ${snapshot.split === 'all' ? 'all splits' : `split ${snapshot.split}`}`,
    ),
    toolbar(snapshot),
    ...warnings(snapshot),
    element(
      'div',
      { class: 'columns' },
      element('section', {}, element('h2', {}, 'Confusion matrix'), matrixTable(snapshot, cell, show)),
      element('section', {}, element('h2', {}, 'Classes'), classTable(snapshot), summaryList(snapshot)),
    ),
    records,
    element('p', { class: 'notice' }, snapshot.notice),
  );
  if (cell) void list(records, snapshot, cell);
}

function show(chosen: Cell): void {
  cell = chosen;
  if (latest) draw(latest);
  // The cell was drawn anew: the keyboard stays on it.
  page.querySelector<HTMLElement>('button[aria-pressed="true"].cell')?.focus();
}

async function list(section: HTMLElement, snapshot: EvaluationSnapshot, chosen: Cell): Promise<void> {
  try {
    const records = await channel.ask('records', chosen);
    section.replaceChildren(
      cellRecords(snapshot, chosen, records, (record) => channel.tell('openRecord', record)),
    );
  } catch (error) {
    section.replaceChildren(element('p', { class: 'error' }, (error as Error).message));
  }
}

function toolbar({ arithmetic, available, busy }: EvaluationSnapshot): HTMLElement {
  const choice = (name: 'float32' | 'integer', label: string): HTMLElement =>
    button(available[name] ? label : `${label}: evaluate`, () => channel.tell('show', name), {
      'aria-pressed': String(arithmetic === name),
      disabled: busy && !available[name],
    });
  return element(
    'div',
    { class: 'bar', role: 'toolbar', 'aria-label': 'Evaluation' },
    choice('float32', 'float32'),
    choice('integer', 'Integer, as on the device'),
    button('Open Report', () => channel.tell('openReport', null)),
  );
}

function warnings({ synthetic, seenInTraining }: EvaluationSnapshot): HTMLElement[] {
  const made: HTMLElement[] = [];
  const add = (text: string): void => void made.push(element('p', { class: 'warning' }, text));
  if (synthetic) add('Synthetic recordings: the figures say nothing about real ones.');
  if (seenInTraining > 0) {
    add(`${seenInTraining} of these records were used in training: the figures are too good.`);
  }
  return made;
}

channel.on('update', draw);
channel.on('failed', (message) => page.replaceChildren(element('p', { class: 'error' }, message)));
channel.tell('ready', null);
