import type { JobContext } from '../common/job.ts';
import { UserError } from '../common/errors.ts';
import type { ComparisonSubject } from '../evaluation/comparison-report.ts';
import { mcnemar, pairedInterval } from '../evaluation/intervals.ts';
import { evaluateJob, type EvaluateInputs, type Evaluation } from './evaluate.ts';

export interface Comparison extends ComparisonSubject {
  a: Evaluation;
  b: Evaluation;
}

/** Evaluate two models on the same records and test whether they differ. */
export async function compareJob(
  a: EvaluateInputs,
  b: EvaluateInputs,
  context: JobContext,
): Promise<Comparison> {
  return compareEvaluations(await evaluateJob(a, context), await evaluateJob(b, context));
}

export function compareEvaluations(a: Evaluation, b: Evaluation): Comparison {
  const ofB = new Map(b.predictions.map((p) => [p.record, p]));
  if (a.classes.join() !== b.classes.join()) {
    throw new UserError(
      `they tell different classes apart: ${a.classes.join(', ')} and ${b.classes.join(', ')}`,
    );
  }
  const truth: number[] = [];
  const first: number[] = [];
  const second: number[] = [];
  for (const p of a.predictions) {
    const q = ofB.get(p.record);
    if (!q) continue;
    truth.push(p.truth);
    first.push(p.predicted);
    second.push(q.predicted);
  }
  if (truth.length !== a.records || truth.length !== b.records) {
    throw new UserError(
      `they were evaluated on different records (${a.records} and ${b.records}, ${truth.length} in common)`,
      {},
      'Name one dataset with --data; the split of the first run is used where the runs differ.',
    );
  }
  const onlyA = truth.filter((t, i) => first[i] === t && second[i] !== t).length;
  const onlyB = truth.filter((t, i) => first[i] !== t && second[i] === t).length;
  return {
    a,
    b,
    records: truth.length,
    onlyA,
    onlyB,
    pValue: mcnemar(onlyA, onlyB),
    f1MeanDifference: b.f1Mean - a.f1Mean,
    ci95: pairedInterval(a.classes, truth, first, second, 'f1Mean'),
  };
}
