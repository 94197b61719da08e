import type { TrainingSpec } from '../model/network.ts';

/** The cosine ends at this fraction of the first rate. */
const lastFraction = 0.01;

/** Learning rate of one step; `cosine`: half a period from the first rate down (Loshchilov and Hutter 2017, no restarts). */
export function learningRate(
  { learningRate: first, schedule }: TrainingSpec,
  step: number,
  steps: number,
): number {
  if (schedule === 'constant') return first;
  const x = steps > 1 ? step / (steps - 1) : 0;
  return first * (lastFraction + (1 - lastFraction) * 0.5 * (1 + Math.cos(Math.PI * Math.min(1, x))));
}
