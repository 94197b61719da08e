import { bits, event, flag, flags, interrupts, peripheral, type RegisterLine } from './register.ts';

/** nRF52832 Product Specification 1.8: TIMER, WDT, PPI. */

const compares = [0, 1, 2, 3];

export const timer1 = peripheral('TIMER1', 0x40009000, 'Timer: triggers the converter', [
  ...compares.map((i) => event(`COMPARE[${i}]`, 0x140 + 4 * i, `The counter was CC[${i}]`)),
  [
    'SHORTS',
    0x200,
    'Events that do a task at once',
    ...compares.map((i) => flag(`COMPARE${i}_CLEAR`, i, 'off', 'on')),
    ...compares.map((i) => flag(`COMPARE${i}_STOP`, 8 + i, 'off', 'on')),
  ],
  interrupts('INTENSET', { COMPARE0: 16, COMPARE1: 17, COMPARE2: 18, COMPARE3: 19 }),
  ['MODE', 0x504, 'What it counts', bits('MODE', 0, 2, ['timer', 'counter', 'counter of low power'])],
  ['BITMODE', 0x508, 'How far it counts', bits('BITMODE', 0, 2, ['16 bits', '8 bits', '24 bits', '32 bits'])],
  ['PRESCALER', 0x510, 'It counts at 16 MHz / 2^PRESCALER', bits('PRESCALER', 0, 4)],
  ...compares.map((i): RegisterLine => [`CC[${i}]`, 0x540 + 4 * i, `Compare or capture ${i}, ticks`]),
]);

export const wdt = peripheral('WDT', 0x40010000, 'Watchdog', [
  event('TIMEOUT', 0x100, 'It was not fed in time'),
  interrupts('INTENSET', { TIMEOUT: 0 }),
  ['RUNSTATUS', 0x400, 'Whether it runs', flag('RUNSTATUS', 0, 'stopped', 'running')],
  ['REQSTATUS', 0x404, 'Which registers still have to be fed', ...flags('RR', 0, 8, 'fed, or off', 'waits')],
  ['CRV', 0x504, 'Ticks of 32768 Hz until it resets the chip, less one'],
  ['RREN', 0x508, 'Registers that have to be fed', ...flags('RR', 0, 8, 'off', 'on')],
  [
    'CONFIG',
    0x50c,
    'When it runs',
    flag('SLEEP', 0, 'pauses in sleep', 'runs in sleep'),
    flag('HALT', 3, 'pauses while the debugger halts the core', 'runs while the debugger halts the core'),
  ],
]);

/** Channels that software connects; the others are wired in the chip. */
const channels = Array.from({ length: 4 }, (_, i) => i);

export const ppi = peripheral('PPI', 0x4001f000, 'Connects events to tasks without the core', [
  ['CHENSET', 0x504, 'Channels that are on', ...flags('CH', 0, 32, 'off', 'on')],
  ...channels.flatMap((i): RegisterLine[] => [
    [`CH[${i}].EEP`, 0x510 + 8 * i, 'Address of its event'],
    [`CH[${i}].TEP`, 0x514 + 8 * i, 'Address of its task'],
  ]),
]);
