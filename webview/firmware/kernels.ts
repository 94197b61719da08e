import { countText } from '../../src/common/count-text.ts';
import type { KernelReport } from '../../src/firmware/build-report.ts';
import type { FirmwareSnapshot } from '../../src/protocol/webview.ts';
import { bar, barRow, barTable } from '../shared/bars.ts';
import { element } from '../shared/dom.ts';
import { figureText } from './text.ts';

const barLength = 110;

/** What each layer costs, which kernel it has, and why it has no other. */
export function kernelsSection(
  blocks: readonly KernelReport[],
  { emulated, measured }: Pick<FirmwareSnapshot, 'emulated' | 'measured'>,
): HTMLElement {
  const cost = (i: number): number => emulated?.blocks[i] ?? blocks[i].instructions;
  const most = Math.max(1, ...blocks.map((_, i) => cost(i)));
  const rows = blocks.map(({ layers, name, instructions, scratchBytes, others }, i) => {
    const words = `${layers}: ${countText(cost(i))} instructions, ${emulated ? 'emulated' : 'estimated'}`;
    const row = barRow(
      layers,
      bar([{ share: cost(i) / most, fill: 'part-0' }], barLength, words),
      countText(instructions),
      ...(emulated ? [countText(emulated.blocks[i])] : []),
      ...(measured ? [countText(measured.blocks[i])] : []),
      figureText(scratchBytes),
    );
    row.append(element('td', { class: 'words' }, name), whyCell(layers, others));
    return row;
  });
  const head = [
    ...['layer', '', 'instructions, estimated'],
    ...(emulated ? ['emulated'] : []),
    ...(measured ? ['cycles, measured'] : []),
    ...['scratch, B', 'kernel', 'instead of'],
  ];
  return element(
    'section',
    { class: 'kernels' },
    element('h2', {}, 'Kernels by layer'),
    element(
      'p',
      { class: 'muted' },
      'For one window. The estimate is of the model by which the kernels were chosen; verifying counts in the emulator, or measures on a board.',
    ),
    barTable(head, rows),
  );
}

function whyCell(layers: string, others: KernelReport['others']): HTMLElement {
  if (others.length === 0) return element('td', { class: 'words muted' }, 'there is no other');
  const label = `${others.length} other${others.length === 1 ? '' : 's'}`;
  return element(
    'td',
    { class: 'words why' },
    element(
      'details',
      {},
      element('summary', { 'aria-label': `${layers}: why it has none of ${label}` }, label),
      element('ul', {}, ...others.map(({ name, why }) => element('li', {}, `${name}: ${why}`))),
    ),
  );
}
