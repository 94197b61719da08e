import type { Biquad } from './butterworth.ts';

/** Causal cascade in transposed direct form II, zero initial state, as the device starts. float64 inside, a new array. */
export function filterCausal(sections: readonly Biquad[], x: Float32Array | Float64Array): Float64Array {
  return cascade(sections, Float64Array.from(x), () => [0, 0]);
}

/** `filterCausal` for a signal that comes sample by sample. */
export class CausalFilter {
  readonly #sections: readonly { section: Biquad; state: [number, number] }[];

  constructor(sections: readonly Biquad[]) {
    this.#sections = sections.map((section) => ({ section, state: [0, 0] }));
  }

  next(sample: number): number {
    let x = sample;
    for (const { section, state } of this.#sections) {
      const y = section[0] * x + state[0];
      state[0] = section[1] * x - section[3] * y + state[1];
      state[1] = section[2] * x - section[4] * y;
      x = y;
    }
    return x;
  }
}

/**
 * Forward and backward, so without phase shift (and not for a device). Ends are extended by odd reflection and each
 * pass starts in the steady state of its first value (Gustafsson 1996 as simplified in scipy.signal.sosfiltfilt).
 */
export function filterZeroPhase(sections: readonly Biquad[], x: Float32Array | Float64Array): Float64Array {
  const pad = Math.min(3 * (2 * sections.length + 1), x.length - 1);
  const n = x.length;
  const extended = new Float64Array(n + 2 * pad);
  for (let i = 0; i < pad; i++) {
    extended[i] = 2 * x[0] - x[pad - i];
    extended[n + pad + i] = 2 * x[n - 1] - x[n - 2 - i];
  }
  extended.set(x, pad);
  const steady = steadyStates(sections);
  const pass = (signal: Float64Array): Float64Array => {
    const first = signal[0];
    return cascade(sections, signal, (i) => [steady[i][0] * first, steady[i][1] * first]);
  };
  const forward = pass(extended).reverse();
  return pass(forward)
    .reverse()
    .slice(pad, pad + n);
}

function cascade(
  sections: readonly Biquad[],
  signal: Float64Array,
  initial: (section: number) => readonly [number, number],
): Float64Array {
  for (const [i, [b0, b1, b2, a1, a2]] of sections.entries()) {
    let [s1, s2] = initial(i);
    for (let t = 0; t < signal.length; t++) {
      const x = signal[t];
      const y = b0 * x + s1;
      s1 = b1 * x - a1 * y + s2;
      s2 = b2 * x - a2 * y;
      signal[t] = y;
    }
  }
  return signal;
}

/** State of each section after a constant input of 1 to the first, for ever. */
function steadyStates(sections: readonly Biquad[]): [number, number][] {
  let level = 1;
  return sections.map(([b0, b1, b2, a1, a2]) => {
    const y = (level * (b0 + b1 + b2)) / (1 + a1 + a2);
    const s2 = b2 * level - a2 * y;
    const s1 = b1 * level - a1 * y + s2;
    level = y;
    return [s1, s2];
  });
}
