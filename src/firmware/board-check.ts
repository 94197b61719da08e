import { UserError } from '../common/errors.ts';
import type { Network } from '../model/network.ts';
import { largestMillivolts, type Board } from './board.ts';
import { samplingClock } from './emit-board.ts';

/** Parts in a million that the timer may be off: a tenth of a percent is a heart rate of 60.06 for 60. */
const mostRateError = 1000;

/**
 * Throws a UserError where a board's ADC and a model's input do not fit: it clips what the network reads, its counts are coarser
 * than the network's steps, or its rate cannot be had from the timer.
 *
 * @param scale millivolts that the network was trained to call 1
 */
export function requireBoardFits(board: Board, { input, quantization }: Network, scale: number): void {
  const step = scale * 2 ** -quantization.activations.fraction;
  const count = 1 / board.adc.countsPerMillivolt;
  const place = {};
  const micro = (millivolts: number): string => `${Number((1000 * millivolts).toPrecision(3))} µV`;
  if (count > step) {
    throw new UserError(
      `a count of the ADC of ${board.name} is ${micro(count)}, and a step of the network's input ${micro(step)}: the network was trained on finer values`,
      place,
      'A larger gain of front end or ADC makes counts finer.',
    );
  }
  const reads = 128 * step;
  const reach = largestMillivolts(board);
  if (reach < reads) {
    throw new UserError(
      `the ADC of ${board.name} clips at ${micro(reach)}, and the network reads up to ${micro(reads)}`,
      place,
      'A smaller gain of front end or ADC widens its range.',
    );
  }
  const adcRate = input.rate * board.adc.oversampling;
  const { error } = samplingClock(adcRate);
  if (Math.abs(error) > mostRateError) {
    throw new UserError(
      `${adcRate} Hz cannot be had from the timer's 16 MHz: ${error.toFixed(0)} parts in a million off`,
      place,
      'Choose another `oversampling` in the board file.',
    );
  }
}
