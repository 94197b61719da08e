import { countText } from '../../src/common/count-text.ts';
import type { BuildReport, MemoryUse } from '../../src/firmware/build-report.ts';
import { bar } from '../shared/bars.ts';
import { element } from '../shared/dom.ts';
import { memoryNames, percentText } from './text.ts';

const barLength = 480;

/** What the network takes of each memory, beside what it may take. */
export function memorySection({ memories, sizes }: BuildReport): HTMLElement {
  return element(
    'section',
    {},
    element('h2', {}, 'Memory of the network'),
    ...memories.map((memory) => memoryBlock(memory, sizes[memory.what])),
    element(
      'p',
      { class: 'muted' },
      'Exact, from the linked application: the network alone, with its code, states and arena. Budgets are those of the model file.',
    ),
  );
}

function memoryBlock(memory: MemoryUse, wholeImage: number): HTMLElement {
  const { what, used, budget, chip, over } = memory;
  const limit = limitOf(memory);
  const scale = Math.max(used, limit);
  const whose =
    limit === budget
      ? 'its budget'
      : `the chip’s; ${budget === undefined ? 'no budget is given' : 'the budget is larger'}`;
  const words = `${countText(used)} of ${countText(limit)} B (${whose}), ${percentText(used, limit)}`;
  const parts = [
    { share: Math.min(used, limit) / scale, fill: 'part-0' },
    { share: Math.max(0, used - limit) / scale, fill: 'over' },
    { share: Math.max(0, limit - used) / scale, fill: 'part-2' },
  ];
  return element(
    'div',
    { class: 'memory' },
    element('p', {}, element('b', {}, memoryNames[what]), ` ${words}`),
    bar(parts, barLength, `${memoryNames[what]} of the network: ${words}`),
    ...(over ? [overError(memory)] : []),
    element('p', { class: 'muted' }, `Whole image ${countText(wholeImage)} B, chip ${countText(chip)} B.`),
  );
}

/** What the network may take: its budget, and never more than there is. */
function limitOf({ budget, chip }: MemoryUse): number {
  return Math.min(budget ?? Infinity, chip);
}

function overError(memory: MemoryUse): HTMLElement {
  const { what, used, budget, largest } = memory;
  const limit = limitOf(memory);
  const whose = limit === budget ? 'the budget of the model file' : 'what the chip has';
  return element(
    'p',
    { class: 'error' },
    `${memoryNames[what]}: ${countText(used - limit)} B over ${whose}. Most is taken by ${largest}.`,
  );
}
