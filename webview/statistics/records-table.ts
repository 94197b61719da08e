import { countText } from '../../src/common/count-text.ts';
import type { RecordToLookAt, ShownStatistics } from '../../src/protocol/webview.ts';
import { button, element } from '../shared/dom.ts';

/** What somebody may do with a record. */
export interface RecordActions {
  open(record: string): void;
  relabel(record: string): void;
  exclude(record: string): void;
  include(record: string): void;
}

/** More than a colour tells them apart. */
const marks = { good: '○', fair: '◐', poor: '●' } as const;

/** Recordings with something wrong, the worst first. Arrow keys go from row to row, Enter and a click open the waveform. */
export function recordsTable(
  { toLookAt, recordings }: ShownStatistics,
  trusted: boolean,
  actions: RecordActions,
): HTMLElement[] {
  const { first, all } = toLookAt;
  const title = element(
    'h2',
    {},
    `To look at first: ${countText(all)} of ${countText(recordings)} recordings`,
  );
  if (all === 0) return [title, element('p', { class: 'muted' }, 'Nothing is wrong with any of them.')];
  const heads = ['record', 'class', 'split', 'quality', 'SNR, dB', 'what is wrong', ''];
  const body = element('tbody', {}, ...first.map((row) => recordRow(row, trusted, actions)));
  body.addEventListener('keydown', (event) => moveFocus(event, body));
  const table = element(
    'table',
    { class: 'look' },
    element(
      'thead',
      {},
      element(
        'tr',
        {},
        ...heads.map((text) =>
          element('th', { scope: 'col', ...(text.startsWith('SNR') && { class: 'number' }) }, text),
        ),
      ),
    ),
    body,
  );
  return [
    title,
    element('div', { class: 'records' }, table),
    ...(all > first.length
      ? [
          element(
            'p',
            { class: 'muted' },
            `and ${countText(all - first.length)} that are less wrong: ecg statistics prints them all`,
          ),
        ]
      : []),
  ];
}

function recordRow(row: RecordToLookAt, trusted: boolean, actions: RecordActions): HTMLElement {
  const { record, label, sourceLabel, split, excluded, verdict, reasons, snr } = row;
  const open = button(record, () => actions.open(record), {
    class: 'link',
    title: 'Open the waveform',
    'data-key': `open ${record}`,
  });
  const act = (text: string, does: keyof RecordActions): HTMLElement =>
    button(text, () => actions[does](record), {
      'data-key': `${does} ${record}`,
      'aria-label': `${text} ${record}`,
      disabled: !trusted,
    });
  const made = element(
    'tr',
    { class: excluded ? 'excluded' : undefined },
    element('td', {}, open),
    element('td', {}, sourceLabel === undefined ? label : `${label} (was ${sourceLabel})`),
    element('td', {}, excluded ? 'excluded' : split),
    element('td', {}, element('span', { class: 'mark', 'aria-hidden': true }, marks[verdict]), verdict),
    element('td', { class: 'number' }, snr === undefined ? '–' : (Math.round(10 * snr) / 10 + 0).toFixed(1)),
    element('td', { class: 'reasons' }, reasons.join('; ')),
    element(
      'td',
      { class: 'actions' },
      ...(excluded
        ? [act('Include Again', 'include')]
        : [act('Relabel…', 'relabel'), act('Exclude', 'exclude')]),
    ),
  );
  made.addEventListener('click', (event) => {
    if (!(event.target as Element).closest('button')) actions.open(record);
  });
  return made;
}

/** Up and down within the same column of buttons. */
function moveFocus(event: KeyboardEvent, body: HTMLElement): void {
  const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  const at = document.activeElement;
  const row = at?.closest('tr');
  if (step === undefined || !row) return;
  const next = body.children[[...body.children].indexOf(row) + step] as HTMLElement | undefined;
  const column = [...row.querySelectorAll('button')].indexOf(at as HTMLButtonElement);
  const buttons = next?.querySelectorAll('button') ?? [];
  const target = buttons[Math.min(column, buttons.length - 1)] as HTMLButtonElement | undefined;
  if (!target) return;
  event.preventDefault();
  target.focus();
}

/** Recordings that cannot be measured, and why; and sets of records that are the same. */
export function otherLists(
  { unreadable, duplicates }: ShownStatistics,
  trusted: boolean,
  actions: RecordActions,
): HTMLElement[] {
  const link = (record: string): HTMLElement =>
    button(record, () => actions.open(record), { class: 'link', 'data-key': `twin ${record}` });
  const made: HTMLElement[] = [];
  if (unreadable.all > 0) {
    made.push(
      element('h2', {}, `Cannot be measured: ${countText(unreadable.all)}`),
      element(
        'ul',
        {},
        ...unreadable.first.map(({ record, reason, excluded }) =>
          element(
            'li',
            {},
            `${record}: ${reason} `,
            button(
              excluded ? 'Include Again' : 'Exclude',
              () => actions[excluded ? 'include' : 'exclude'](record),
              {
                'data-key': `unreadable ${record}`,
                disabled: !trusted,
              },
            ),
          ),
        ),
      ),
    );
  }
  if (duplicates.all > 0) {
    made.push(
      element('h2', {}, `Exact duplicates, kept in one split each: ${countText(duplicates.all)}`),
      element(
        'ul',
        {},
        ...duplicates.first.map((set) =>
          element('li', {}, ...set.flatMap((record, i) => (i > 0 ? [' = ', link(record)] : [link(record)]))),
        ),
      ),
    );
  }
  return made;
}
