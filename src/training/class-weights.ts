import type { TrainingSpec } from '../model/network.ts';

/**
 * Factor on the loss of the records of each class. `balanced`: records / (classes × records of the class) (King and
 * Zeng 2001), whose mean over the records is 1; a class without records has 1.
 * @param labels class indices of the training records
 */
export function classWeights(
  weights: TrainingSpec['classWeights'],
  labels: readonly number[],
  classes: number,
): readonly number[] {
  if (weights === 'none') return Array.from({ length: classes }, () => 1);
  if (weights !== 'balanced') return weights;
  const counts = Array.from({ length: classes }, (_, c) => labels.filter((label) => label === c).length);
  return counts.map((count) => (count === 0 ? 1 : labels.length / (classes * count)));
}
