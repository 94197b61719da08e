import { bits, event, flag, interrupts, peripheral, type RegisterLine } from './register.ts';

/** nRF52832 Product Specification 1.8: CLOCK and POWER, which share their addresses. */

const lowFrequencySources = ['RC', 'crystal', 'from the fast clock'];

export const clock = peripheral('CLOCK', 0x40000000, 'Clocks', [
  event('HFCLKSTARTED', 0x100, 'The fast crystal runs'),
  event('LFCLKSTARTED', 0x104, 'The slow clock runs'),
  event('DONE', 0x10c, 'The slow RC oscillator is calibrated'),
  event('CTTO', 0x110, 'The time until the next calibration is over'),
  interrupts('INTENSET', { HFCLKSTARTED: 0, LFCLKSTARTED: 1, DONE: 3, CTTO: 4 }),
  ['HFCLKRUN', 0x408, 'Whether the fast crystal was asked for', flag('STATUS', 0)],
  [
    'HFCLKSTAT',
    0x40c,
    'The fast clock',
    bits('SRC', 0, 1, ['RC', 'crystal']),
    flag('STATE', 16, 'not running', 'running'),
  ],
  ['LFCLKRUN', 0x414, 'Whether the slow clock was asked for', flag('STATUS', 0)],
  [
    'LFCLKSTAT',
    0x418,
    'The slow clock',
    bits('SRC', 0, 2, lowFrequencySources),
    flag('STATE', 16, 'not running', 'running'),
  ],
  ['LFCLKSRCCOPY', 0x41c, 'Its source when it was started', bits('SRC', 0, 2, lowFrequencySources)],
  [
    'LFCLKSRC',
    0x518,
    'Source of the slow clock',
    bits('SRC', 0, 2, lowFrequencySources),
    flag('BYPASS', 16),
    flag('EXTERNAL', 17),
  ],
]);

/** The eight blocks of RAM, two sections of 4 KiB each. */
const ram = Array.from({ length: 8 }, (_, i): RegisterLine => [
  `RAM[${i}].POWER`,
  0x900 + 16 * i,
  `RAM from ${(0x20000000 + 0x2000 * i).toString(16)}`,
  flag('S0POWER', 0, 'off', 'on'),
  flag('S1POWER', 1, 'off', 'on'),
  flag('S0RETENTION', 16, 'off', 'on'),
  flag('S1RETENTION', 17, 'off', 'on'),
]);

export const power = peripheral('POWER', 0x40000000, 'Power and reset', [
  event('POFWARN', 0x108, 'The supply is below the threshold of POFCON'),
  event('SLEEPENTER', 0x114, 'The core sleeps'),
  event('SLEEPEXIT', 0x118, 'The core has woken'),
  [
    'RESETREAS',
    0x400,
    'Why the chip was reset; none: it was powered',
    ...Object.entries({ RESETPIN: 0, DOG: 1, SREQ: 2, LOCKUP: 3, OFF: 16, LPCOMP: 17, DIF: 18, NFC: 19 }).map(
      ([name, bit]) => flag(name, bit),
    ),
  ],
  ['POFCON', 0x510, 'Warning of a low supply', flag('POF', 0, 'off', 'on'), bits('THRESHOLD', 1, 4)],
  ['GPREGRET', 0x51c, 'Kept over a reset', bits('GPREGRET', 0, 8)],
  ['GPREGRET2', 0x520, 'Kept over a reset', bits('GPREGRET', 0, 8)],
  ['DCDCEN', 0x578, 'DC/DC converter', flag('DCDCEN', 0, 'off', 'on')],
  ...ram,
]);
