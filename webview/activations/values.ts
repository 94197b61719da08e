import type { ShownTensor } from '../../src/protocol/webview.ts';

/** One value of a tensor. */
export interface Place {
  channel: number;
  position: number;
}

export type Notation = 'integer' | 'real';

export function valueAt({ values, length }: ShownTensor, { channel, position }: Place): number {
  return values[channel * length + position];
}

/** What a stored integer stands for: exact, since it is a multiple of a power of two. */
export function realValue({ fraction }: Pick<ShownTensor, 'fraction'>, stored: number): number {
  return stored * 2 ** -fraction;
}

/** At most seven digits. */
export function realText(value: number): string {
  return String(Number(value.toPrecision(7)));
}

export function valueText(tensor: ShownTensor, stored: number, notation: Notation): string {
  return notation === 'integer' ? String(stored) : realText(realValue(tensor, stored));
}

/** `Q2.5`: bits before and behind the point, without the sign. */
export function formatName({ bits, fraction }: Pick<ShownTensor, 'bits' | 'fraction'>): string {
  return `Q${bits - 1 - fraction}.${fraction}`;
}

export interface Figures {
  least: number;
  most: number;
  zeros: number;
  /** At the end of what the bits can hold: clipped, or nearly. */
  saturated: number;
}

export function figuresOf({ values, bits }: Pick<ShownTensor, 'values' | 'bits'>): Figures {
  const [lowest, highest] = [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1];
  const figures = { least: Infinity, most: -Infinity, zeros: 0, saturated: 0 };
  for (const value of values) {
    figures.least = Math.min(figures.least, value);
    figures.most = Math.max(figures.most, value);
    if (value === 0) figures.zeros++;
    if (value === lowest || value === highest) figures.saturated++;
  }
  return figures;
}

/** `8 channels of 64 positions, int8 in Q2.5`. */
export function shapeText(tensor: ShownTensor): string {
  const { channels, length, bits } = tensor;
  const count = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`;
  return `${count(channels, 'channel')} of ${count(length, 'position')}, int${bits} in ${formatName(tensor)}`;
}

/** `-12 to 127 (-0.375 to 3.96875), 3 at the end of the range, 40 zeros`. */
export function figuresText(tensor: ShownTensor): string {
  const { least, most, zeros, saturated } = figuresOf(tensor);
  const real = (stored: number): string => realText(realValue(tensor, stored));
  return `${least} to ${most} (${real(least)} to ${real(most)}), ${saturated} at the end of the range, ${zeros} zeros`;
}
