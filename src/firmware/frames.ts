import * as zlib from 'node:zlib';

/** Frames over UART, RTT and in the emulator; the format stands in `link/frames.h`. */
export const frameTypes = {
  hello: 1,
  samples: 2,
  result: 3,
  status: 4,
  taken: 5,
  output: 6,
  state: 7,
  cost: 8,
  logits: 9,
  filtered: 10,
  refused: 11,
  ask: 0x81,
  start: 0x82,
  replay: 0x83,
  live: 0x84,
  window: 0x85,
  filter: 0x86,
} as const;

/** Bytes of a payload. */
export const largestPayload = 192;
const magic = Buffer.of(0xec, 0x67);
const headBytes = 6;
const overhead = 10;
export const largestFrame = largestPayload + overhead;

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

/** Version of the frames that this host speaks. */
export const frameVersion = 2;
const helloBytes = 60;

export interface HelloFrame {
  version: number;
  classes: number;
  blocks: number;
  /** Hz, of the ADC; undefined: there is none. */
  adcRate: number | undefined;
  /** 0: no front end. */
  decimation: number;
  window: number;
  hop: number;
  /** Of the ticks that costs are told in. */
  ticksPerSecond: number;
  resetCause: number;
  /** SHA-256 of the network, hexadecimal. */
  hash: string;
}

/** Undefined where the payload is of another version. */
export function decodeHello(payload: Buffer): HelloFrame | undefined {
  if (payload[0] !== frameVersion || payload.length !== helloBytes) return undefined;
  const ticks = payload.readUInt32LE(8);
  return {
    version: payload[0],
    classes: payload[1],
    blocks: payload.readUInt16LE(2),
    adcRate: ticks === 0 ? undefined : payload.readUInt32LE(4) / ticks,
    decimation: payload.readUInt16LE(12),
    window: payload.readUInt16LE(14),
    hop: payload.readUInt16LE(16),
    ticksPerSecond: payload.readUInt32LE(20),
    resetCause: payload.readUInt32LE(24),
    hash: payload.toString('hex', 28),
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
