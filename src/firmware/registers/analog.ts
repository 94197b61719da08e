import { adcGains, acquisitionTimes, adcInputs } from '../board.ts';
import {
  bits,
  event,
  flag,
  interrupts,
  peripheral,
  type RegisterField,
  type RegisterLine,
} from './register.ts';

/** nRF52832 Product Specification 1.8, SAADC. */

const inputs: Readonly<Record<number, string>> = { ...['not connected', ...adcInputs], 9: 'VDD' };
const resistors = ['bypass', 'pull-down', 'pull-up', 'VDD/2'];

/** A conversion's limits and input, of one of the eight channels. */
function channel(index: number): RegisterLine[] {
  const at = 0x510 + 16 * index;
  const config: RegisterField[] = [
    bits('RESP', 0, 2, resistors),
    bits('RESN', 4, 2, resistors),
    bits('GAIN', 8, 3, adcGains),
    bits('REFSEL', 12, 1, ['internal, 0.6 V', 'VDD/4']),
    bits(
      'TACQ',
      16,
      3,
      acquisitionTimes.map((time) => `${time} µs`),
    ),
    bits('MODE', 20, 1, ['single-ended', 'differential']),
    flag('BURST', 24, 'off', 'on'),
  ];
  return [
    [`CH[${index}].PSELP`, at, 'Positive input', bits('PSELP', 0, 5, inputs)],
    [`CH[${index}].PSELN`, at + 4, 'Negative input', bits('PSELN', 0, 5, inputs)],
    [`CH[${index}].CONFIG`, at + 8, 'Gain, reference and acquisition', ...config],
    [`CH[${index}].LIMIT`, at + 12, 'Limits of its events', bits('LOW', 0, 16), bits('HIGH', 16, 16)],
  ];
}

export const saadc = peripheral('SAADC', 0x40007000, 'Analog to digital converter: reads the ECG', [
  event('STARTED', 0x100, 'The converter has taken the buffer and is ready'),
  event('END', 0x104, 'The buffer is full'),
  event('DONE', 0x108, 'A conversion has ended'),
  event('RESULTDONE', 0x10c, 'A result is ready to be written'),
  event('CALIBRATEDONE', 0x110, 'The calibration has ended'),
  event('STOPPED', 0x114, 'The converter has stopped'),
  interrupts('INTEN', { STARTED: 0, END: 1, DONE: 2, RESULTDONE: 3, CALIBRATEDONE: 4, STOPPED: 5 }),
  ['STATUS', 0x400, 'What it does now', flag('STATUS', 0, 'ready', 'converting')],
  ['ENABLE', 0x500, 'Whether it is on', flag('ENABLE', 0, 'off', 'on')],
  ...channel(0),
  ['RESOLUTION', 0x5f0, 'Bits of a result', bits('VAL', 0, 3, ['8 bits', '10 bits', '12 bits', '14 bits'])],
  [
    'OVERSAMPLE',
    0x5f4,
    'Conversions that are averaged',
    bits('OVERSAMPLE', 0, 4, ['none', '2', '4', '8', '16', '32', '64', '128', '256']),
  ],
  [
    'SAMPLERATE',
    0x5f8,
    'What starts a conversion',
    bits('CC', 0, 11),
    bits('MODE', 12, 1, ['the task SAMPLE', 'its own timer']),
  ],
  ['RESULT.PTR', 0x62c, 'Address that results are written to'],
  ['RESULT.MAXCNT', 0x630, 'Results that the buffer holds', bits('MAXCNT', 0, 15)],
  ['RESULT.AMOUNT', 0x634, 'Results written since the start', bits('AMOUNT', 0, 15)],
]);
