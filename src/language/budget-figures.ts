import { deployedNetwork } from '../model/deployed.ts';
import { boardLimits, flashLowerBound } from '../model/budget.ts';
import { estimateLatency } from '../model/latency.ts';
import type { Network } from '../model/network.ts';
import { ramLowerBound } from '../model/ram-bound.ts';
import { bytesText } from '../model/units.ts';
import { weightsText } from './figures.ts';

export type Budget = 'flash' | 'ram' | 'latency';

/** How a network stands against a budget, in one line and with where the number comes from. */
export interface BudgetUse {
  /** `flash ≥ 138.2 kB of 200.0 kB` */
  short: string;
  explanation: string;
}

/** Against the file's budgets, or the chip where it sets none; a latency without a budget is only said. */
export function budgetUse(network: Network, budget: Budget): BudgetUse {
  const { target } = network;
  if (budget === 'latency') {
    const { milliseconds, terms } = estimateLatency(network);
    const limit = target.latency === undefined ? '' : ` of ${target.latency} ms`;
    return {
      short: `latency ≈ ${milliseconds.toFixed(1)} ms${limit} (estimated)`,
      explanation: `Estimated: ${terms}. \`Emulate Firmware\` counts the instructions.`,
    };
  }
  const limit = bytesText(target[budget] ?? boardLimits[target.board][budget]);
  if (budget === 'flash') {
    return {
      short: `flash ≥ ${bytesText(flashLowerBound(network))} of ${limit}`,
      explanation: `A lower bound: the parameters ${weightsText(network.quantization)} that can meet a sample. Code, tables and shifts come on top: \`Build Firmware\` gives the exact figure.`,
    };
  }
  const { bytes, stateBytes, layer } = ramLowerBound(deployedNetwork(network));
  return {
    short: `RAM ≥ ${bytesText(bytes)} of ${limit}`,
    explanation: `A lower bound: ${bytesText(stateBytes)} of state, and input and output of \`${layer}\` at the same time. \`Quantise\` gives the exact figure.`,
  };
}
