import { countText } from '../../src/common/count-text.ts';

export const memoryNames = { flash: 'Flash', ram: 'RAM' } as const;

/** A count, and nothing for 0: a column of zeros hides the figures. */
export function figureText(count: number): string {
  return count === 0 ? '' : countText(count);
}

/** With how many more than before in brackets: `24,704 (+128)`. */
export function withChange(bytes: number, change = 0): string {
  if (change === 0) return figureText(bytes);
  return `${countText(bytes)} (${change > 0 ? '+' : '−'}${countText(Math.abs(change))})`;
}

/** `38 %`; what is there is never 0 %. */
export function percentText(part: number, whole: number): string {
  const percent = (100 * part) / whole;
  return part > 0 && percent < 1 ? 'below 1 %' : `${Math.round(percent)} %`;
}
