import { countText } from '../../src/common/count-text.ts';
import { durationText } from '../../src/common/time-left.ts';
import { splitNames } from '../../src/dataset/spec.ts';
import type { ShownStatistics } from '../../src/protocol/webview.ts';
import { bar, barRow, barTable, legend } from '../shared/bars.ts';
import { element } from '../shared/dom.ts';
import { durationPlot } from './duration-plot.ts';

const length = 240;
/** A dataset may have hundreds of classes; the rest is one row. */
const mostClasses = 40;

function percentText(count: number, of: number): string {
  const percent = of > 0 ? (100 * count) / of : 0;
  return `${percent.toFixed(percent < 10 ? 1 : 0)} %`;
}

function rateText(rate: number): string {
  return `${Number(rate.toPrecision(6))} Hz`;
}

function section(title: string, ...content: (Node | string)[]): HTMLElement {
  return element('section', {}, element('h2', {}, title), ...content);
}

/** Records of each class, by split. */
function classes({ classes: all, records }: ShownStatistics): HTMLElement {
  const shown = all.slice(0, mostClasses);
  const longest = Math.max(1, ...all.map((one) => one.records));
  const rows = shown.map(({ label, records: count, splits, seconds }) => {
    const parts = splitNames.map((split, i) => ({ share: splits[split] / longest, fill: `part-${i}` }));
    const words = splitNames.map((split) => `${split} ${countText(splits[split])}`).join(', ');
    return barRow(
      label,
      bar(parts, length, `${label}: ${words}`),
      ...splitNames.map((split) => countText(splits[split])),
      ...[countText(count), percentText(count, records), durationText(seconds)],
    );
  });
  const rest = all.length - shown.length;
  return section(
    'Classes',
    legend(splitNames.map((split, i) => ({ fill: `part-${i}`, text: split }))),
    barTable(['class', '', ...splitNames, 'all', 'share', 'time'], rows),
    ...(rest > 0 ? [element('p', { class: 'muted' }, `and ${rest} classes with fewer records`)] : []),
  );
}

/** Recordings by their signal quality. */
function quality({ verdicts, recordings, unreadable }: ShownStatistics): HTMLElement {
  const rows = [
    ...(['good', 'fair', 'poor'] as const).map((name) => ({ name, count: verdicts[name], fill: name })),
    ...(unreadable.all > 0
      ? [{ name: 'not measured', count: unreadable.all, fill: 'unknown' as const }]
      : []),
  ];
  const longest = Math.max(1, ...rows.map(({ count }) => count));
  return section(
    'Signal quality',
    barTable(
      ['quality', '', 'recordings', 'share'],
      rows.map(({ name, count, fill }) =>
        barRow(
          name,
          bar([{ share: count / longest, fill }], length, `${name}: ${countText(count)}`),
          ...[countText(count), percentText(count, recordings)],
        ),
      ),
    ),
  );
}

function rates({ rates: all, records }: ShownStatistics): HTMLElement {
  const longest = Math.max(1, ...all.map((one) => one.records));
  return section(
    'Rates',
    barTable(
      ['rate', '', 'records', 'share'],
      all.slice(0, mostClasses).map(({ rate, records: count }) => {
        const name = rateText(rate);
        return barRow(
          name,
          bar([{ share: count / longest, fill: 'whole' }], length, `${name}: ${countText(count)}`),
          ...[countText(count), percentText(count, records)],
        );
      }),
    ),
  );
}

export function charts(statistics: ShownStatistics): HTMLElement {
  return element(
    'div',
    { class: 'columns' },
    classes(statistics),
    section('Durations', durationPlot(statistics.durations.histogram)),
    quality(statistics),
    ...(statistics.rates.length > 1 ? [rates(statistics)] : []),
  );
}

/** `7,000 records · 63 h 6 min in all · 9.0 to 61.0 s, half of them 30.0 s or less · 300 Hz`. */
export function summary({ records, recordings, durations, rates: all }: ShownStatistics): string {
  const { total, shortest, median, longest } = durations;
  const same = longest - shortest < 0.05;
  return [
    `${countText(records)} records${recordings === records ? '' : ` in ${countText(recordings)} recordings`}`,
    `${durationText(total)} in all`,
    same
      ? `${median.toFixed(1)} s each`
      : `${shortest.toFixed(1)} to ${longest.toFixed(1)} s, half of them ${median.toFixed(1)} s or less`,
    ...(all.length === 1 ? [rateText(all[0].rate)] : []),
  ].join(' · ');
}
