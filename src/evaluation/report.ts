import { notAMedicalDevice } from '../common/product.ts';
import { bytesText } from '../model/units.ts';
import type { Interval, FigureName } from './intervals.ts';
import type { Metrics } from './metrics.ts';
import { classTable, confusionTable, withInterval } from './tables.ts';

/** What a report tells of one evaluation. */
export interface ReportSubject extends Metrics {
  ci95: Partial<Record<FigureName, Interval>>;
  model: string;
  arithmetic: 'float32' | 'integer';
  /** Name of the board whose ADC was read; undefined: of float32, which reads none. */
  board: string | undefined;
  size: { parameters: number; operations: number; weightBytes: number };
  dataset: { name: string; synthetic: boolean; split: string };
  seenInTraining: number;
}

/** The evaluation as Markdown: confusion matrix, classes, summary figures with intervals, and what to beware of. */
export function evaluationMarkdown(subject: ReportSubject): string {
  const { dataset, records, seenInTraining } = subject;
  const figures: [FigureName, string][] = [
    ['accuracy', 'accuracy'],
    ['f1Mean4', 'mean F1 of four classes'],
    ['f1Mean3', 'mean F1 of N, A, O (challenge score)'],
  ];
  if (subject.f1Mean4 === undefined) figures.splice(1, 0, ['f1Mean', 'mean F1 of all classes']);
  return [
    `## ${subject.model}, ${subject.arithmetic}`,
    '',
    `${records} records of ${dataset.name}, ${dataset.split === 'all' ? 'all splits' : `split ${dataset.split}`}.${subject.board === undefined ? '' : ` Samples as the ADC of ${subject.board} gives them.`}`,
    ...(dataset.synthetic ? ['', '**Synthetic recordings: the figures say nothing about real ones.**'] : []),
    ...(seenInTraining > 0
      ? ['', `**${seenInTraining} of these records were used in training: the figures are too good.**`]
      : []),
    '',
    confusionTable(subject),
    '',
    classTable(subject),
    '',
    ...figures
      .filter(([name]) => subject[name] !== undefined)
      .map(([name, label]) => `- ${label}: ${withInterval(subject, subject.ci95, name)}`),
    `- ${subject.size.parameters} parameters, ${bytesText(subject.size.weightBytes)} of weights, ` +
      `${(subject.size.operations / 1e6).toFixed(2)} M operations a window (exact)`,
    '',
    'In parentheses: 95 % intervals by bootstrap over records, within classes.',
    '',
    notAMedicalDevice,
    '',
  ].join('\n');
}
