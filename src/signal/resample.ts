import { UserError } from '../common/errors.ts';
import { kaiser } from './kaiser.ts';

/** Taps each side of the centre, in units of the slower rate's samples, and Kaiser's beta: as scipy.signal.resample_poly. */
const halfWidth = 10;
const kaiserBeta = 5;
const largestFactor = 5000;

const filters = new Map<string, Float64Array>();

/**
 * Resample by the rational factor toRate / fromRate with a linear-phase polyphase FIR low-pass (Kaiser window), without
 * delay; outside of the signal zeros are assumed. Output length ceil(n * up / down).
 */
export function resample(x: Float32Array, fromRate: number, toRate: number): Float32Array {
  const [up, down] = rationalFactor(fromRate, toRate);
  if (up === down) return Float32Array.from(x);
  const filter = lowPass(up, down);
  const centre = (filter.length - 1) / 2;
  const output = new Float32Array(Math.ceil((x.length * up) / down));
  for (let m = 0; m < output.length; m++) {
    // Output m stands at m * down of the up-sampled signal; only every up-th value of that is not zero.
    const position = m * down + centre;
    const newest = Math.min(Math.floor(position / up), x.length - 1);
    const oldest = Math.max(Math.ceil((position - filter.length + 1) / up), 0);
    let sum = 0;
    for (let i = oldest; i <= newest; i++) sum += x[i] * filter[position - i * up];
    output[m] = sum;
  }
  return output;
}

/** Smallest integers [up, down] with up / down = toRate / fromRate; rates to a thousandth of a hertz. */
export function rationalFactor(fromRate: number, toRate: number): [number, number] {
  const from = Math.round(fromRate * 1000);
  const to = Math.round(toRate * 1000);
  let [a, b] = [from, to];
  while (b > 0) [a, b] = [b, a % b];
  const [up, down] = [to / a, from / a];
  if (!(from > 0 && to > 0) || up > largestFactor || down > largestFactor) {
    throw new UserError(
      `cannot resample from ${fromRate} to ${toRate} Hz: the ratio ${up}/${down} is not simple enough`,
      {},
      'Choose a model rate with a simple ratio to the rate of the recordings.',
    );
  }
  return [up, down];
}

/** Windowed-sinc low-pass at the lower of both half rates, gain `up`. */
function lowPass(up: number, down: number): Float64Array {
  const key = `${up}/${down}`;
  let filter = filters.get(key);
  if (filter) return filter;
  const factor = Math.max(up, down);
  const half = halfWidth * factor;
  filter = new Float64Array(2 * half + 1);
  let sum = 0;
  for (let i = 0; i < filter.length; i++) {
    const t = i - half;
    const sinc = t === 0 ? 1 : Math.sin((Math.PI * t) / factor) / ((Math.PI * t) / factor);
    const window = kaiser(t / half, kaiserBeta);
    filter[i] = sinc * window;
    sum += filter[i];
  }
  for (let i = 0; i < filter.length; i++) filter[i] *= up / sum;
  filters.set(key, filter);
  return filter;
}
