import type { FigureName, Interval } from './intervals.ts';
import type { Metrics } from './metrics.ts';

/** Markdown table from rows of cells; the first row is the head. All but the first column are set to the right. */
export function markdownTable(rows: readonly (readonly string[])[]): string {
  const widths = rows[0].map((_, c) => Math.max(3, ...rows.map((row) => [...(row[c] ?? '')].length)));
  const pad = (text: string, c: number): string => {
    const space = ' '.repeat(Math.max(0, widths[c] - [...text].length));
    return c === 0 ? text + space : space + text;
  };
  const line = (row: readonly string[]): string =>
    `| ${widths.map((_, c) => pad(row[c] ?? '', c)).join(' | ')} |`;
  const rule = `|${widths.map((w, c) => (c === 0 ? '-'.repeat(w + 2) : '-'.repeat(w + 1) + ':')).join('|')}|`;
  return [line(rows[0]), rule, ...rows.slice(1).map(line)].join('\n');
}

export function figure(value: number | undefined): string {
  return value === undefined ? '–' : value.toFixed(3);
}

export function withInterval(
  metrics: Metrics,
  ci95: Partial<Record<FigureName, Interval>>,
  name: FigureName,
): string {
  const value = metrics[name];
  const interval = ci95[name];
  if (value === undefined) return '–';
  return interval ? `${figure(value)} (${figure(interval[0])}–${figure(interval[1])})` : figure(value);
}

/** [true][predicted] counts with the true classes down the side. */
export function confusionTable({ classes, confusion }: Metrics): string {
  return markdownTable([
    ['true ↓ predicted →', ...classes],
    ...classes.map((name, i) => [name, ...confusion[i].map(String)]),
  ]);
}

export function classTable({ classes, perClass }: Metrics): string {
  return markdownTable([
    ['class', 'sensitivity', 'precision', 'F1'],
    ...classes.map((name) => {
      const { sensitivity, precision, f1 } = perClass[name];
      return [name, figure(sensitivity), figure(precision), figure(f1)];
    }),
  ]);
}
