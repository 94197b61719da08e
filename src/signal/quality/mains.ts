/** Power of mains hum as a share of the signal's, 0…1, in the mean of all seconds; undefined where the rate is too low to tell. */
export interface MainsShares {
  at50: number | undefined;
  at60: number | undefined;
}

/**
 * The share of the signal's power that is a sine of 50 or 60 Hz. Second by second, the signal without its straight trend is
 * compared with a sine and a cosine under a Hann window (a discrete Fourier transform at that one frequency; Oppenheim and Schafer,
 * "Discrete-Time Signal Processing"), where other frequencies more than 2 Hz away leave no trace.
 */
export class MainsMeter {
  readonly #lines: readonly { cosine: Float64Array; sine: Float64Array; shares: number }[];
  #seconds = 0;

  /** @param rate Hz */
  constructor(rate: number) {
    const length = Math.round(rate);
    // At half of the rate sine and cosine cannot be told apart, and filters have taken away what was there.
    this.#lines = [50, 60]
      .filter((frequency) => rate > 2.2 * frequency)
      .map((frequency) => {
        const hann = (i: number): number => 1 - Math.cos((2 * Math.PI * i) / length);
        const angle = (i: number): number => (2 * Math.PI * frequency * i) / rate;
        return {
          cosine: Float64Array.from({ length }, (_, i) => hann(i) * Math.cos(angle(i))),
          sine: Float64Array.from({ length }, (_, i) => hann(i) * Math.sin(angle(i))),
          shares: 0,
        };
      });
  }

  /** The next second of the signal, mV: `rate` samples, rounded. One with missing samples is left out. */
  second(samples: Float64Array): void {
    if (!samples.every(Number.isFinite)) return;
    const second = samples.slice();
    const n = second.length;
    const middle = (n - 1) / 2;
    let mean = 0;
    let slope = 0;
    for (let i = 0; i < n; i++) {
      mean += second[i] / n;
      slope += ((i - middle) * second[i] * 12) / (n * (n * n - 1));
    }
    for (let i = 0; i < n; i++) second[i] -= mean + slope * (i - middle);
    const power = second.reduce((sum, value) => sum + value * value, 0) / n;
    this.#seconds++;
    if (power === 0) return;
    for (const line of this.#lines) {
      let re = 0;
      let im = 0;
      for (let i = 0; i < n; i++) {
        re += second[i] * line.cosine[i];
        im += second[i] * line.sine[i];
      }
      // The window's sum is n: a sine of amplitude A gives A n / 2, and has the power A² / 2.
      line.shares += Math.min(1, (2 * (re * re + im * im)) / (n * n) / power);
    }
  }

  shares(): MainsShares {
    const share = (line: number): number | undefined =>
      this.#lines[line] && this.#lines[line].shares / Math.max(1, this.#seconds);
    return { at50: share(0), at60: share(1) };
  }
}
