import type { Conv1dOptions } from '../layers/conv1d/shape.ts';
import { storedWeightBits } from '../layers/fixed-point.ts';
import { deployedNetwork } from './deployed.ts';
import type { Network, NetworkLayer } from './network.ts';

/** nRF52832 Product Specification: HFCLK. */
export const clockHz = 64e6;
/** Assumed for the Cortex-M4: 1 for an addition or a product, 2 for a load, 1 + 2 for a taken branch, waits for flash. */
export const cyclesPerInstruction = 1.5;

export interface LatencyEstimate {
  instructions: number;
  milliseconds: number;
  /** `about 837,000 instructions by layers and their outputs × 1.5 cycles at 64 MHz` */
  terms: string;
}

/**
 * Estimated time of one window on the nRF52832, before there are weights: a line through what the emulator counts of the
 * kernels that `balanced` chooses (`npm run bench:firmware`; test/unit/model/latency.test.ts holds it against the model of
 * costs by which they are chosen). Of single layers it is within half, of networks nearer.
 */
export function estimateLatency(network: Network): LatencyEstimate {
  const { layers, quantization } = deployedNetwork(network);
  // Two weights in a byte are taken apart first.
  const more = storedWeightBits(quantization.weights) === 4 ? 0.17 : 0;
  const instructions = layers.reduce((sum, layer) => sum + layerInstructions(layer, more), 0);
  const rounded = Number(instructions.toPrecision(3));
  return {
    instructions,
    milliseconds: ((instructions * cyclesPerInstruction) / clockHz) * 1e3,
    terms: `about ${rounded.toLocaleString('en')} instructions by layers and their outputs × ${cyclesPerInstruction} cycles at ${clockHz / 1e6} MHz`,
  };
}

function layerInstructions({ kind, options, inputShapes, shape, cost }: NetworkLayer, more: number): number {
  const outputs = shape.channels * shape.length;
  if (kind !== 'conv1d') {
    const inputs = inputShapes.reduce((sum, { channels, length }) => sum + channels * length, 0);
    // Pools that follow a convolution are part of it; the others go through their input once.
    return cost.macs > 0 ? (1.4 + more) * cost.macs : poolKinds.has(kind) ? 0 : 8 * inputs;
  }
  const { groups, kernel, stride } = options as Conv1dOptions;
  // Of one tap or two, loading and unpacking samples is not shared among taps.
  const each = kernel > 2 ? 0.75 : 1.2;
  if (groups === 1 && stride === 1) return (each + more) * cost.macs + 11 * outputs;
  // By rows of the matrix, or by the portable kernel where a group has few channels.
  return inputShapes[0].channels / groups < 4
    ? 2.5 * cost.macs + 58 * outputs
    : (1.2 + more) * cost.macs + 45 * outputs;
}

const poolKinds: ReadonlySet<string> = new Set(['average-pool', 'max-pool', 'global-average-pool']);
