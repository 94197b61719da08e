import './activations.css';
import type {
  ActivationsHeard,
  ActivationsSnapshot,
  ActivationsTold,
  ShownTensor,
} from '../../src/protocol/webview.ts';
import { element, root, select } from '../shared/dom.ts';
import { connect, savedState, saveState } from '../shared/host.ts';
import { tensorPlot } from './plot.ts';
import { pageOf, placeText, valueTable } from './table.ts';
import { figuresText, shapeText, type Notation, type Place } from './values.ts';

interface State {
  session: string;
  notation?: Notation;
}

const channel = connect<object, ActivationsHeard, ActivationsTold>();
let latest: ActivationsSnapshot | undefined;
let notation: Notation = savedState<State>().notation ?? 'integer';
/** The chosen value of each tensor, by its role and number. */
const chosen = new Map<string, Place>();

const heading = element('h1');
const status = element('p', { role: 'status' });
const controls = element(
  'div',
  { class: 'bar' },
  select(
    'Numbers',
    [
      { value: 'integer', text: 'as stored, integers' },
      { value: 'real', text: 'real values' },
    ],
    notation,
    (value) => {
      notation = value as Notation;
      if (latest) draw(latest);
    },
  ),
);
const body = element('div');
root().replaceChildren(heading, status, controls, body);

function draw(snapshot: ActivationsSnapshot): void {
  latest = snapshot;
  saveState<State>({ session: snapshot.session, notation });
  heading.textContent = snapshot.name;
  const messages = statusTexts(snapshot);
  status.replaceChildren(...messages.map((text) => element('span', { class: 'line' }, text)));
  status.className = snapshot.state === 'stopped' ? '' : 'muted';
  controls.hidden = snapshot.tensors.length === 0;
  const { activeElement } = document;
  const focused = activeElement?.closest('section')?.dataset.key;
  const inTable = activeElement?.closest('table') !== null;
  const scrolled = [...body.querySelectorAll('.scroll')].map(({ scrollLeft, scrollTop }) => [
    scrollLeft,
    scrollTop,
  ]);
  body.replaceChildren(
    ...(snapshot.error ? [element('p', { class: 'error' }, snapshot.error)] : []),
    ...snapshot.tensors.map((tensor, i) => tensorSection(tensor, `${tensor.role} ${i}`)),
  );
  // Drawn anew: what was looked at and the keyboard stay where they were.
  for (const [i, part] of body.querySelectorAll('.scroll').entries()) {
    if (scrolled[i]) part.scrollTo(scrolled[i][0], scrolled[i][1]);
  }
  if (focused !== undefined && inTable) focusChosen(focused);
}

function focusChosen(key: string): void {
  const section = body.querySelector(`section[data-key="${CSS.escape(key)}"]`);
  section?.querySelector<HTMLElement>('td[aria-selected="true"]')?.focus();
}

function statusTexts({ state, place, tensors }: ActivationsSnapshot): string[] {
  const last = tensors.length > 0 ? [`Values of the last stop in the network. ${place}.`] : [];
  switch (state) {
    case 'stopped':
      return [`${place}.`];
    case 'running':
      return ['The firmware is running.', ...last];
    case 'ended':
      return ['The session has ended.', ...last];
    case 'elsewhere':
      return [
        'The firmware is stopped outside of the network. Set a breakpoint in a kernel (runtime/ecg_….c), or launch with "stopAt".',
        ...last,
      ];
  }
}

function titleOf({ role, name }: ShownTensor): string {
  if (role === 'output') return `Output of ${name}`;
  return name === 'window' ? 'Input: the window' : `Input: the output of ${name}`;
}

function tensorSection(tensor: ShownTensor, key: string): HTMLElement {
  const title = titleOf(tensor);
  const known = chosen.get(key) ?? { channel: 0, position: 0 };
  // Another block's tensor may be smaller.
  const place = {
    channel: Math.min(known.channel, tensor.channels - 1),
    position: Math.min(known.position, tensor.length - 1),
  };
  const choose = (next: Place): void => {
    chosen.set(key, next);
    if (latest) draw(latest);
    focusChosen(key);
  };
  const { rows, columns } = pageOf(tensor, place);
  const whole = rows.to - rows.from === tensor.channels && columns.to - columns.from === tensor.length;
  return element(
    'section',
    { 'data-key': key, 'aria-label': title },
    element('h2', {}, title),
    element('p', { class: 'muted' }, `${shapeText(tensor)} · ${figuresText(tensor)}`),
    ...(tensor.whole
      ? []
      : [
          element(
            'p',
            { class: 'warning' },
            'Not whole yet: the kernel is still to write it, or writing it.',
          ),
        ]),
    element('div', { class: 'scroll' }, tensorPlot(tensor, title, place)),
    element(
      'p',
      { class: 'readout', 'aria-live': 'polite' },
      `${placeText(tensor, place)}${
        whole
          ? ''
          : ` · shown are channels ${rows.from} to ${rows.to - 1}, positions ${columns.from} to ${columns.to - 1}; the arrow keys go on`
      }`,
    ),
    valueTable(tensor, title, place, notation, choose),
  );
}

channel.on('update', draw);
channel.tell('ready', null);
