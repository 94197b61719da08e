/** A beat of a drawn signal. */
export interface Beat {
  /** s, of the R peak. */
  time: number;
  /** mV. */
  size?: number;
  /** Of the QRS complex, in units of a narrow one. */
  width?: number;
  /** Height of the T wave, in units of `size`. */
  t?: number;
  /** s, its standard deviation. */
  tWidth?: number;
}

/** Bumps of P, Q, R, S and T: [height, s after R, s of standard deviation]. */
const bumps = [
  [0.12, -0.17, 0.025],
  [-0.12, -0.027, 0.01],
  [1, 0, 0.011],
  [-0.2, 0.029, 0.01],
] as const;

/** Beats drawn with Gaussian bumps, in mV, at `rate` Hz. */
export function ecg(beats: readonly Beat[], seconds: number, rate: number): Float32Array {
  const signal = new Float32Array(Math.round(seconds * rate));
  for (const { time, size = 1, width = 1, t = 0.25, tWidth = 0.05 } of beats) {
    for (const [height, after, deviation] of [...bumps, [t, 0.28, tWidth] as const]) {
      // P and T keep their places and widths.
      const scale = Math.abs(after) < 0.1 ? width : 1;
      const centre = (time + after * scale) * rate;
      const spread = deviation * scale * rate;
      for (let i = Math.ceil(centre - 5 * spread); i <= centre + 5 * spread; i++) {
        if (i >= 0 && i < signal.length)
          signal[i] += size * height * Math.exp(-0.5 * ((i - centre) / spread) ** 2);
      }
    }
  }
  return signal;
}

/** The signal with white noise of a standard deviation, the same for the same seed. */
export function noisy(signal: Float32Array, deviation: number, seed: number): Float32Array {
  let state = seed;
  const uniform = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state + 0.5) / 2 ** 32;
  };
  return signal.map(
    (v) => v + deviation * Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform()),
  );
}
