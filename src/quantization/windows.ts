import type { ValueFormat } from '../layers/fixed-binding.ts';

/**
 * One window of a scaled signal on the integer grid: q = clip(floor(x * 2^fraction + 1/2)) to int8. Reads
 * `out.length` samples from `offset`; samples past the signal's end are zero. Returns `out`.
 */
export function quantizeWindow(
  signal: Float32Array,
  offset: number,
  out: Int8Array,
  format: Pick<ValueFormat, 'fraction'>,
): Int8Array {
  const scale = 2 ** format.fraction;
  for (let i = 0; i < out.length; i++) {
    const at = offset + i;
    const sample = at < signal.length ? signal[at] : 0;
    out[i] = Math.max(-128, Math.min(127, Math.floor(sample * scale + 0.5)));
  }
  return out;
}
