import { BitReader, OutOfBits } from './bit-reader.ts';
import { crc16, crc8 } from './crc.ts';
import type { StreamInfo } from './stream-info.ts';
import { decodeSubframe, FrameError } from './subframe.ts';

/** Sync code, sizes, number of up to 7 bytes, block size and rate of 2 bytes each, CRC-8. */
export const mostHeaderBytes = 16;

export interface FrameHeader {
  /** The block size of the stream is fixed, and frames are numbered; else their first samples are. */
  fixed: boolean;
  number: number;
  blockSize: number;
  /** 0…7: so many channels less one, each by itself; then left/side, side/right, mid/side. */
  assignment: number;
  bytes: number;
}

/** Frame header (RFC 9639, 9.1) at the start of `bytes`; undefined where there is none that fits the stream. */
export function parseFrameHeader(bytes: Uint8Array, info: StreamInfo): FrameHeader | undefined {
  if (bytes[0] !== 0xff || (bytes[1] & 0xfe) !== 0xf8) return undefined;
  const [sizeCode, rateCode, assignment] = [bytes[2] >> 4, bytes[2] & 15, bytes[3] >> 4];
  const widthCode = (bytes[3] >> 1) & 7;
  if (bytes[3] & 1 || sizeCode === 0 || rateCode === 15) return undefined;
  const channels = assignment < 8 ? assignment + 1 : 2;
  if (assignment > 10 || channels !== info.channels) return undefined;
  if (widthCode !== 0 && [0, 8, 12, 0, 16, 20, 24, 32][widthCode] !== info.bitsPerSample) return undefined;
  const coded = codedNumber(bytes, 4);
  if (!coded) return undefined;
  let at = coded.end;
  let blockSize: number;
  if (sizeCode === 1) blockSize = 192;
  else if (sizeCode <= 5) blockSize = 144 << sizeCode;
  else if (sizeCode === 6) blockSize = bytes[at++] + 1;
  else if (sizeCode === 7) blockSize = ((bytes[at++] << 8) | bytes[at++]) + 1;
  else blockSize = 1 << sizeCode;
  if (rateCode >= 12) at += rateCode === 12 ? 1 : 2;
  if (at >= bytes.length || blockSize > info.mostBlockSize || crc8(bytes, 0, at) !== bytes[at])
    return undefined;
  return { fixed: (bytes[1] & 1) === 0, number: coded.value, blockSize, assignment, bytes: at + 1 };
}

/** UTF-8, prolonged to 36 bits in 7 bytes. */
function codedNumber(bytes: Uint8Array, start: number): { value: number; end: number } | undefined {
  const ones = Math.clz32(~(bytes[start] << 24));
  if (ones === 0) return { value: bytes[start], end: start + 1 };
  if (ones === 1 || ones > 7) return undefined;
  let value = bytes[start] & (0x7f >> ones);
  for (let i = 1; i < ones; i++) {
    const byte = bytes[start + i];
    if ((byte & 0xc0) !== 0x80) return undefined;
    value = value * 64 + (byte & 0x3f);
  }
  return { value, end: start + ones };
}

/** More bytes than a frame of so many samples has: twice what they take as they are, a Rice code being no longer. */
export function frameBytesBound(info: StreamInfo, blockSize: number): number {
  return Math.ceil((2 * info.channels * blockSize * (info.bitsPerSample + 1)) / 8) + 4096;
}

/**
 * Samples of each channel of the frame at the start of `bytes`, and how many bytes it has. Throws a FrameError where it is
 * damaged or cut off.
 */
export function decodeFrame(
  bytes: Uint8Array,
  header: FrameHeader,
  info: StreamInfo,
): { channels: Int32Array[]; bytes: number } {
  const bits = new BitReader(bytes, header.bytes);
  const channels: Int32Array[] = [];
  const { assignment, blockSize } = header;
  try {
    for (let c = 0; c < info.channels; c++) {
      const isSide = assignment >= 8 && c === (assignment === 9 ? 0 : 1);
      const samples = new Int32Array(blockSize);
      decodeSubframe(bits, info.bitsPerSample + (isSide ? 1 : 0), samples);
      channels.push(samples);
    }
    bits.skipToByte();
    const end = bits.position / 8;
    const stored = bits.unsigned(16);
    if (crc16(bytes, 0, end) !== stored) throw new FrameError('its CRC-16 does not match');
    restoreStereo(channels, assignment);
    return { channels, bytes: end + 2 };
  } catch (error) {
    if (error instanceof OutOfBits) throw new FrameError('it is cut off');
    throw error;
  }
}

/** RFC 9639, 4.2: the side is left - right; the mid has lost its last bit, which is the side's. */
function restoreStereo([first, second]: Int32Array[], assignment: number): void {
  if (assignment < 8) return;
  for (let i = 0; i < first.length; i++) {
    if (assignment === 8) {
      second[i] = first[i] - second[i];
    } else if (assignment === 9) {
      first[i] += second[i];
    } else {
      const side = second[i];
      const mid = first[i] * 2 + (side & 1);
      first[i] = (mid + side) >> 1;
      second[i] = (mid - side) >> 1;
    }
  }
}
