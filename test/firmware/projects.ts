import * as fs from 'node:fs';
import * as path from 'node:path';
import { silentContext } from '../../src/common/job.ts';
import { buildFirmware, type BuildResult } from '../../src/firmware/build.ts';
import { generateFirmware, type GenerateOptions } from '../../src/firmware/generate.ts';
import type { IntegerNetwork } from '../../src/quantization/integer-network.ts';
import { designFrontEnd } from '../../src/quantization/front-end-design.ts';
import { quantizeNetwork } from '../../src/quantization/quantize.ts';
import { needsArmGcc, needsQemu } from '../require.ts';
import { globalQ25, type LayerEntry } from '../fixtures/network.ts';
import { makeNetwork, randomWeights, slimLayers } from '../unit/quantization/networks.ts';

/** For tests that build and emulate. */
export const needsEmulator = { skip: needsArmGcc.skip || needsQemu.skip };

export const slim = makeNetwork(slimLayers(), 256);
export const slimInteger = quantizeNetwork(slim, randomWeights(slim, 1));

export const slimFourBits = makeNetwork(slimLayers(), 256, { ...globalQ25, weights: 4 });
export const slimFourBitsInteger = quantizeNetwork(slimFourBits, randomWeights(slim, 1));

export const smallLayers: LayerEntry[] = [
  ['conv1d', { filters: 4, kernel: 5, activation: 'relu' }],
  ['average-pool', 4],
  ['global-average-pool'],
  ['gru', 6],
  ['dense', 4],
];
export const small = makeNetwork(smallLayers, 64);
export const smallInteger = quantizeNetwork(small, randomWeights(small, 1));

/** With a causal filter and four ADC samples for each of the network's. */
export const smallFrontEnd = designFrontEnd({
  input: { ...small.input, filter: { band: [0.5, 40], order: 2, zeroPhase: false } },
  decimation: 4,
  countsPerMillivolt: 1000,
  scale: 0.15,
  format: small.quantization.activations,
});

/** One layer of every kind and form that can be deployed. */
const motleyLayers: LayerEntry[] = [
  ['conv1d', { filters: 6, kernel: 7, stride: 2, activation: 'relu' }],
  ['max-pool', { size: 3, stride: 2 }],
  ['conv1d', { filters: 6, kernel: 3, groups: 3, padding: 'valid' }],
  ['average-pool', 5],
  ['average-pool', { size: 3, stride: 1 }],
  ['dropout', 0.3],
  ['conv1d', { filters: 6, kernel: 3 }],
  ['batch-norm', { activation: 'relu' }],
  ['add', { activation: 'relu' }, [7, 5]],
  ['conv1d', { filters: 9, kernel: 4, padding: 'causal', activation: 'relu' }],
  ['max-pool', 2],
  ['conv1d', { filters: 8, kernel: 3, activation: 'leaky-relu' }],
  ['conv1d', { filters: 8, kernel: 1 }],
  ['add', { activation: 'leaky-relu' }, [11, 12]],
  ['batch-norm', { activation: 'leaky-relu' }],
  ['global-average-pool'],
  ['dense', 8],
  ['channel-scale', null, [14, 16]],
  ['global-average-pool'],
  ['max-affine', { units: 9, pieces: 3 }],
  ['lstm', 7],
  ['gru', 5],
  ['conv1d', { filters: 5, kernel: 1 }],
  ['add', null, [22, 21]],
  ['max-affine', { units: 7, pieces: 5 }],
  ['dense', { units: 7, activation: { 'leaky-relu': 0.5 } }],
  ['dense', { units: 6, activation: 'relu' }],
  ['dense', 4],
];
export const motley = makeNetwork(motleyLayers, 125, { ...globalQ25, weights: 'per-layer', state: 8 });
export const motleyInteger = quantizeNetwork(motley, randomWeights(motley, 1));
export const motleyFourBits = makeNetwork(motleyLayers, 125, { ...globalQ25, weights: 4 });
export const motleyFourBitsInteger = quantizeNetwork(motleyFourBits, randomWeights(motley, 1));

/** Generate and build in `folder`. */
export async function project(
  network: IntegerNetwork,
  folder: string,
  configuration?: 'release' | 'debug',
  options: GenerateOptions = {},
): Promise<BuildResult> {
  generateFirmware(network, options, folder);
  return await buildFirmware(folder, silentContext(), configuration);
}

/** Change one file of a generated project; the change must match. */
export function edit(
  folder: string,
  name: string,
  from: string | RegExp,
  to: string | ((...match: string[]) => string),
): void {
  const file = path.join(folder, name);
  const text = fs.readFileSync(file, 'utf8');
  const changed = text.replace(from, to as string);
  if (changed === text) throw new Error(`${name} has no ${String(from)}`);
  fs.writeFileSync(file, changed);
}
