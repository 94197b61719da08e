import type { NetworkLayer, QuantizationSpec } from '../model/network.ts';
import { biasGrid, checkAccumulator, rowBounds, weightGrid } from './fixed-arithmetic.ts';
import {
  FixedPointError,
  plainContent,
  type BlockContent,
  type QuantizeContext,
  type ValueFormat,
} from './fixed-binding.ts';
import { storedWeightBits } from './fixed-point.ts';
import type { RecurrentOptions } from './recurrent.ts';

/** What the integer forms of GRU and LSTM share. */

/** h is Q0.15, gate pre-activations are Q3.12. */
export const stateFormat: ValueFormat = { bits: 16, fraction: 15 };
const gateFraction = 12;

/**
 * W x, U h and b have scales of their own: each is brought to the finest of them by a multiplication, and their sum in
 * 64 bits to Q3.12 by one rounding shift.
 */
export function quantizeRecurrent(
  kind: 'gru' | 'lstm',
  layer: NetworkLayer<RecurrentOptions>,
  context: QuantizeContext,
): BlockContent {
  const { quantization, inputs } = context;
  const kernel = weightGrid(context.parameter('kernel'), quantization);
  const recurrent = weightGrid(context.parameter('recurrent'), quantization);
  const fromInput = kernel.fractions[0] + inputs[0].fraction;
  const fromState = recurrent.fractions[0] + stateFormat.fraction;
  const sum = Math.max(fromInput, fromState, gateFraction);
  return {
    ...plainContent(kind, stateFormat, sum - gateFraction),
    ...biasGrid(context.parameter('bias'), quantization, [sum]),
    leftShift: [sum - fromInput, sum - fromState],
    stateBits: quantization.state,
    ...gateForm(layer.options.recurrentActivation, quantization),
    weightBits: storedWeightBits(quantization.weights),
    weights: kernel.weights,
    recurrent: recurrent.weights,
    cellBytes: kind === 'lstm' ? 2 * layer.options.units : 0,
    // GRU: z and r*h; LSTM: h'.
    scratchBytes: (kind === 'gru' ? 4 : 2) * layer.options.units,
  };
}

function gateForm(
  sigmoid: RecurrentOptions['recurrentActivation'],
  { gates }: QuantizationSpec,
): Pick<BlockContent, 'gates'> {
  if (sigmoid === 'hard-sigmoid') return { gates: gates === 'table' ? 'hard' : 'hard-linear' };
  return gates === 'table' ? {} : { gates: 'linear' };
}

/** Both products are summed in int32, apart from each other. */
export function checkRecurrent(content: BlockContent, rows: number, inputs: readonly ValueFormat[]): void {
  const products = { ...content, shifts: Int8Array.of(0) };
  for (const [weights, format] of [
    [content.weights, inputs[0]],
    [content.recurrent, stateFormat],
  ] as const) {
    if (!weights) continue;
    rowBounds(weights, rows, format).forEach((bound, row) => checkAccumulator(bound, products, row));
  }
  // int32 products and int16 biases keep the sum below 2^63 as long as no shift is wider than this.
  const widest = Math.max(...content.leftShift, content.biasShift, content.shifts[0]);
  if (widest > 29) throw new FixedPointError(`the gates' formats lie ${widest} bits apart`);
}
