/**
 * Storage formats of WFDB signal files (signal(5) of the WFDB Applications Guide): interleaved samples of all signals of a
 * file.
 */
export interface SampleFormat {
  /** The value of a sample that was not recorded. */
  invalid: number;
  /** A copy of all whole samples that the bytes hold. */
  decode(bytes: Uint8Array): Int16Array;
}

export const sampleFormats: ReadonlyMap<number, SampleFormat> = new Map([
  [16, { invalid: -32768, decode: decode16 }],
  [212, { invalid: -2048, decode: decode212 }],
]);

/** Two bytes, the low one first. */
function decode16(bytes: Uint8Array): Int16Array {
  return new Int16Array(Uint8Array.from(bytes.subarray(0, bytes.length - (bytes.length % 2))).buffer);
}

/**
 * Pairs of 12 bits in three bytes: the low byte of the first, four high bits of each (the first's lower), the low byte of the
 * second. Two bytes at the end are one sample.
 */
function decode212(bytes: Uint8Array): Int16Array {
  const samples = new Int16Array(Math.floor((bytes.length * 2) / 3));
  const signed = (low: number, high: number): number => ((low | (high << 8)) << 20) >> 20;
  for (let i = 0, at = 0; i < samples.length; i += 2, at += 3) {
    samples[i] = signed(bytes[at], bytes[at + 1] & 0x0f);
    if (i + 1 < samples.length) samples[i + 1] = signed(bytes[at + 2], bytes[at + 1] >> 4);
  }
  return samples;
}
