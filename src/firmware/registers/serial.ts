import { baudRates } from '../board.ts';
import { bits, event, flag, interrupts, peripheral, type RegisterLine } from './register.ts';

/** nRF52832 Product Specification 1.8: UARTE, GPIO. */

const baudNames = Object.fromEntries(
  Object.entries(baudRates).map(([baud, value]) => [value, `${baud} bits a second`]),
);

function pin(name: string, offset: number): RegisterLine {
  return [
    `PSEL.${name}`,
    offset,
    `Pin of ${name}`,
    bits('PIN', 0, 5),
    flag('CONNECT', 31, 'connected', 'not connected'),
  ];
}

export const uarte0 = peripheral('UARTE0', 0x40002000, 'Serial port: frames of ECG and results', [
  event('CTS', 0x100, 'The other side is ready'),
  event('NCTS', 0x104, 'The other side is not ready'),
  event('RXDRDY', 0x108, 'A byte has come'),
  event('ENDRX', 0x110, 'The buffer of received bytes is full'),
  event('TXDRDY', 0x11c, 'A byte has gone'),
  event('ENDTX', 0x120, 'All bytes of the buffer have gone'),
  event('ERROR', 0x124, 'ERRORSRC says which'),
  event('RXTO', 0x144, 'The receiver has stopped'),
  event('RXSTARTED', 0x14c, 'The receiver has started'),
  event('TXSTARTED', 0x150, 'The transmitter has started'),
  event('TXSTOPPED', 0x158, 'The transmitter has stopped'),
  [
    'SHORTS',
    0x200,
    'Events that do a task at once',
    flag('ENDRX_STARTRX', 5, 'off', 'on'),
    flag('ENDRX_STOPRX', 6, 'off', 'on'),
  ],
  interrupts('INTENSET', {
    ...{ CTS: 0, NCTS: 1, RXDRDY: 2, ENDRX: 4, TXDRDY: 7, ENDTX: 8, ERROR: 9 },
    ...{ RXTO: 17, RXSTARTED: 19, TXSTARTED: 20, TXSTOPPED: 22 },
  }),
  [
    'ERRORSRC',
    0x480,
    'Errors since they were cleared',
    ...['OVERRUN', 'PARITY', 'FRAMING', 'BREAK'].map((name, i) => flag(name, i)),
  ],
  ['ENABLE', 0x500, 'Whether it is on', bits('ENABLE', 0, 4, { 0: 'off', 4: 'UART', 8: 'UARTE' })],
  pin('RTS', 0x508),
  pin('TXD', 0x50c),
  pin('CTS', 0x510),
  pin('RXD', 0x514),
  ['BAUDRATE', 0x524, 'Speed', bits('BAUDRATE', 0, 32, baudNames)],
  ['RXD.PTR', 0x534, 'Address that received bytes are written to'],
  ['RXD.MAXCNT', 0x538, 'Bytes that the buffer holds', bits('MAXCNT', 0, 8)],
  ['RXD.AMOUNT', 0x53c, 'Bytes received last', bits('AMOUNT', 0, 8)],
  ['TXD.PTR', 0x544, 'Address of the bytes to send'],
  ['TXD.MAXCNT', 0x548, 'Bytes to send', bits('MAXCNT', 0, 8)],
  ['TXD.AMOUNT', 0x54c, 'Bytes sent last', bits('AMOUNT', 0, 8)],
  [
    'CONFIG',
    0x56c,
    'Form of a byte',
    flag('HWFC', 0, 'no flow control', 'flow control'),
    bits('PARITY', 1, 3, { 0: 'none', 7: 'even' }),
  ],
]);

const pins = Array.from({ length: 32 }, (_, i) => i);
const levels = pins.map((i) => flag(`PIN${i}`, i, 'low', 'high'));
const drives = ['S0S1', 'H0S1', 'S0H1', 'H0H1', 'D0S1', 'D0H1', 'S0D1', 'H0D1'];

export const p0 = peripheral('P0', 0x50000000, 'Pins', [
  ['OUT', 0x504, 'Levels that outputs have', ...levels],
  ['IN', 0x510, 'Levels of the pins', ...levels],
  ['DIR', 0x514, 'Directions', ...pins.map((i) => flag(`PIN${i}`, i, 'input', 'output'))],
  ['LATCH', 0x520, 'Pins that have met what SENSE says', ...pins.map((i) => flag(`PIN${i}`, i))],
  ...pins.map((i): RegisterLine => [
    `PIN_CNF[${i}]`,
    0x700 + 4 * i,
    `Configuration of P0.${String(i).padStart(2, '0')}`,
    bits('DIR', 0, 1, ['input', 'output']),
    bits('INPUT', 1, 1, ['connected', 'not connected']),
    bits('PULL', 2, 2, { 0: 'none', 1: 'down', 3: 'up' }),
    bits('DRIVE', 8, 3, drives),
    bits('SENSE', 16, 2, { 0: 'off', 2: 'high', 3: 'low' }),
  ]),
]);
