import type { ParameterSpec } from '../layers/definition.ts';
import { finestFraction, formatBits, storedWeightBits, weightFraction } from '../layers/fixed-point.ts';
import type { NetworkLayer, QuantizationSpec } from '../model/network.ts';
import type { Address, Kernels } from './kernels.ts';

/** Grid of a parameter's quantised copy: a format, or bits whose format its values decide. */
export type ParameterGrid = { bits: number; fraction?: number };

/** As layers/fixed-arithmetic.ts quantises for the device; a bias of 16 bits is as good as not rounded. */
export function parameterGrid(
  { kind }: NetworkLayer,
  { name }: ParameterSpec,
  { weights }: QuantizationSpec,
): ParameterGrid | undefined {
  if (kind === 'fake-quantise') return undefined;
  if (typeof weights !== 'object') return name === 'bias' ? undefined : { bits: storedWeightBits(weights) };
  return { bits: formatBits(weights), fraction: weights.fraction };
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
  const { bits } = grid;
  let { fraction } = grid;
  if (bits === 8) fraction ??= finestFraction([kernels.largest_magnitude(from, floats)], bits);
  fraction ??= weightFraction(new Float32Array(memory.buffer, from, floats), bits);
  const largest = 2 ** (bits - 1) - 1;
  kernels.fake_quantise(to, from, floats, fraction, -largest - 1, largest);
}
