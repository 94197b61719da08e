/**
 * A FLAC encoder for tests (RFC 9639): every kind of subframe, chosen by the caller, bit by bit and without any regard to size.
 */
export class BitWriter {
  readonly #bits: number[] = [];

  put(value: number, width: number): this {
    for (let i = width - 1; i >= 0; i--) this.#bits.push(Math.floor(value / 2 ** i) & 1);
    return this;
  }

  unary(zeros: number): this {
    for (let i = 0; i < zeros; i++) this.#bits.push(0);
    this.#bits.push(1);
    return this;
  }

  bytes(): Uint8Array {
    const bytes = new Uint8Array(Math.ceil(this.#bits.length / 8));
    this.#bits.forEach((bit, i) => (bytes[i >> 3] |= bit << (7 - (i & 7))));
    return bytes;
  }
}

export interface Subframe {
  kind: 'constant' | 'verbatim' | 'fixed' | 'linear';
  order?: number;
  /** Of a linear predictor: the first is of the sample just before. */
  coefficients?: readonly number[];
  shift?: number;
  wasted?: number;
  /** Rice parameter of each partition (a power of two of them); `raw` writes it as an escape of so many bits. */
  partitions?: readonly (number | { raw: number })[];
  /** Parameters of 5 bits instead of 4. */
  wide?: boolean;
}

/** Binomial coefficients with signs: what the fixed predictors are as linear ones. */
const fixedPredictors = [[], [1], [2, -1], [3, -3, 1], [4, -6, 4, -1]];

export function putSubframe(out: BitWriter, samples: readonly number[], width: number, how: Subframe): void {
  const { kind, order = 0, wasted = 0, shift = 0 } = how;
  const type = { constant: 0, verbatim: 1, fixed: 8 + order, linear: 31 + order }[kind];
  out.put(type, 7).put(wasted > 0 ? 1 : 0, 1);
  if (wasted > 0) out.unary(wasted - 1);
  const stored = width - wasted;
  const s = samples.map((value) => value / 2 ** wasted);
  if (kind === 'constant') out.put(s[0], stored);
  else if (kind === 'verbatim') for (const value of s) out.put(value, stored);
  else {
    for (const value of s.slice(0, order)) out.put(value, stored);
    const coefficients = kind === 'fixed' ? fixedPredictors[order] : how.coefficients!;
    if (kind === 'linear') {
      out.put(14, 4).put(shift, 5);
      for (const c of coefficients) out.put(c, 15);
    }
    const residuals = s.slice(order).map((value, i) => {
      const predicted = coefficients.reduce((sum, c, j) => sum + c * s[order + i - 1 - j], 0);
      return value - Math.floor(predicted / 2 ** shift);
    });
    putResiduals(out, residuals, s.length, order, how);
  }
}

function putResiduals(
  out: BitWriter,
  residuals: number[],
  length: number,
  order: number,
  how: Subframe,
): void {
  const { partitions = [4], wide = false } = how;
  out.put(wide ? 1 : 0, 2).put(Math.log2(partitions.length), 4);
  partitions.forEach((parameter, p) => {
    const each = length / partitions.length;
    const some = residuals.slice(Math.max(0, p * each - order), (p + 1) * each - order);
    if (typeof parameter === 'number') {
      out.put(parameter, wide ? 5 : 4);
      for (const r of some) {
        const folded = r >= 0 ? 2 * r : -2 * r - 1;
        out.unary(Math.floor(folded / 2 ** parameter)).put(folded, parameter);
      }
    } else {
      out.put(wide ? 31 : 15, wide ? 5 : 4).put(parameter.raw, 5);
      for (const r of some) out.put(r, parameter.raw);
    }
  });
}

export interface FrameOptions {
  number: number;
  /** Samples are numbered, not frames. */
  variable?: boolean;
  /** 0…7, 8: left/side, 9: side/right, 10: mid/side. */
  assignment?: number;
}

/** A frame of channels as they are stored (a side is passed as such), with their widths and subframes. */
export function encodeFrame(
  channels: readonly { samples: readonly number[]; width: number; how: Subframe }[],
  { number, variable = false, assignment = channels.length - 1 }: FrameOptions,
): Uint8Array {
  const head = new BitWriter().put(0x7ffc, 15).put(variable ? 1 : 0, 1);
  head.put(7, 4).put(0, 4).put(assignment, 4).put(0, 4);
  for (const byte of codedNumber(number)) head.put(byte, 8);
  head.put(channels[0].samples.length - 1, 16);
  const header = head.bytes();
  const body = new BitWriter();
  for (const { samples, width, how } of channels) putSubframe(body, samples, width, how);
  const frame = Buffer.concat([header, Buffer.of(crc(header, 8, 0x07)), body.bytes()]);
  const check = crc(frame, 16, 0x8005);
  return Buffer.concat([frame, Buffer.of(check >> 8, check & 0xff)]);
}

function codedNumber(value: number): number[] {
  if (value < 0x80) return [value];
  const bytes: number[] = [];
  let rest = value;
  let lead = 0x80;
  for (let room = 0x40; ; room >>= 1) {
    bytes.unshift(0x80 | (rest & 0x3f));
    rest = Math.floor(rest / 64);
    lead |= room;
    if (rest < room >> 1) return [lead | rest, ...bytes];
  }
}

/** Bit by bit, unlike the code under test. */
function crc(bytes: Uint8Array, width: number, polynomial: number): number {
  let value = 0;
  for (const byte of bytes) {
    for (let bit = 7; bit >= 0; bit--) {
      const out = ((value >> (width - 1)) & 1) ^ ((byte >> bit) & 1);
      value = ((value << 1) ^ (out ? polynomial : 0)) & (2 ** width - 1);
    }
  }
  return value;
}

export interface StreamOptions {
  channels: number;
  bits: number;
  blockSize: number;
  samples: number;
  /** Bytes of a padding block after STREAMINFO. */
  padding?: number;
}

export function encodeStream(frames: readonly Uint8Array[], options: StreamOptions): Uint8Array {
  const { channels, bits, blockSize, samples, padding } = options;
  const info = new BitWriter().put(padding === undefined ? 0x80 : 0, 8).put(34, 24);
  info.put(blockSize, 16).put(blockSize, 16).put(0, 24).put(0, 24);
  info
    .put(250, 20)
    .put(channels - 1, 3)
    .put(bits - 1, 5)
    .put(samples, 36);
  for (let i = 0; i < 16; i++) info.put(0, 8);
  const pad = padding === undefined ? [] : [Buffer.of(0x81, 0, 0, padding), Buffer.alloc(padding)];
  return Buffer.concat([Buffer.from('fLaC'), info.bytes(), ...pad, ...frames]);
}
