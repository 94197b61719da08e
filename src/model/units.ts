import type { FixedPointFormat, QuantizationSpec } from './network.ts';

const byteUnits: Readonly<Record<string, number>> = { B: 1, kB: 1000, MB: 1e6, KiB: 1024, MiB: 1024 * 1024 };

/** `150 kB`, `16 KiB` → bytes; undefined where it is no size. kB = 1000 bytes, KiB = 1024. */
export function parseBytes(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*(B|kB|MB|KiB|MiB)$/.exec(text.trim());
  return match ? Math.round(Number(match[1]) * byteUnits[match[2]]) : undefined;
}

/** `60 ms`, `0.1 s` → milliseconds; undefined where it is no time. */
export function parseMilliseconds(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*(ms|s)$/.exec(text.trim());
  return match ? Number(match[1]) * (match[2] === 's' ? 1000 : 1) : undefined;
}

/** `Q2.5` → { integer: 2, fraction: 5 }; a sign bit comes on top. */
export function parseFormat(text: string): FixedPointFormat | undefined {
  const match = /^Q(\d{1,2})\.(\d{1,2})$/.exec(text);
  return match ? { integer: Number(match[1]), fraction: Number(match[2]) } : undefined;
}

export function formatName({ integer, fraction }: FixedPointFormat): string {
  return `Q${integer}.${fraction}`;
}

export function weightsName(weights: QuantizationSpec['weights']): string {
  if (typeof weights === 'object') return formatName(weights);
  return weights === 4 ? '4 bits' : weights;
}

/** Bytes for people, in units of 1000: `138.2 kB`. */
export function bytesText(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 1e6) return `${(bytes / 1000).toFixed(1)} kB`;
  return `${(bytes / 1e6).toFixed(2)} MB`;
}
