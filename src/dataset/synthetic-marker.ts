import type { OpenSource } from './index-records.ts';

/** An empty file of this name in a dataset's folder says that its recordings are synthetic. */
export const syntheticMarker = 'SYNTHETIC';

/** Made by the synthetic generator: results must say so. */
export function isSynthetic({ archive }: OpenSource): boolean {
  return archive.names().some((name) => name === syntheticMarker || name.endsWith(`/${syntheticMarker}`));
}
