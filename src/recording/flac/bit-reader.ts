/** Bits were asked for that the bytes do not have. */
export class OutOfBits extends Error {}

/** Reads bits of bytes, the most significant first. */
export class BitReader {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  /** In bits. */
  position: number;

  constructor(bytes: Uint8Array, byteOffset = 0) {
    this.#bytes = bytes;
    this.#end = bytes.length * 8;
    this.position = byteOffset * 8;
  }

  /** Unsigned, of 0 to 32 bits. */
  unsigned(width: number): number {
    const value = width === 0 ? 0 : this.#next32() >>> (32 - width);
    this.#advance(width);
    return value;
  }

  /** Two's complement, of 0 to 32 bits. */
  signed(width: number): number {
    const value = width === 0 ? 0 : this.#next32() >> (32 - width);
    this.#advance(width);
    return value;
  }

  /** How many zeros there are before the next one, which is skipped. */
  unary(): number {
    let zeros = 0;
    for (;;) {
      const some = Math.clz32(this.#next32());
      zeros += some;
      if (some < 32) {
        this.#advance(some + 1);
        return zeros;
      }
      this.#advance(32);
    }
  }

  /**
   * Rice codes (RFC 9639, 9.2.7.1) into `out[from]` up to `out[to]`: a unary quotient, `width` bits of remainder, even numbers
   * for what is not negative.
   */
  rice(width: number, out: Int32Array, from: number, to: number): void {
    const power = 2 ** width;
    for (let i = from; i < to; i++) {
      const bits = this.#next32();
      const zeros = Math.clz32(bits);
      let folded: number;
      if (zeros + 1 + width <= 32) {
        folded = zeros * power + (width === 0 ? 0 : (bits << (zeros + 1)) >>> (32 - width));
        this.#advance(zeros + 1 + width);
      } else {
        folded = this.unary() * power;
        folded += this.unsigned(width);
      }
      out[i] = (folded >>> 1) ^ -(folded & 1);
    }
  }

  skipToByte(): void {
    this.position = Math.ceil(this.position / 8) * 8;
  }

  #advance(width: number): void {
    this.position += width;
    if (this.position > this.#end) throw new OutOfBits('out of bits');
  }

  /** The next 32 bits, zeros after the end. */
  #next32(): number {
    const at = this.position >>> 3;
    const shift = this.position & 7;
    const bytes = this.#bytes;
    const word = (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
    return shift === 0 ? word : (word << shift) | (bytes[at + 4] >> (8 - shift));
  }
}
