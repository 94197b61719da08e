import type { Interval } from './intervals.ts';
import { figure, markdownTable } from './tables.ts';

/** One side of a comparison. */
export interface ComparedSubject {
  f1Mean: number;
  accuracy: number;
  model: string;
  arithmetic: string;
}

export interface ComparisonSubject {
  a: ComparedSubject;
  b: ComparedSubject;
  records: number;
  /** Records that only one of them got right. */
  onlyA: number;
  onlyB: number;
  /** McNemar's exact test, two-sided. */
  pValue: number;
  /** Mean F1 of b minus that of a, with its paired 95 % bootstrap interval. */
  f1MeanDifference: number;
  ci95: Interval;
}

/** Two models on the same records, as Markdown. `nameA`, `nameB`: their runs. */
export function comparisonMarkdown(nameA: string, nameB: string, result: ComparisonSubject): string {
  const { a, b, records, onlyA, onlyB, pValue, f1MeanDifference, ci95 } = result;
  const row = (name: string, { model, arithmetic, f1Mean, accuracy }: ComparedSubject): string[] => [
    name,
    `${model}, ${arithmetic}`,
    figure(f1Mean),
    figure(accuracy),
  ];
  return [
    '# Comparison',
    '',
    `On the same ${records} records:`,
    '',
    markdownTable([['run', 'model', 'mean F1', 'accuracy'], row(nameA, a), row(nameB, b)]),
    '',
    `Second less first: mean F1 ${f1MeanDifference.toFixed(3)} (95 % interval ${ci95[0].toFixed(3)} to ${ci95[1].toFixed(3)}).`,
    '',
    `Right only in the first: ${onlyA}, only in the second: ${onlyB}; McNemar p = ${pValue.toPrecision(2)}.`,
    '',
  ].join('\n');
}
