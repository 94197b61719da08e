import { RandomStream } from '../common/random.ts';
import { confusionOf, metricsOf, type Metrics } from './metrics.ts';

export type Interval = [low: number, high: number];

export const figureNames = ['accuracy', 'f1Mean', 'f1Mean4', 'f1Mean3'] as const;
export type FigureName = (typeof figureNames)[number];

const resamples = 2000;
const seed = 20170901;

/**
 * 95 % percentile bootstrap intervals (Efron and Tibshirani 1993, chapter 13) of the summary figures, records drawn
 * with replacement within each true class. The same input gives the same interval.
 */
export function bootstrapIntervals(
  classes: readonly string[],
  truth: ArrayLike<number>,
  predicted: ArrayLike<number>,
): Partial<Record<FigureName, Interval>> {
  const values = resampledFigures(classes, truth, [predicted]);
  const result: Partial<Record<FigureName, Interval>> = {};
  for (const name of figureNames) {
    const figures = values.map(([metrics]) => metrics[name]).filter((v) => v !== undefined);
    if (figures.length === values.length && figures.length > 0) result[name] = interval(figures);
  }
  return result;
}

/** Interval of the difference b - a of one figure on the same records, drawn in pairs. */
export function pairedInterval(
  classes: readonly string[],
  truth: ArrayLike<number>,
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  figure: FigureName,
): Interval {
  return interval(
    resampledFigures(classes, truth, [a, b]).map(([x, y]) => (y[figure] ?? 0) - (x[figure] ?? 0)),
  );
}

function resampledFigures(
  classes: readonly string[],
  truth: ArrayLike<number>,
  predictions: readonly ArrayLike<number>[],
): Metrics[][] {
  const strata = classes.map(() => [] as number[]);
  for (let i = 0; i < truth.length; i++) strata[truth[i]].push(i);
  const drawnTruth = new Uint16Array(truth.length);
  const drawn = predictions.map(() => new Uint16Array(truth.length));
  const results: Metrics[][] = [];
  for (let r = 0; r < resamples; r++) {
    const random = new RandomStream(seed, 'bootstrap', r);
    let at = 0;
    for (const [c, members] of strata.entries()) {
      for (let i = 0; i < members.length; i++) {
        const pick = members[random.integer(members.length)];
        drawnTruth[at] = c;
        for (const [p, prediction] of predictions.entries()) drawn[p][at] = prediction[pick];
        at++;
      }
    }
    results.push(drawn.map((d) => metricsOf(classes, confusionOf(classes.length, drawnTruth, d))));
  }
  return results;
}

function interval(values: number[]): Interval {
  const sorted = Float64Array.from(values).sort();
  const at = (q: number): number => sorted[Math.min(sorted.length - 1, Math.round(q * (sorted.length - 1)))];
  return [at(0.025), at(0.975)];
}

/**
 * McNemar's exact test (McNemar 1947; binomial form): two-sided p for `aOnly` records that only the first and `bOnly`
 * that only the second got right.
 */
export function mcnemar(aOnly: number, bOnly: number): number {
  const n = aOnly + bOnly;
  if (n === 0) return 1;
  const k = Math.min(aOnly, bOnly);
  // Sum of binomial(n, i) / 2^n for i <= k, in logarithms so that large n does not overflow.
  let logTerm = -n * Math.LN2;
  let sum = Math.exp(logTerm);
  for (let i = 1; i <= k; i++) {
    logTerm += Math.log((n - i + 1) / i);
    sum += Math.exp(logTerm);
  }
  return Math.min(1, 2 * sum);
}
