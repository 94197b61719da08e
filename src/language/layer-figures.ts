import { deployedForm } from '../model/deployed.ts';
import { parameterSize, type NetworkLayer, type QuantizationSpec } from '../model/network.ts';
import { deployedParameterBytes } from '../model/parameter-bytes.ts';
import { bytesText } from '../model/units.ts';
import { exactNumber, shapeText, shareText, shortNumber, weightsText } from './figures.ts';

export interface Totals {
  layers: number;
  parameters: number;
  /** Per window. */
  macs: number;
  operations: number;
}

export function layerParameters(layer: NetworkLayer): number {
  return layer.parameters.reduce((sum, parameter) => sum + parameterSize(parameter), 0);
}

export function totalsOf(layers: readonly NetworkLayer[]): Totals {
  const sum = (of: (layer: NetworkLayer) => number): number =>
    layers.reduce((total, layer) => total + of(layer), 0);
  return {
    layers: layers.length,
    parameters: sum(layerParameters),
    macs: sum((layer) => layer.cost.macs),
    operations: sum((layer) => layer.cost.operations),
  };
}

/** What fits beside a layer, at most 40 characters: `64×128 · 10 k · 82 k MAC`, and of a pool `64×64`. */
export function layerLabel(layer: NetworkLayer): string {
  const parts = [shapeText(layer.shape)];
  const parameters = layerParameters(layer);
  if (parameters > 0) parts.push(shortNumber(parameters));
  if (layer.cost.macs > 0) parts.push(`${shortNumber(layer.cost.macs)} MAC`);
  return parts.join(' · ');
}

/**
 * Everything that is known of a layer; `totals` are the network's, or of the layers before the first error, where
 * `quantization` is not known.
 */
export function layerMarkdown(
  layer: NetworkLayer,
  layers: readonly NetworkLayer[],
  totals: Totals,
  quantization: QuantizationSpec | undefined,
): string {
  const parameters = layerParameters(layer);
  const deployed = deployedForm({ layers }, layer);
  const { macs, operations } = (deployed ?? layer).cost;
  const reads = layer.from.map((index, i) => {
    const name = index < 0 ? 'input' : layers[index].name;
    return `\`${name}\` (${shapeText(layer.inputShapes[i])})`;
  });
  const rows = [
    `| Output | ${shapeText(layer.shape)} (channels × length) |`,
    `| Parameters | ${[exactNumber(parameters), ...deployedBytes(deployed, quantization)].join(', ')} · ${shareText(parameters, totals.parameters)} of the network |`,
    `| A window | ${exactNumber(macs)} MAC, ${exactNumber(operations)} operations · ${shareText(macs, totals.macs)} of the network's MACs |`,
    memoryRow(layer, deployed),
  ];
  const frozen = layer.frozen ? ' · frozen' : '';
  return `**${layer.name}** reads ${reads.join(' and ')}${frozen}\n\n| | |\n|---|---|\n${rows.join('\n')}\n\nAll exact.`;
}

function deployedBytes(
  deployed: NetworkLayer | undefined,
  quantization: QuantizationSpec | undefined,
): readonly string[] {
  if (!deployed) return ['none on the device'];
  if (!quantization) return [];
  return [`${bytesText(deployedParameterBytes(deployed, quantization))} ${weightsText(quantization)}`];
}

function memoryRow(layer: NetworkLayer, deployed: NetworkLayer | undefined): string {
  const { scope, kind, shape } = layer;
  if (!deployed) return '| Activations | none on the device |';
  if (scope === 'window') return `| Activations | ${bytesText(shape.channels * shape.length)} as int8 |`;
  const states = kind === 'lstm' ? 2 : 1;
  return `| State | ${bytesText(2 * states * shape.channels)} as int16, kept from window to window |`;
}
