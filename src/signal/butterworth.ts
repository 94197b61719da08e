/** Second-order section [b0, b1, b2, a1, a2] with a0 = 1: y = (b0 + b1 z^-1 + b2 z^-2) / (1 + a1 z^-1 + a2 z^-2) x. */
export type Biquad = readonly [number, number, number, number, number];

type Complex = readonly [re: number, im: number];

/**
 * Digital Butterworth band-pass by the bilinear transform with prewarped band edges (Oppenheim and Schafer,
 * "Discrete-Time Signal Processing", 7.1 and 7.2). `order` is that of the low-pass prototype, so the filter has
 * 2 * order poles in `order` sections, each with zeros at 0 Hz and half the rate; the gain is 1 at the band's
 * geometric centre (of the warped frequencies).
 *
 * @param rate Hz; 0 < band[0] < band[1] < rate / 2, in Hz
 */
export function butterworthBandPass(order: number, band: readonly [number, number], rate: number): Biquad[] {
  const [low, high] = band;
  if (!(low > 0 && high > low && high < rate / 2)) {
    throw new RangeError(`the band ${low}…${high} Hz does not fit a rate of ${rate} Hz`);
  }
  // Analogue edges in rad/s for a sampling interval of 2: s = (z - 1) / (z + 1).
  const w1 = Math.tan((Math.PI * low) / rate);
  const w2 = Math.tan((Math.PI * high) / rate);
  const centre2 = w1 * w2;
  const width = w2 - w1;
  const poles: Complex[] = [];
  for (let k = 0; k < order; k++) {
    const angle = (Math.PI * (2 * k + order + 1)) / (2 * order);
    // Low-pass to band-pass: s^2 - (p B) s + w0^2 = 0.
    const half: Complex = [(Math.cos(angle) * width) / 2, (Math.sin(angle) * width) / 2];
    const root = squareRoot([half[0] ** 2 - half[1] ** 2 - centre2, 2 * half[0] * half[1]]);
    for (const sign of [1, -1]) poles.push(bilinear([half[0] + sign * root[0], half[1] + sign * root[1]]));
  }
  const sections = conjugatePairs(poles).map(([a1, a2]): Biquad => [1, 0, -1, a1, a2]);
  // One gain for each section, so that no section overflows a fixed-point state before the next one scales it down.
  const centre = 2 * Math.atan(Math.sqrt(centre2));
  return sections.map((section) => {
    const gain = 1 / magnitude([section], centre);
    return [gain, 0, -gain, section[3], section[4]];
  });
}

/**
 * Digital Butterworth low-pass by the bilinear transform with prewarped edge, as above; gain 1 at 0 Hz.
 *
 * @param order even, 2 for each section
 * @param edge Hz, where the gain is 1/√2; below rate / 2
 */
export function butterworthLowPass(order: number, edge: number, rate: number): Biquad[] {
  if (!(edge > 0 && edge < rate / 2))
    throw new RangeError(`the edge ${edge} Hz does not fit a rate of ${rate} Hz`);
  const w = Math.tan((Math.PI * edge) / rate);
  return Array.from({ length: order / 2 }, (_, k) => {
    // s^2 + 2 d w s + w^2 = 0 for a pair of poles.
    const damping = Math.sin((Math.PI * (2 * k + 1)) / (2 * order));
    const a0 = 1 + 2 * damping * w + w * w;
    const b = (w * w) / a0;
    return [b, 2 * b, b, (2 * (w * w - 1)) / a0, (1 - 2 * damping * w + w * w) / a0];
  });
}

/** |H| at an angular frequency in rad/sample. */
export function magnitude(sections: readonly Biquad[], w: number): number {
  let product = 1;
  for (const [b0, b1, b2, a1, a2] of sections) {
    const at = (c0: number, c1: number, c2: number): number =>
      Math.hypot(c0 + c1 * Math.cos(w) + c2 * Math.cos(2 * w), c1 * Math.sin(w) + c2 * Math.sin(2 * w));
    product *= at(b0, b1, b2) / at(1, a1, a2);
  }
  return product;
}

function bilinear([re, im]: Complex): Complex {
  const scale = 1 / ((1 - re) ** 2 + im ** 2);
  return [((1 + re) * (1 - re) - im * im) * scale, 2 * im * scale];
}

function squareRoot([re, im]: Complex): Complex {
  const modulus = Math.hypot(re, im);
  const a = Math.sqrt((modulus + re) / 2);
  const b = Math.sqrt((modulus - re) / 2);
  return [a, im < 0 ? -b : b];
}

/** Poles → [a1, a2] of each conjugate pair; real poles are paired with each other. */
function conjugatePairs(poles: readonly Complex[]): [number, number][] {
  const tiny = 1e-12;
  const upper = poles
    .filter(([, im]) => im > tiny)
    .map(([re, im]): [number, number] => [-2 * re, re * re + im * im]);
  const real = poles.filter(([, im]) => Math.abs(im) <= tiny).map(([re]) => re);
  for (let i = 0; i + 1 < real.length; i += 2) upper.push([-(real[i] + real[i + 1]), real[i] * real[i + 1]]);
  return upper;
}
