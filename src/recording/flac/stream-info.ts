import { UserError } from '../../common/errors.ts';
import type { ByteFile } from '../byte-file.ts';

/** What the head of a FLAC file says (STREAMINFO, RFC 9639, 8.2). */
export interface StreamInfo {
  channels: number;
  bitsPerSample: number;
  mostBlockSize: number;
  /** Of each channel; 0 where it was not known when the head was written. */
  samples: number;
  /** Offset of the first frame. */
  start: number;
}

const headBytes = 42;
const widest = 24;
const advice = 'The file is damaged or cut off, or is no FLAC file; get it again.';

/** Read `fLaC`, STREAMINFO, and skip all other metadata blocks. Throws a UserError that names the field. */
export function readStreamInfo(file: ByteFile): StreamInfo {
  const refuse = (what: string): never => {
    throw new UserError(what, { file: file.location }, advice);
  };
  const head = file.read(0, headBytes);
  if (Buffer.from(head.subarray(0, 4)).toString('latin1') !== 'fLaC') refuse('does not start with `fLaC`');
  if (head.length < headBytes) refuse('is cut off within STREAMINFO');
  const view = new DataView(head.buffer, head.byteOffset, head.length);
  if ((head[4] & 0x7f) !== 0 || (view.getUint32(4) & 0xffffff) !== 34) {
    refuse('its first metadata block is not STREAMINFO');
  }
  const mostBlockSize = view.getUint16(10);
  if (mostBlockSize < 16) refuse(`STREAMINFO gives a largest block of ${mostBlockSize} samples`);
  const packed = view.getUint32(18);
  const channels = ((packed >>> 9) & 7) + 1;
  const bitsPerSample = ((packed >>> 4) & 31) + 1;
  if (bitsPerSample < 4 || bitsPerSample > widest) {
    refuse(`STREAMINFO gives ${bitsPerSample} bits a sample; 4 to ${widest} can be read`);
  }
  const samples = (packed & 15) * 2 ** 32 + view.getUint32(22);

  let start = headBytes;
  for (let last = (head[4] & 0x80) !== 0; !last;) {
    const block = file.read(start, 4);
    if (block.length < 4) refuse('is cut off within its metadata blocks');
    last = (block[0] & 0x80) !== 0;
    start += 4 + ((block[1] << 16) | (block[2] << 8) | block[3]);
  }
  return { channels, bitsPerSample, mostBlockSize, samples, start };
}
