import type { RandomStream } from '../../common/random.ts';
import type { AugmentationSpec } from '../../model/augmentation.ts';
import type { InputSpec } from '../../model/network.ts';

/** The random numbers of one record in one epoch for one purpose: a change of one setting leaves the others' draws alone. */
export type Draws = (
  purpose: 'offset' | 'stretch' | 'sign' | 'gain' | 'wander' | 'noise' | 'lead-off',
) => RandomStream;

/** First sample that is kept, and samples after stretching. */
export interface NewLength {
  from: number;
  samples: number;
}

/**
 * Start and length that offset and stretch give a record of so many samples. Apart from the signal's own changes, so
 * that the batches of an epoch can be planned before any record is changed. Neither takes a record below one window that
 * had one.
 */
export function newLength(
  samples: number,
  { offset, stretch }: AugmentationSpec,
  { window, hop }: InputSpec,
  draws: Draws,
): NewLength {
  const spare = Math.max(0, samples - window);
  const from = offset ? Math.min(draws('offset').integer(hop), spare) : 0;
  const left = samples - from;
  if (!stretch) return { from, samples: left };
  const random = draws('stretch');
  if (random.uniform() >= stretch.probability) return { from, samples: left };
  const stretched = Math.round(left * (1 + between(random, [-stretch.range, stretch.range])));
  return { from, samples: Math.max(stretched, Math.min(left, window), 1) };
}

/** Uniform in [low, high). */
export function between(random: RandomStream, [low, high]: readonly [number, number]): number {
  return low + (high - low) * random.uniform();
}
