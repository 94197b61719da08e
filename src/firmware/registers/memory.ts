import { bits, flag, peripheral } from './register.ts';

/** nRF52832 Product Specification 1.8: NVMC, FICR, UICR. */

export const nvmc = peripheral('NVMC', 0x4001e000, 'Writes flash, caches instructions', [
  ['READY', 0x400, 'Whether it is done', flag('READY', 0, 'busy', 'ready')],
  ['CONFIG', 0x504, 'What the core may do to the flash', bits('WEN', 0, 2, ['read', 'write', 'erase'])],
  [
    'ICACHECNF',
    0x540,
    'Cache of instructions',
    flag('CACHEEN', 0, 'off', 'on'),
    flag('CACHEPROFEN', 8, 'hits are not counted', 'hits are counted'),
  ],
  ['IHIT', 0x548, 'Hits of the cache'],
  ['IMISS', 0x54c, 'Misses of the cache'],
]);

export const ficr = peripheral('FICR', 0x10000000, 'What the factory wrote', [
  ['CODEPAGESIZE', 0x010, 'Bytes of a page of flash'],
  ['CODESIZE', 0x014, 'Pages of flash'],
  ['DEVICEID[0]', 0x060, 'Number of this chip, low word'],
  ['DEVICEID[1]', 0x064, 'Number of this chip, high word'],
  ['INFO.PART', 0x100, 'Part', bits('PART', 0, 32, { 0x52832: 'nRF52832' })],
  ['INFO.VARIANT', 0x104, 'Variant and build code, four letters'],
  ['INFO.PACKAGE', 0x108, 'Package', bits('PACKAGE', 0, 32, { 0x2000: 'QFN48', 0x2001: 'WLCSP' })],
  ['INFO.RAM', 0x10c, 'RAM, KiB'],
  ['INFO.FLASH', 0x110, 'Flash, KiB'],
]);

const resetPin = (name: string, offset: number) =>
  [
    name,
    offset,
    'Pin that resets the chip; both words say the same',
    bits('PIN', 0, 6),
    flag('CONNECT', 31, 'connected', 'not connected'),
  ] as const;

export const uicr = peripheral('UICR', 0x10001000, 'What the user wrote for the next reset', [
  resetPin('PSELRESET[0]', 0x200),
  resetPin('PSELRESET[1]', 0x204),
  [
    'APPROTECT',
    0x208,
    'Protection of the debug port',
    bits('PALL', 0, 8, { 0x00: 'locked', 0x5a: 'open on hardened chips', 0xff: 'open on older chips' }),
  ],
  ['NFCPINS', 0x20c, 'Pins of the antenna', bits('PROTECT', 0, 1, ['are pins', 'are for NFC'])],
]);
