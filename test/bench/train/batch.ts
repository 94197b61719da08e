import { RandomStream } from '../../../src/common/random.ts';
import type { Network } from '../../../src/model/network.ts';

/** What one training step of the benches computes. */
export const records = 32;
export const windows = 28;

/** Noise, the same in every run. */
export function trainingBatch(network: Network): { signal: Float32Array; label: number }[] {
  const length = network.input.window + (windows - 1) * network.input.hop;
  return Array.from({ length: records }, (_v, i) => {
    const random = new RandomStream(1, 'bench', i);
    return { signal: Float32Array.from({ length }, () => random.normal()), label: i % 4 };
  });
}
