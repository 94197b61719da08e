import type { ParameterSpec } from '../layers/definition.ts';
import { finestFraction, formatBits } from '../layers/fixed-point.ts';
import type { NetworkLayer, QuantizationSpec } from '../model/network.ts';
import type { Address, Kernels } from './kernels.ts';

/** Grid of a parameter's quantised copy: a format, or the finest power of two that clips none of its values in 8 bits. */
export type ParameterGrid = { bits: number; fraction: number } | 'finest';

/** As layers/fixed-arithmetic.ts quantises for the device; a bias of 16 bits is as good as not rounded. */
export function parameterGrid(
  { kind }: NetworkLayer,
  { name }: ParameterSpec,
  { weights }: QuantizationSpec,
): ParameterGrid | undefined {
  if (kind === 'fake-quantise') return undefined;
  if (weights === 'per-layer') return name === 'bias' ? undefined : 'finest';
  return { bits: formatBits(weights), fraction: weights.fraction };
}

/** `floats`, a multiple of 16, of a parameter from `from` to `to` on its grid. */
export function quantiseParameter(
  kernels: Kernels,
  to: Address,
  from: Address,
  floats: number,
  grid: ParameterGrid | undefined,
): void {
  if (!grid) {
    kernels.copy(to, from, floats);
    return;
  }
  const { bits, fraction } =
    grid === 'finest'
      ? { bits: 8, fraction: finestFraction([kernels.largest_magnitude(from, floats)], 8) }
      : grid;
  const largest = 2 ** (bits - 1) - 1;
  kernels.fake_quantise(to, from, floats, fraction, -largest - 1, largest);
}
