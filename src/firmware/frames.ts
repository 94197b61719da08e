import * as zlib from 'node:zlib';

/** Frames of the application's UART and RTT; the format stands in `application/frames.h`. */
export const frameTypes = {
  hello: 1,
  samples: 2,
  result: 3,
  status: 4,
  taken: 5,
  ask: 0x81,
  start: 0x82,
  replay: 0x83,
  live: 0x84,
} as const;

/** Bytes of a payload. */
export const largestPayload = 192;
const magic = Buffer.of(0xec, 0x67);
const headBytes = 6;
const overhead = 10;

export interface Frame {
  type: number;
  sequence: number;
  payload: Buffer;
}

export function encodeFrame(type: number, sequence: number, payload: Uint8Array): Buffer {
  if (payload.length > largestPayload) throw new RangeError(`a payload of ${payload.length} bytes`);
  const body = Buffer.alloc(4 + payload.length);
  body[0] = type;
  body[1] = sequence & 0xff;
  body.writeUInt16LE(payload.length, 2);
  body.set(payload, 4);
  const crc = Buffer.alloc(4);
  crc.writeUInt32LE(zlib.crc32(body));
  return Buffer.concat([magic, body, crc]);
}

/** Takes bytes as they come and gives whole frames. Bytes that are none, and frames with a wrong CRC, are skipped and counted. */
export class FrameReader {
  #bytes = Buffer.alloc(0);
  /** Frames whose CRC or length was wrong. */
  damaged = 0;

  push(bytes: Uint8Array): Frame[] {
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
    const frames: Frame[] = [];
    for (let frame = this.#next(); frame; frame = this.#next()) frames.push(frame);
    return frames;
  }

  #next(): Frame | undefined {
    for (;;) {
      const at = this.#bytes.indexOf(magic);
      // The last byte may be the first of the two.
      if (at < 0) this.#skip(this.#bytes.at(-1) === magic[0] ? this.#bytes.length - 1 : this.#bytes.length);
      else this.#skip(at);
      const bytes = this.#bytes;
      if (at < 0 || bytes.length < headBytes) return undefined;
      const length = bytes.readUInt16LE(4);
      if (length <= largestPayload) {
        if (bytes.length < length + overhead) return undefined;
        if (bytes.readUInt32LE(headBytes + length) === zlib.crc32(bytes.subarray(2, headBytes + length))) {
          this.#skip(length + overhead);
          return {
            type: bytes[2],
            sequence: bytes[3],
            payload: bytes.subarray(headBytes, headBytes + length),
          };
        }
      }
      this.damaged++;
      this.#skip(magic.length);
    }
  }

  #skip(count: number): void {
    this.#bytes = this.#bytes.subarray(count);
  }
}

export interface HelloFrame {
  version: number;
  classes: number;
  /** First 8 bytes of the network's hash, hexadecimal. */
  hash: string;
  /** Hz, of the ADC. */
  adcRate: number;
  decimation: number;
  window: number;
  hop: number;
  resetCause: number;
}

export function decodeHello(payload: Buffer): HelloFrame {
  return {
    version: payload[0],
    classes: payload[1],
    hash: payload.subarray(2, 10).toString('hex'),
    adcRate: payload.readUInt32LE(10) / payload.readUInt32LE(14),
    decimation: payload.readUInt16LE(18),
    window: payload.readUInt16LE(20),
    hop: payload.readUInt16LE(22),
    resetCause: payload.readUInt32LE(24),
  };
}

export interface SamplesFrame {
  /** Index of the first sample since the start. */
  index: number;
  samples: Int16Array;
}

export function decodeSamples(payload: Buffer): SamplesFrame {
  const samples = Int16Array.from({ length: (payload.length - 4) >> 1 }, (_, i) =>
    payload.readInt16LE(4 + 2 * i),
  );
  return { index: payload.readUInt32LE(0), samples };
}

export interface ResultFrame {
  window: number;
  /** Last of its samples at the model's rate. */
  lastSample: number;
  classIndex: number;
  logits: Int16Array;
  /** 0…1. */
  probabilities: Float64Array;
}

export function decodeResult(payload: Buffer): ResultFrame {
  const classes = (payload.length - 10) >> 2;
  const word = (i: number): number => 10 + 2 * i;
  return {
    window: payload.readUInt32LE(0),
    lastSample: payload.readUInt32LE(4),
    classIndex: payload[8],
    logits: Int16Array.from({ length: classes }, (_, i) => payload.readInt16LE(word(i))),
    probabilities: Float64Array.from(
      { length: classes },
      (_, i) => payload.readUInt16LE(word(classes + i)) / 65535,
    ),
  };
}

export interface StatusFrame {
  lostBlocks: number;
  droppedFrames: number;
  damagedFrames: number;
}

export function decodeStatus(payload: Buffer): StatusFrame {
  return {
    lostBlocks: payload.readUInt32LE(0),
    droppedFrames: payload.readUInt32LE(4),
    damagedFrames: payload.readUInt32LE(8),
  };
}
