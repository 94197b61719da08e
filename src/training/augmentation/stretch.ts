/**
 * A signal at `samples` evenly spaced places from its first to its last sample: cubic convolution (Keys 1981, a = -1/2),
 * exact for straight lines and parabolas. Ends are extended by their tangents.
 */
export function stretch(x: Float32Array, samples: number): Float32Array<ArrayBuffer> {
  const n = x.length;
  const y = new Float32Array(samples);
  if (n < 2) return y.fill(x[0] ?? 0);
  const step = samples > 1 ? (n - 1) / (samples - 1) : 0;
  const before = 2 * x[0] - x[1];
  const after = 2 * x[n - 1] - x[n - 2];
  for (let i = 0; i < samples; i++) {
    const at = i * step;
    const k = Math.min(Math.floor(at), n - 2);
    const t = at - k;
    const p0 = k > 0 ? x[k - 1] : before;
    const p1 = x[k];
    const p2 = x[k + 1];
    const p3 = k + 2 < n ? x[k + 2] : after;
    y[i] = p1 + 0.5 * t * (p2 - p0 + t * (2 * p0 - 5 * p1 + 4 * p2 - p3 + t * (3 * (p1 - p2) + p3 - p0)));
  }
  return y;
}
