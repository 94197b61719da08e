/** Of one class; all 0…1. A quotient 0/0 is 0, as scikit-learn has it. */
export interface ClassMetrics {
  /** Also called recall. */
  sensitivity: number;
  precision: number;
  /** Harmonic mean of sensitivity and precision. */
  f1: number;
}

export interface Metrics {
  records: number;
  classes: readonly string[];
  /** [true][predicted] counts. */
  confusion: number[][];
  accuracy: number;
  perClass: Record<string, ClassMetrics>;
  /** Mean F1 over all classes. */
  f1Mean: number;
  /** Mean F1 over the four classes of CinC 2017; absent for other classes. */
  f1Mean4?: number;
  /** The challenge's score: mean F1 of N, A and O; absent where one of them is no class. */
  f1Mean3?: number;
}

const challengeClasses = ['N', 'A', 'O'];

export function confusionOf(
  classes: number,
  truth: ArrayLike<number>,
  predicted: ArrayLike<number>,
): number[][] {
  const confusion = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  for (let i = 0; i < truth.length; i++) confusion[truth[i]][predicted[i]]++;
  return confusion;
}

export function metricsOf(classes: readonly string[], confusion: number[][]): Metrics {
  const ratio = (a: number, b: number): number => (b > 0 ? a / b : 0);
  let records = 0;
  let correct = 0;
  const perClass: Record<string, ClassMetrics> = {};
  for (const [i, name] of classes.entries()) {
    const actual = confusion[i].reduce((a, b) => a + b, 0);
    const predicted = confusion.reduce((total, row) => total + row[i], 0);
    const hits = confusion[i][i];
    records += actual;
    correct += hits;
    perClass[name] = {
      sensitivity: ratio(hits, actual),
      precision: ratio(hits, predicted),
      f1: ratio(2 * hits, actual + predicted),
    };
  }
  const meanOf = (names: readonly string[]): number =>
    names.reduce((total, name) => total + perClass[name].f1, 0) / names.length;
  const challenge = challengeClasses.every((name) => classes.includes(name));
  return {
    records,
    classes,
    confusion,
    accuracy: ratio(correct, records),
    perClass,
    f1Mean: meanOf(classes),
    ...(challenge && classes.length === 4 ? { f1Mean4: meanOf(classes) } : {}),
    ...(challenge ? { f1Mean3: meanOf(challengeClasses) } : {}),
  };
}
