import type { ParameterSpec } from '../layers/definition.ts';
import {
  channelFractions,
  finestFraction,
  formatBits,
  gridCount,
  quantize,
  storedWeightBits,
  weightFraction,
} from '../layers/fixed-point.ts';
import { parameterSize, type NetworkLayer, type QuantizationSpec } from '../model/network.ts';
import type { Address, Kernels } from './kernels.ts';

/** Grid of a parameter's quantised copy: a format, or bits whose format its values decide. */
export interface ParameterGrid {
  bits: number;
  fraction?: number;
  /** Where each channel has a format of its own: the elements of each, in the engine's order. */
  channels?: readonly Int32Array[];
}

/** As layers/fixed-arithmetic.ts quantises for the device; a bias of 16 bits is as good as not rounded. */
export function parameterGrid(
  { kind, scope, shape }: NetworkLayer,
  spec: ParameterSpec,
  { weights }: QuantizationSpec,
  order: Int32Array | undefined,
): ParameterGrid | undefined {
  if (kind === 'fake-quantise') return undefined;
  if (typeof weights === 'object') return { bits: formatBits(weights), fraction: weights.fraction };
  if (spec.name === 'bias') return undefined;
  const bits = storedWeightBits(weights);
  const count = spec.name === 'kernel' && scope !== 'sequence' ? gridCount(weights, shape.channels) : 1;
  return count === 1 ? { bits } : { bits, channels: channelElements(parameterSize(spec), count, order) };
}

/** Of a parameter whose canonical order has one channel after the other: where each channel's elements are. */
function channelElements(size: number, channels: number, order: Int32Array | undefined): Int32Array[] {
  const elements = Array.from({ length: channels }, (): number[] => []);
  const place = (element: number, at: number): void => {
    // Others are padding, and stay zero.
    if (element >= 0) elements[Math.floor((element * channels) / size)].push(at);
  };
  if (order) order.forEach(place);
  else for (let i = 0; i < size; i++) place(i, i);
  return elements.map((list) => Int32Array.from(list));
}

/** `floats`, a multiple of 16, of a parameter from `from` to `to` on its grid. */
export function quantiseParameter(
  kernels: Kernels,
  to: Address,
  from: Address,
  floats: number,
  memory: WebAssembly.Memory,
  grid: ParameterGrid | undefined,
): void {
  if (!grid) {
    kernels.copy(to, from, floats);
    return;
  }
  const { bits, channels } = grid;
  if (channels) {
    quantiseChannels(
      new Float32Array(memory.buffer, to, floats),
      new Float32Array(memory.buffer, from, floats),
      {
        bits,
        channels,
      },
    );
    return;
  }
  let { fraction } = grid;
  if (bits === 8) fraction ??= finestFraction([kernels.largest_magnitude(from, floats)], bits);
  fraction ??= weightFraction(new Float32Array(memory.buffer, from, floats), bits);
  const largest = 2 ** (bits - 1) - 1;
  kernels.fake_quantise(to, from, floats, fraction, -largest - 1, largest);
}

/** Elements of no channel are left as they are: zero. */
function quantiseChannels(
  to: Float32Array,
  from: Float32Array,
  { bits, channels }: Required<Pick<ParameterGrid, 'bits' | 'channels'>>,
): void {
  const values = channels.map((elements) => Float32Array.from(elements, (at) => from[at]));
  const fractions = channelFractions(values, bits);
  channels.forEach((elements, channel) => {
    const fraction = fractions[channel];
    elements.forEach((at, i) => (to[at] = quantize(values[channel][i], fraction, bits) * 2 ** -fraction));
  });
}
