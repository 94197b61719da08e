/** Checksums of FLAC (RFC 9639, 9.1.8 and 9.3): most significant bit first, starting at 0. */

const crc8Table = Uint8Array.from({ length: 256 }, (_, byte) => remainder(byte, 8, 0x07));
const crc16Table = Uint16Array.from({ length: 256 }, (_, byte) => remainder(byte, 16, 0x8005));

function remainder(byte: number, width: number, polynomial: number): number {
  const top = 1 << (width - 1);
  let value = byte << (width - 8);
  for (let bit = 0; bit < 8; bit++) value = value & top ? (value << 1) ^ polynomial : value << 1;
  return value;
}

/** Of the bytes `start` up to `end`; polynomial x^8 + x^2 + x + 1. */
export function crc8(bytes: Uint8Array, start: number, end: number): number {
  let crc = 0;
  for (let i = start; i < end; i++) crc = crc8Table[crc ^ bytes[i]];
  return crc;
}

/** Of the bytes `start` up to `end`; polynomial x^16 + x^15 + x^2 + 1. */
export function crc16(bytes: Uint8Array, start: number, end: number): number {
  let crc = 0;
  for (let i = start; i < end; i++) crc = ((crc << 8) & 0xffff) ^ crc16Table[(crc >> 8) ^ bytes[i]];
  return crc;
}
