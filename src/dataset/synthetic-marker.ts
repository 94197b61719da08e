import type { Archive } from '../recording/file-source.ts';

/** An empty file of this name beside recordings says that they are synthetic. */
export const syntheticMarker = 'SYNTHETIC';

export function isSynthetic(archive: Archive): boolean {
  return archive.names().some((name) => name === syntheticMarker || name.endsWith(`/${syntheticMarker}`));
}
