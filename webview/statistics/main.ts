import './statistics.css';
import type { StatisticsHeard, StatisticsSnapshot, StatisticsTold } from '../../src/protocol/webview.ts';
import { hatch } from '../shared/bars.ts';
import { button, element, root } from '../shared/dom.ts';
import { connect, saveState } from '../shared/host.ts';
import { charts, summary } from './charts.ts';
import { otherLists, recordsTable, type RecordActions } from './records-table.ts';

interface State {
  data: string;
}

const channel = connect<object, StatisticsHeard, StatisticsTold>();
const head = element('div');
const body = element('div');
root().replaceChildren(hatch(), head, body);
/** What the body shows: progress alone draws nothing anew. */
let drawn = '';

const actions: RecordActions = {
  open: (record) => channel.tell('openRecord', record),
  relabel: (record) => channel.tell('relabel', record),
  exclude: (record) => channel.tell('exclude', record),
  include: (record) => channel.tell('include', record),
};

function update(snapshot: StatisticsSnapshot): void {
  const { data, statistics, trusted } = snapshot;
  saveState<State>({ data });
  keepingFocus(() => head.replaceChildren(...headOf(snapshot)));
  const wanted = JSON.stringify([statistics, trusted]);
  if (wanted === drawn) return;
  drawn = wanted;
  const list = (): Element | null => body.querySelector('.records');
  const scrolled = list()?.scrollTop ?? 0;
  keepingFocus(() =>
    body.replaceChildren(
      ...(statistics
        ? [
            charts(statistics),
            ...recordsTable(statistics, trusted, actions),
            ...otherLists(statistics, trusted, actions),
          ]
        : []),
    ),
  );
  list()?.scrollTo({ top: scrolled });
}

/** Drawn anew or not, the keyboard stays where it was; a button that has gone gives way to its record. */
function keepingFocus(draw: () => void): void {
  const key = (document.activeElement as HTMLElement | null)?.dataset.key;
  draw();
  if (key === undefined) return;
  const record = key.slice(key.indexOf(' ') + 1);
  for (const wanted of [key, `open ${record}`]) {
    const found = root().querySelector<HTMLElement>(`[data-key="${CSS.escape(wanted)}"]`);
    if (found) return found.focus({ preventScroll: true });
  }
}

function headOf({ name, progress, done, changed, statistics }: StatisticsSnapshot): HTMLElement[] {
  const made = [element('h1', {}, name)];
  if (statistics) made.push(element('p', { class: 'muted' }, summary(statistics)));
  else if (progress === '') made.push(element('p', { class: 'muted' }, 'Not measured in this window yet.'));
  if (statistics?.synthetic) {
    made.push(
      element('p', { class: 'warning' }, 'Synthetic recordings: the figures say nothing about real ones.'),
    );
  }
  if (changed) {
    made.push(
      element(
        'p',
        { class: 'warning' },
        'The dataset file has changed since this was measured: figures and bars are those of before.',
      ),
    );
  }
  made.push(
    element(
      'div',
      { class: 'bar', role: 'toolbar', 'aria-label': 'Statistics' },
      ...(progress === ''
        ? [
            button(statistics ? 'Measure Again' : 'Measure', () => channel.tell('measure', null), {
              'data-key': 'measure now',
            }),
          ]
        : [
            element('progress', { value: done, max: 1, 'aria-label': 'Measuring' }),
            element('span', { class: 'muted' }, progress),
            button('Cancel', () => channel.tell('cancel', null), { 'data-key': 'measure now' }),
          ]),
    ),
  );
  return made;
}

channel.on('update', update);
channel.tell('ready', null);
