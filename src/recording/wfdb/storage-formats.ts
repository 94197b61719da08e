import { missingSample } from '../recording.ts';

/**
 * Storage formats of WFDB signal files (signal(5) of the WFDB Applications Guide): samples of all signals of a file, frame by
 * frame, packed as here. FLAC (508, 516, 524) is not one of these: its files are compressed.
 */
export interface StorageFormat {
  /** Samples that are packed together. */
  group: number;
  /** Bytes of so many samples from the start of a group; the last group may be cut. */
  bytes(samples: number): number;
  /** How many whole samples so many bytes hold. */
  samples(bytes: number): number;
  /** `values.length` samples from the start of a group; what was not recorded becomes `missingSample`. */
  decode(bytes: Uint8Array, values: Int32Array): void;
  /** Differences to the sample before instead of samples. */
  differences?: boolean;
}

/** Formats of whole bytes a sample. */
function plain(
  size: number,
  sample: (bytes: Uint8Array, at: number) => number,
  missing?: number,
): StorageFormat {
  return {
    group: 1,
    bytes: (samples) => samples * size,
    samples: (bytes) => Math.floor(bytes / size),
    decode(bytes, values) {
      for (let i = 0, at = 0; i < values.length; i++, at += size) {
        const value = sample(bytes, at);
        values[i] = value === missing ? missingSample : value;
      }
    },
  };
}

export const storageFormats: ReadonlyMap<number, StorageFormat> = new Map<number, StorageFormat>([
  [8, { ...plain(1, (b, i) => (b[i] << 24) >> 24), differences: true }],
  [16, plain(2, (b, i) => ((b[i] | (b[i + 1] << 8)) << 16) >> 16, -0x8000)],
  [24, plain(3, (b, i) => ((b[i] | (b[i + 1] << 8) | (b[i + 2] << 16)) << 8) >> 8, -0x800000)],
  // The least value is missingSample already.
  [32, plain(4, (b, i) => b[i] | (b[i + 1] << 8) | (b[i + 2] << 16) | (b[i + 3] << 24))],
  [61, plain(2, (b, i) => ((b[i + 1] | (b[i] << 8)) << 16) >> 16, -0x8000)],
  [80, plain(1, (b, i) => b[i] - 128, -128)],
  [160, plain(2, (b, i) => (b[i] | (b[i + 1] << 8)) - 0x8000, -0x8000)],
  [212, format212()],
  [310, format310()],
  [311, format311()],
]);

/** Bits a sample of the formats that FLAC compresses, and the value of one that was not recorded. */
export const flacFormats: ReadonlyMap<number, { bits: number; missing: number }> = new Map([
  [508, { bits: 8, missing: -0x80 }],
  [516, { bits: 16, missing: -0x8000 }],
  [524, { bits: 24, missing: -0x800000 }],
]);

/**
 * Pairs of 12 bits in three bytes: the low byte of the first, four high bits of each (the first's lower), the low byte of the
 * second. Two bytes at the end are one sample.
 */
function format212(): StorageFormat {
  const signed = (low: number, high: number): number => {
    const value = ((low | (high << 8)) << 20) >> 20;
    return value === -0x800 ? missingSample : value;
  };
  return {
    group: 2,
    bytes: (samples) => Math.ceil(samples * 1.5),
    samples: (bytes) => Math.floor((bytes * 2) / 3),
    decode(bytes, values) {
      for (let i = 0, at = 0; i < values.length; i += 2, at += 3) {
        values[i] = signed(bytes[at], bytes[at + 1] & 0x0f);
        if (i + 1 < values.length) values[i + 1] = signed(bytes[at + 2], bytes[at + 1] >> 4);
      }
    },
  };
}

const signed10 = (value: number): number => {
  const sample = (value << 22) >> 22;
  return sample === -0x200 ? missingSample : sample;
};

/**
 * Triples of 10 bits in two byte pairs: ten bits of each above the lowest, which counts for nothing; the third sample's lower five
 * are the uppermost of the first pair, its upper five those of the second.
 */
function format310(): StorageFormat {
  return triples([2, 4], (bytes, at, which) => {
    const first = bytes[at] | (bytes[at + 1] << 8);
    if (which === 0) return signed10(first >> 1);
    const second = bytes[at + 2] | (bytes[at + 3] << 8);
    if (which === 1) return signed10(second >> 1);
    return signed10(((first >> 11) & 0x1f) | (((second >> 11) & 0x1f) << 5));
  });
}

/** Triples of 10 bits in 32, from the lowest; the two uppermost count for nothing. */
function format311(): StorageFormat {
  return triples([2, 3], (bytes, at, which) => {
    const bit = 10 * which;
    const from = at + (bit >> 3);
    return signed10((bytes[from] | (bytes[from + 1] << 8)) >> (bit & 7));
  });
}

/** @param rest bytes that one sample and two take where the last triple is not whole */
function triples(
  rest: readonly [number, number],
  sample: (bytes: Uint8Array, at: number, which: number) => number,
): StorageFormat {
  return {
    group: 3,
    bytes: (samples) => Math.floor(samples / 3) * 4 + [0, ...rest][samples % 3],
    samples: (bytes) => Math.floor(bytes / 4) * 3 + (bytes % 4 >= rest[1] ? 2 : bytes % 4 >= rest[0] ? 1 : 0),
    decode(bytes, values) {
      for (let i = 0; i < values.length; i++) values[i] = sample(bytes, Math.floor(i / 3) * 4, i % 3);
    },
  };
}
