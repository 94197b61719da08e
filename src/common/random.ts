/**
 * Counter-based random numbers: every draw is a function of its key alone, so that the order in which threads or
 * records arrive cannot matter. The generator is Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as
 * 1, 2, 3", SC'11).
 */
const M0 = 0xd2511f53;
const M1 = 0xcd9e8d57;
const W0 = 0x9e3779b9;
const W1 = 0xbb67ae85;

/** High and low 32 bits of a 32 x 32 bit product. */
function mulhilo(a: number, b: number): [number, number] {
  const low = Math.imul(a, b) >>> 0;
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const t = aHigh * bLow + ((aLow * bLow) >>> 16);
  const u = aLow * bHigh + (t & 0xffff);
  const high = aHigh * bHigh + Math.floor(t / 0x10000) + Math.floor(u / 0x10000);
  return [high >>> 0, low];
}

/** One Philox4x32-10 block: four 32-bit words of a 128-bit counter under a 64-bit key. */
export function philox(
  counter: readonly [number, number, number, number],
  key: readonly [number, number],
): Uint32Array {
  let [c0, c1, c2, c3] = counter;
  let [k0, k1] = key;
  for (let round = 0; round < 10; round++) {
    const [h0, l0] = mulhilo(M0, c0);
    const [h1, l1] = mulhilo(M1, c2);
    [c0, c1, c2, c3] = [(h1 ^ c1 ^ k0) >>> 0, l1, (h0 ^ c3 ^ k1) >>> 0, l0];
    k0 = (k0 + W0) >>> 0;
    k1 = (k1 + W1) >>> 0;
  }
  return Uint32Array.of(c0, c1, c2, c3);
}

/** 32-bit FNV-1a of a string's UTF-16 code units: turns purposes and record names into key words. */
export function hashWord(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return h >>> 0;
}

/**
 * A stream of random numbers keyed by (seed, purpose, a, b): for example (run seed, 'shuffle', epoch, 0).
 * Two streams with different keys are independent; the same key gives the same stream for ever.
 */
export class RandomStream {
  readonly #key: [number, number];
  readonly #a: number;
  readonly #b: number;
  #block = 0;
  #words: Uint32Array = new Uint32Array(4);
  #used = 4;

  constructor(seed: number, purpose: string, a: number | string = 0, b: number | string = 0) {
    this.#key = [seed >>> 0, hashWord(purpose)];
    this.#a = typeof a === 'string' ? hashWord(a) : a >>> 0;
    this.#b = typeof b === 'string' ? hashWord(b) : b >>> 0;
  }

  /** The next 32 random bits. */
  word(): number {
    if (this.#used === 4) {
      this.#words = philox([this.#block++, 0, this.#a, this.#b], this.#key);
      this.#used = 0;
    }
    return this.#words[this.#used++];
  }

  /** Uniform in [0, 1), 53 bits. */
  uniform(): number {
    return ((this.word() >>> 5) * 67108864 + (this.word() >>> 6)) / 9007199254740992;
  }

  /** Uniform integer in [0, n). */
  integer(n: number): number {
    return Math.floor(this.uniform() * n);
  }

  /** Standard normal (Box and Muller 1958). */
  normal(): number {
    const u = 1 - this.uniform();
    return Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * this.uniform());
  }

  /** Fisher-Yates, in place. */
  shuffle<T>(items: T[]): T[] {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      [items[i], items[j]] = [items[j], items[i]];
    }
    return items;
  }
}
