import type { TrainingSnapshot } from '../../src/protocol/webview.ts';

/** Newest first. */
export function summaryRows(metrics: TrainingSnapshot['metrics']): TrainingSnapshot['metrics'] {
  return [...metrics].reverse();
}

/** Epoch whose weights are kept, as far as is known. */
export function bestAt({ best }: TrainingSnapshot): number | undefined {
  return best?.epoch;
}
