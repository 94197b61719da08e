import { biasBits, storedWeightBits } from '../layers/fixed-point.ts';
import type { QuantizationSpec } from '../model/network.ts';

/** Numbers for people: `948 k` where space is short, `948,480` where there is room. */

const units = ['', ' k', ' M', ' G', ' T', ' P', ' E'];

/** Two or three digits and a unit: `48`, `1.2 k`, `10 k`, `138 k`, `1.2 M`. */
export function shortNumber(value: number): string {
  let scaled = value;
  let unit = 0;
  // 999.5 of one unit would be rounded to 1000 of it.
  while (scaled >= 999.5 && unit < units.length - 1) {
    scaled /= 1000;
    unit++;
  }
  const digits = unit > 0 && scaled < 9.95 ? scaled.toFixed(1).replace(/\.0$/, '') : scaled.toFixed(0);
  return digits + units[unit];
}

export function exactNumber(value: number): string {
  return value.toLocaleString('en');
}

export function shapeText({ channels, length }: { channels: number; length: number }): string {
  return `${channels}×${length}`;
}

/** Share of a whole: `1.1 %`; nothing of nothing is 0 %. */
export function shareText(part: number, whole: number): string {
  return `${(whole > 0 ? (100 * part) / whole : 0).toFixed(1)} %`;
}

/** `3 errors`, `1 error` */
export function countText(count: number, noun: string): string {
  return `${exactNumber(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** How weights and biases are stored on the device: `as int8`, `as int4 and int16`. */
export function weightsText({ weights }: QuantizationSpec): string {
  const biases = biasBits(weights);
  const stored = storedWeightBits(weights);
  return `as int${stored}${stored === biases ? '' : ` and int${biases}`}`;
}
