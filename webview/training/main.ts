import './training.css';
import type { TrainingHeard, TrainingSnapshot, TrainingTold } from '../../src/protocol/webview.ts';
import { button, element, root } from '../shared/dom.ts';
import { connect, saveState } from '../shared/host.ts';
import { onThemeChange } from '../shared/theme.ts';
import { CurveChart } from './curve-chart.ts';

const channel = connect<object, TrainingHeard, TrainingTold>();

const title = element('h1');
const status = element('p', { class: 'muted', role: 'status' });
const progress = element('progress', { max: 1, 'aria-label': 'Progress of the training' });
const actions = element('div', { class: 'bar' });
const messages = element('div');
const loss = new CurveChart('Loss', 'Cross-entropy by epoch');
const score = new CurveChart('Accuracy and F1', 'Accuracy and F1 by epoch');
const table = element('div', { class: 'table' });
root().append(
  ...[title, status, progress, actions, messages],
  element('div', { class: 'charts' }, loss.element, score.element),
  element('h2', {}, 'Figures'),
  table,
);

let latest: TrainingSnapshot | undefined;

function draw(snapshot: TrainingSnapshot): void {
  latest = snapshot;
  saveState({ run: snapshot.run });
  const { metrics } = snapshot;
  title.textContent = snapshot.name;
  status.textContent = statusText(snapshot);
  progress.hidden = !snapshot.active;
  progress.value = snapshot.done;
  actions.replaceChildren(...buttons(snapshot));
  messages.replaceChildren(...notes(snapshot));
  const epochs = metrics.map((m) => m.epoch);
  const best = snapshot.best?.epoch;
  loss.draw(epochs, snapshot.epochs, best, [
    { label: 'training', values: metrics.map((m) => m.loss) },
    { label: 'validation', values: metrics.map((m) => m.validationLoss), dashed: true },
  ]);
  score.draw(epochs, snapshot.epochs, best, [
    { label: 'training accuracy', values: metrics.map((m) => m.accuracy) },
    { label: 'validation accuracy', values: metrics.map((m) => m.validationAccuracy), dashed: true },
    { label: 'validation F1', values: metrics.map((m) => m.validationF1), points: true },
  ]);
  table.replaceChildren(figuresTable(snapshot));
}

function statusText({
  status: state,
  active,
  cancelling,
  progress: text,
  epochs,
  metrics,
}: TrainingSnapshot): string {
  if (cancelling) return 'Stopping at the end of this batch; a checkpoint is kept.';
  if (active) return text;
  const done = `${metrics.length} of ${epochs} epochs`;
  return `${state[0].toUpperCase()}${state.slice(1)} · ${done}`;
}

function buttons({ active, cancelling, status: state }: TrainingSnapshot): HTMLElement[] {
  if (active) return [button('Cancel', () => channel.tell('cancel', null), { disabled: cancelling })];
  if (state === 'done')
    return [button('Evaluate', () => channel.tell('evaluate', null), { class: 'primary' })];
  if (state === 'running') return [];
  return [button('Resume', () => channel.tell('resume', null), { class: 'primary' })];
}

function notes({ error, synthetic }: TrainingSnapshot): HTMLElement[] {
  const made: HTMLElement[] = [];
  if (error) made.push(element('p', { class: 'error' }, error));
  if (synthetic) {
    made.push(
      element('p', { class: 'warning' }, 'Synthetic recordings: the figures say nothing about real ones.'),
    );
  }
  return made;
}

/** The curves in numbers, for reading and for screen readers. */
function figuresTable(snapshot: TrainingSnapshot): HTMLElement {
  const { metrics } = snapshot;
  if (metrics.length === 0) return element('p', { class: 'muted' }, 'No epoch has ended yet.');
  const head = ['epoch', 'loss', 'accuracy', 'validation loss', 'validation accuracy', 'validation F1', 's'];
  const made = element(
    'table',
    {},
    element('thead', {}, element('tr', {}, ...head.map((text) => element('th', { scope: 'col' }, text)))),
  );
  const body = element('tbody');
  const best = snapshot.best?.epoch;
  for (const row of metrics.toReversed()) {
    const isBest = row.epoch === best;
    body.append(
      element(
        'tr',
        { class: isBest ? 'best' : undefined },
        element('th', { scope: 'row' }, `${row.epoch}${isBest ? ' (best)' : ''}`),
        ...[row.loss, row.accuracy, row.validationLoss, row.validationAccuracy, row.validationF1].map((v) =>
          element('td', {}, v.toFixed(3)),
        ),
        element('td', {}, row.seconds.toFixed(1)),
      ),
    );
  }
  made.append(body);
  return made;
}

channel.on('update', draw);
onThemeChange(() => {
  if (latest) draw(latest);
});
channel.tell('ready', null);
