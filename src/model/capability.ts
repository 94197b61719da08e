import type { YamlPath, YamlSource } from '../common/yaml-source.ts';
import { formatBits } from '../layers/fixed-point.ts';
import { layerDefinitions } from '../layers/shapes.ts';
import type { Network, NetworkLayer } from './network.ts';
import { formatName } from './units.ts';

/** Something of a network that is understood, but cannot be trained or deployed yet, or ever. */
export interface CapabilityProblem {
  need: 'training' | 'deployment';
  message: string;
  advice: string;
  /** Where in the model file; `key`: it is the key that names the problem. */
  path: YamlPath;
  key: boolean;
  /** The layer concerned; undefined for the network as a whole. */
  layer: NetworkLayer | undefined;
  /** `notCausal`, or nothing. */
  code?: string;
}

/** `code` of settings that need samples of the future. */
export const notCausal = 'not-causal';

/** Setting → what it is instead where only the past is there. */
export const causalAlternatives: Readonly<Record<string, string>> = {
  'zero-phase': 'false',
  scale: 'training-sd',
};

/** Everything that would stop a training or a deployment of this network, in the order of the file. */
export function capabilityProblems(network: Network): CapabilityProblem[] {
  return [
    ...network.layers.flatMap((layer) => layerProblems(network, layer)),
    ...frontEndProblems(network),
    ...formatProblems(network.quantization),
  ];
}

function layerProblems(network: Network, layer: NetworkLayer): CapabilityProblem[] {
  const problems: CapabilityProblem[] = [];
  const limits = layerDefinitions.get(layer.kind)?.limits?.(layer.options) ?? {};
  const path = [...layer.path, layer.keyword];
  const place = { path, key: true, layer };
  const setting = limits.setting === undefined ? place : { ...place, path: [...path, limits.setting] };
  for (const need of ['training', 'deployment'] as const) {
    const message = limits[need];
    if (message) problems.push({ need, message, advice: limits.advice ?? '', ...setting });
  }
  const training = trainingProblem(network, layer);
  if (training && !limits.training) problems.push({ need: 'training', ...training, ...place });
  return problems;
}

/** What the engine cannot train of a layer in its place, whatever its options; undefined where it can. */
export function trainingProblem(
  network: Network,
  layer: NetworkLayer,
): { message: string; advice: string } | undefined {
  const { layers } = network;
  const isLast = layer.index === layers.length - 1;
  if (!isLast && !layers.some(({ from }) => from.includes(layer.index))) {
    return {
      message: 'no layer reads this one',
      advice: 'Name it in the `from` of another, or take it out.',
    };
  }
  if (layer.kind === 'batch-norm' && network.quantization.aware) {
    return {
      message: 'batch-norm cannot be trained with `quantization: { aware }` yet',
      advice: 'Leave `aware` out; quantisation folds the batch norm afterwards.',
    };
  }
  const behindState = layers.slice(0, layer.index).some(({ scope }) => scope === 'sequence');
  if (layerDefinitions.get(layer.kind)?.batchStatistics && behindState) {
    return {
      message: `${layer.kind} behind a recurrent layer cannot be trained`,
      advice: 'Put it before the first recurrent layer.',
    };
  }
  return undefined;
}

function frontEndProblems({ input }: Network): CapabilityProblem[] {
  const problem = { need: 'deployment', key: false, layer: undefined } as const;
  const problems: CapabilityProblem[] = [];
  if (input.filter?.zeroPhase) {
    problems.push({
      ...problem,
      message: 'a zero-phase filter looks into the future and cannot be deployed',
      advice: 'Set `zero-phase: false` and train again: the causal filter runs on the device as it is.',
      path: ['input', 'filter', 'zero-phase'],
      code: notCausal,
    });
  }
  if (input.scale === 'record-sd') {
    problems.push({
      ...problem,
      message:
        "a scale by each record's own deviation (`record-sd`) needs the whole record and cannot be deployed",
      advice: 'Set `scale: training-sd` and train again.',
      path: ['input', 'scale'],
      code: notCausal,
    });
  }
  return problems;
}

function formatProblems({ weights, activations }: Network['quantization']): CapabilityProblem[] {
  const problem = { need: 'deployment', key: false, layer: undefined } as const;
  const problems: CapabilityProblem[] = [];
  if (formatBits(activations) !== 8) {
    problems.push({
      ...problem,
      message: `activations in ${formatName(activations)} have ${formatBits(activations)} bits with their sign; 8 are needed`,
      advice: 'Choose a format Qm.n with m + n = 7, such as Q2.5.',
      path: ['quantization', 'activations'],
    });
  }
  if (typeof weights === 'object' && (formatBits(weights) > 8 || formatBits(weights) < 2)) {
    problems.push({
      ...problem,
      message: `weights in ${formatName(weights)} have ${formatBits(weights)} bits with their sign; at most 8 are possible`,
      advice: 'Choose a format Qm.n with m + n of at most 7, such as Q2.5, per-layer, per-channel or 4.',
      path: ['quantization', 'weights'],
    });
  }
  return problems;
}

/**
 * Warn of what cannot be trained or deployed, before a job starts. A file without `target`, such as a teacher's, is not
 * meant for a device: there it is only said.
 */
export function reportCapabilities(source: YamlSource, network: Network): void {
  const deployed = (source.value as { target?: object }).target !== undefined;
  for (const { need, message, advice, path, key, layer, code } of capabilityProblems(network)) {
    const severity = need === 'training' || deployed ? 'warning' : 'information';
    source.report(path, message, { advice, key, severity, layer: layer?.name, code });
  }
}
