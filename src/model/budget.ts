import { UserError } from '../common/errors.ts';
import type { YamlSource } from '../common/yaml-source.ts';
import { capabilityProblems } from './capability.ts';
import { estimateLatency } from './latency.ts';
import { deployedNetwork } from './deployed.ts';
import type { Network } from './network.ts';
import { deployedParameterBytes, paddingTapBytes } from './parameter-bytes.ts';
import { ramLowerBound } from './ram-bound.ts';
import { bytesText } from './units.ts';

/** Flash and RAM of the nRF52832 (product specification 1.4, section 8). */
export const boardLimits = { nrf52832: { flash: 512 * 1024, ram: 64 * 1024 } } as const;

/** Bytes of the parameters as deployed, exact. */
export function parameterBytes(network: Network): number {
  const { layers, quantization } = deployedNetwork(network);
  return layers.reduce((sum, layer) => sum + deployedParameterBytes(layer, quantization), 0);
}

/**
 * The least that the flash must hold: the parameters, without those taps of convolutions that only ever meet padding, which
 * kernels may leave out. Code, tables and shifts come on top and are known after `firmware build`.
 */
export function flashLowerBound(network: Network): number {
  const deployed = deployedNetwork(network);
  const { layers, quantization } = deployed;
  return layers.reduce((sum, layer, i) => {
    const bytes = deployedParameterBytes(layer, quantization);
    return sum + Math.max(0, bytes - paddingTapBytes(deployed, i));
  }, 0);
}

/** Underline budgets that the network exceeds for certain (errors), or by an estimate (a warning). */
export function checkBudgets(source: YamlSource, network: Network): void {
  const { target } = source.value as { target?: { flash?: string; ram?: string } };
  if (!target) return;
  const { board, latency } = network.target;
  const over = (what: 'flash' | 'ram', needs: string, least: number): void => {
    const budget = network.target[what];
    const limit = Math.min(budget ?? Infinity, boardLimits[board][what]);
    if (least <= limit) return;
    const whose = limit === budget ? 'the budget is' : `the ${board} has`;
    source.report(['target', limit === budget ? what : 'board'], `${needs}, ${whose} ${bytesText(limit)}`, {
      advice: `Make layers smaller${limit === budget ? ', or raise the budget' : ''}.`,
    });
  };
  const flash = flashLowerBound(network);
  over('flash', `the parameters alone need at least ${bytesText(flash)} of flash (a lower bound)`, flash);
  const ram = ramLowerBound(deployedNetwork(network));
  over(
    'ram',
    `state and the activations of \`${ram.layer}\` need at least ${bytesText(ram.bytes)} of RAM (a lower bound)`,
    ram.bytes,
  );
  const { milliseconds, terms } = estimateLatency(network);
  if (latency !== undefined && milliseconds > latency) {
    source.report(
      ['target', 'latency'],
      `a window takes about ${milliseconds.toFixed(1)} ms (estimated: ${terms}), the budget is ${latency} ms`,
      {
        severity: 'warning',
        advice:
          'Make layers smaller, or raise the budget. Emulating the firmware counts instructions exactly.',
      },
    );
  }
}

/** Refuse, before a job starts, a network that it cannot handle yet. */
export function requireCapability(network: Network, file: string, need: 'training' | 'deployment'): void {
  const problem = capabilityProblems(network).find((p) => p.need === need);
  if (!problem) return;
  const { message, advice, layer } = problem;
  throw new UserError(message, layer ? { file, line: layer.line, layer: layer.name } : { file }, advice);
}

/** The network needs more than its budget or the chip has. */
export class BudgetError extends UserError {}

/**
 * Compare exact sizes after a build with the model's budgets and the chip.
 *
 * @param toBlame the layers that take most of it, for the message
 * @param smallerKernels there are kernels that may need less flash
 */
export function requireWithinBudget(
  network: Network,
  flashBytes: number,
  ramBytes: number,
  toBlame: (what: 'flash' | 'ram') => string,
  smallerKernels: boolean,
): void {
  const chip = boardLimits[network.target.board];
  const over = (what: 'flash' | 'ram', used: number, limit: number): never => {
    const kernels = what === 'flash' && smallerKernels ? ', choose kernels for `budget` or `flash`' : '';
    throw new BudgetError(
      `the network needs ${bytesText(used)} of ${what === 'ram' ? 'RAM' : what}, the limit is ${bytesText(limit)}`,
      {},
      `Most is taken by ${toBlame(what)}. Make layers smaller${kernels}, or raise \`target.${what}\` in the model file.`,
    );
  };
  const flash = Math.min(network.target.flash ?? Infinity, chip.flash);
  const ram = Math.min(network.target.ram ?? Infinity, chip.ram);
  if (flashBytes > flash) over('flash', flashBytes, flash);
  if (ramBytes > ram) over('ram', ramBytes, ram);
}
