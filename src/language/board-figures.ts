import { largestMillivolts, type Board } from '../firmware/board.ts';

/** What a count of the ADC is, and where it clips; both follow from the file. */
export function boardScale(board: Board): string {
  const short = (value: number): string => String(Number(value.toPrecision(3)));
  const microvolts = 1000 / board.adc.countsPerMillivolt;
  return `1 count = ${short(microvolts)} µV at the electrodes · clips at ±${short(largestMillivolts(board))} mV (by this file)`;
}
