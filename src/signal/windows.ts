import type { InputSpec } from '../model/network.ts';

/** floor((samples - window) / hop) + 1; a record shorter than one window is zero-padded to one. */
export function windowCount(samples: number, { window, hop }: Pick<InputSpec, 'window' | 'hop'>): number {
  return samples < window ? 1 : Math.floor((samples - window) / hop) + 1;
}
