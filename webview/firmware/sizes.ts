import { countText } from '../../src/common/count-text.ts';
import type { BuildReport } from '../../src/firmware/build-report.ts';
import type { SizeRow } from '../../src/firmware/size-report.ts';
import { bar, barRow, barTable, legend } from '../shared/bars.ts';
import { element } from '../shared/dom.ts';
import { figureText, withChange } from './text.ts';

const barLength = 160;
const head = ['part', '', 'flash, B', 'weights, B', 'tables, B', 'code, B', 'RAM, B', 'arena, B'];
const groups = { layer: 'Layers', runtime: 'Shared by the layers', image: 'Beside the network' } as const;

/** Flash and RAM of each layer and of what is beside them, with what has changed since the build before. */
export function sizesSection({ sizes }: BuildReport): HTMLElement {
  const { rows, changes } = sizes;
  const there = rows.filter(({ flash, ram }) => flash > 0 || ram > 0);
  const most = Math.max(1, ...there.map(({ flash, ram }) => Math.max(flash, ram)));
  const groupRows = (group: keyof typeof groups): HTMLElement[] => [
    element(
      'tr',
      { class: 'group' },
      element('th', { scope: 'colgroup', colspan: head.length }, groups[group]),
    ),
    ...there.filter((row) => groupOf(row) === group).map((row) => sizeRow(row, most, changes?.[row.what])),
  ];
  const gone = Object.entries(changes ?? {}).filter(
    ([what, { flash, ram }]) => (flash !== 0 || ram !== 0) && !rows.some((row) => row.what === what),
  );
  return element(
    'section',
    {},
    element('h2', {}, 'Flash and RAM by layer'),
    element('p', { class: 'muted' }, changesText(sizes)),
    ...(gone.length === 0
      ? []
      : [element('p', {}, `No longer in the image: ${gone.map(goneText).join(', ')}.`)]),
    legend([
      { fill: 'part-0', text: 'weights and tables' },
      { fill: 'part-1', text: 'code' },
      { fill: 'part-2', text: 'RAM' },
    ]),
    barTable(head, [...groupRows('layer'), ...groupRows('runtime'), ...groupRows('image'), allRow(sizes)]),
    element(
      'p',
      { class: 'muted' },
      'Exact, from the linked image and the linker’s map. RAM is what a layer keeps from window to window; while it runs it has its inputs, output and scratch memory in the arena, as much as the last column says.',
    ),
  );
}

function groupOf({ kind }: SizeRow): keyof typeof groups {
  return kind === 'layer' || kind === 'runtime' ? kind : 'image';
}

type Change = { flash: number; ram: number } | undefined;

function sizeRow(row: SizeRow, most: number, change: Change): HTMLElement {
  const { what, flash, code, weights, tables, ram, arena, kernelOf } = row;
  const parts = [
    { share: (weights + tables) / most, fill: 'part-0' },
    { share: code / most, fill: 'part-1' },
    { share: ram / most, fill: 'part-2' },
  ];
  const words = `${what}: ${countText(weights + tables)} B of weights and tables, ${countText(code)} B of code, ${countText(ram)} B of RAM`;
  const made = barRow(
    what,
    bar(parts, barLength, words),
    withChange(flash, change?.flash),
    ...[weights, tables, code].map(figureText),
    withChange(ram, change?.ram),
    figureText(arena),
  );
  if (kernelOf.length > 0) {
    const of = kernelOf.length > 1 ? `${kernelOf.length} layers` : kernelOf[0];
    const note = element('span', { class: 'muted note', title: kernelOf.join('\n') }, ` kernel of ${of}`);
    made.querySelector('th')?.append(note);
  }
  return made;
}

function allRow({ rows, flash, ram, changes }: BuildReport['sizes']): HTMLElement {
  const sum = (key: 'weights' | 'tables' | 'code'): string =>
    countText(rows.reduce((total, row) => total + row[key], 0));
  const changed = (key: 'flash' | 'ram'): number =>
    Object.values(changes ?? {}).reduce((total, bytes) => total + bytes[key], 0);
  const made = barRow(
    'whole image',
    element('span'),
    withChange(flash, changed('flash')),
    sum('weights'),
    sum('tables'),
    sum('code'),
    withChange(ram, changed('ram')),
    '',
  );
  made.classList.add('total');
  return made;
}

function changesText({ changes }: BuildReport['sizes']): string {
  if (!changes) return 'This is the first build: there is nothing to compare it with.';
  const some = Object.values(changes).some(({ flash, ram }) => flash !== 0 || ram !== 0);
  return some
    ? 'In brackets: bytes more or fewer than in the build before.'
    : 'As large as the build before, in every row.';
}

function goneText([what, { flash, ram }]: [string, { flash: number; ram: number }]): string {
  const parts = [
    flash !== 0 && `${countText(-flash)} B of flash`,
    ram !== 0 && `${countText(-ram)} B of RAM`,
  ];
  return `${what} (${parts.filter(Boolean).join(', ')})`;
}
