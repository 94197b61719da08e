import { saadc } from './analog.ts';
import { ficr, nvmc, uicr } from './memory.ts';
import { clock, power } from './power.ts';
import { dwt, nvic, scb } from './processor.ts';
import type { Peripheral } from './register.ts';
import { p0, uarte0 } from './serial.ts';
import { ppi, timer1, wdt } from './timing.ts';

/**
 * The peripherals of the nRF52832 that the firmware uses, for a debugger. Registers that cannot be read, and those that
 * reading changes, are not in it. A test holds it against the addresses in `application/nrf.h`.
 */
export const peripherals: readonly Peripheral[] = [
  ...[saadc, timer1, ppi, uarte0, wdt, clock, power, p0, nvmc, ficr, uicr],
  ...[nvic, dwt, scb],
];
