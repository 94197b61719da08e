/** A count for people, rounded: `138,244`. */
export function countText(count: number): string {
  return Math.round(count).toLocaleString('en-US');
}
