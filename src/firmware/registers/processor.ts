import { bits, flag, peripheral } from './register.ts';

/** ARMv7-M Architecture Reference Manual, B3.2 and B3.4, and of the nRF52832 the numbers of its interrupts. */

const exceptions = { 0: 'none', 2: 'NMI', 3: 'HardFault', 4: 'MemManage', 5: 'BusFault', 6: 'UsageFault' };

/** Bits of CFSR: memory management, bus and usage faults. */
const faults = {
  ...{ IACCVIOL: 0, DACCVIOL: 1, MUNSTKERR: 3, MSTKERR: 4, MLSPERR: 5, MMARVALID: 7 },
  ...{ IBUSERR: 8, PRECISERR: 9, IMPRECISERR: 10, UNSTKERR: 11, STKERR: 12, LSPERR: 13, BFARVALID: 15 },
  ...{ UNDEFINSTR: 16, INVSTATE: 17, INVPC: 18, NOCP: 19, UNALIGNED: 24, DIVBYZERO: 25 },
};

export const scb = peripheral(
  'SCB',
  0xe000ed00,
  'Processor: exceptions and faults',
  [
    ['CPUID', 0x00, 'Kind of core', bits('PARTNO', 4, 12, { 0xc24: 'Cortex-M4' }), bits('REVISION', 0, 4)],
    [
      'ICSR',
      0x04,
      'Exceptions',
      bits('VECTACTIVE', 0, 9, exceptions),
      bits('VECTPENDING', 12, 9, exceptions),
      flag('ISRPENDING', 22),
    ],
    ['VTOR', 0x08, 'Address of the vectors'],
    ['CCR', 0x14, 'Traps', flag('UNALIGN_TRP', 3, 'off', 'on'), flag('DIV_0_TRP', 4, 'off', 'on')],
    [
      'SHCSR',
      0x24,
      'Handlers of faults',
      flag('MEMFAULTENA', 16, 'off', 'on'),
      flag('BUSFAULTENA', 17, 'off', 'on'),
      flag('USGFAULTENA', 18, 'off', 'on'),
    ],
    ['CFSR', 0x28, 'What caused a fault', ...Object.entries(faults).map(([name, bit]) => flag(name, bit))],
    ['HFSR', 0x2c, 'What caused a hard fault', flag('VECTTBL', 1), flag('FORCED', 30)],
    ['MMFAR', 0x34, 'Address of a memory fault, where MMARVALID is set'],
    ['BFAR', 0x38, 'Address of a bus fault, where BFARVALID is set'],
    [
      'CPACR',
      0x88,
      'Access to the floating point unit',
      bits('CP10', 20, 2, { 0: 'denied', 1: 'privileged', 3: 'full' }),
      bits('CP11', 22, 2, { 0: 'denied', 1: 'privileged', 3: 'full' }),
    ],
  ],
  { ofProcessor: true },
);

/** Interrupts that the firmware may use; the number of one is that of its peripheral. */
const lines = { POWER_CLOCK: 0, UARTE0: 2, SAADC: 7, TIMER0: 8, TIMER1: 9, TIMER2: 10, WDT: 16 };
const interruptFlags = (off: string, on: string) =>
  Object.entries(lines).map(([name, bit]) => flag(name, bit, off, on));

/** Of the processor, but its lines are those of the chip. */
export const nvic = peripheral('NVIC', 0xe000e100, 'Interrupts 0 to 31', [
  ['ISER0', 0x000, 'On', ...interruptFlags('off', 'on')],
  ['ISPR0', 0x100, 'Pending', ...interruptFlags('no', 'pending')],
  ['IABR0', 0x200, 'Being served', ...interruptFlags('no', 'active')],
]);

export const dwt = peripheral('DWT', 0xe0001000, 'Counter of cycles', [
  ['CTRL', 0x0, 'What is counted', flag('CYCCNTENA', 0, 'off', 'on')],
  ['CYCCNT', 0x4, 'Cycles'],
]);
