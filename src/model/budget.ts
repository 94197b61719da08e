import { UserError } from '../common/errors.ts';
import type { YamlSource } from '../common/yaml-source.ts';
import { layerDefinitions } from '../layers/shapes.ts';
import type { Network } from './network.ts';
import { bytesText } from './units.ts';

/** Flash and RAM of the nRF52832 (product specification 1.4, section 8). */
export const boardLimits = { nrf52832: { flash: 512 * 1024, ram: 64 * 1024 } } as const;

/**
 * Bytes of the parameters alone, one byte each as deployed: exact, and the least that the flash must hold. Code,
 * tables and shifts come on top and are known after `firmware build`.
 */
export function parameterBytes(network: Network): number {
  return network.parameterCount;
}

/** Underline a budget that the parameters alone already exceed. */
export function checkBudgets(source: YamlSource, network: Network): void {
  const { flash } = network.target;
  if (flash !== undefined && parameterBytes(network) > flash) {
    source.report(
      ['target', 'flash'],
      `the parameters alone take ${bytesText(parameterBytes(network))} of flash (exact), the budget is ${bytesText(flash)}`,
      { advice: 'Make layers smaller, or raise the budget.' },
    );
  }
}

/** Refuse, before a job starts, layers that it cannot handle yet. */
export function requireCapability(network: Network, file: string, need: 'training' | 'deployment'): void {
  for (const layer of network.layers) {
    const limit = layerDefinitions.get(layer.kind)?.limits?.(layer.options)[need];
    if (limit) throw new UserError(limit, { file, line: layer.line, layer: layer.name });
  }
  if (need === 'deployment' && network.input.filter?.zeroPhase) {
    throw new UserError(
      'a zero-phase filter looks into the future and cannot be deployed',
      { file },
      'Set `zero-phase: false` and train again: the causal filter runs on the device as it is.',
    );
  }
  if (need === 'deployment' && network.input.scale === 'record-sd') {
    throw new UserError(
      "a scale by each record's own deviation (`record-sd`) needs the whole record and cannot be deployed",
      { file },
      'Set `scale: training-sd` and train again.',
    );
  }
}

/** Compare exact sizes after a build with the model's budgets and the chip. */
export function requireWithinBudget(network: Network, flashBytes: number, ramBytes: number): void {
  const chip = boardLimits[network.target.board];
  const over = (what: string, used: number, limit: number): never => {
    throw new UserError(
      `the network needs ${bytesText(used)} of ${what}, the limit is ${bytesText(limit)}`,
      {},
      `Make layers smaller, or raise \`target.${what === 'flash' ? 'flash' : 'ram'}\` in the model file.`,
    );
  };
  const flash = Math.min(network.target.flash ?? Infinity, chip.flash);
  const ram = Math.min(network.target.ram ?? Infinity, chip.ram);
  if (flashBytes > flash) over('flash', flashBytes, flash);
  if (ramBytes > ram) over('RAM', ramBytes, ram);
}
