import { layerDefinitions } from '../layers/shapes.ts';
import type { NetworkLayer } from '../model/network.ts';
import { parameterSize } from '../model/network.ts';
import { bytesText } from '../model/units.ts';
import { exactNumber, shapeText, shareText, shortNumber } from './figures.ts';

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

/** Everything that is known of a layer; `totals` are the network's, or of the layers before the first error. */
export function layerMarkdown(layer: NetworkLayer, layers: readonly NetworkLayer[], totals: Totals): string {
  const parameters = layerParameters(layer);
  const { macs, operations } = layer.cost;
  const reads = layer.from.map((index, i) => {
    const name = index < 0 ? 'input' : layers[index].name;
    return `\`${name}\` (${shapeText(layer.inputShapes[i])})`;
  });
  const rows = [
    `| Output | ${shapeText(layer.shape)} (channels × length) |`,
    `| Parameters | ${exactNumber(parameters)}, ${deployedBytes(layer, parameters)} · ${shareText(parameters, totals.parameters)} of the network |`,
    `| A window | ${exactNumber(macs)} MAC, ${exactNumber(operations)} operations · ${shareText(macs, totals.macs)} of the network's MACs |`,
    memoryRow(layer),
  ];
  const frozen = layer.frozen ? ' · frozen' : '';
  return `**${layer.name}** reads ${reads.join(' and ')}${frozen}\n\n| | |\n|---|---|\n${rows.join('\n')}\n\nAll exact.`;
}

/** Only training has the layer: batch norm becomes part of the layer before it, dropout is left out. */
function trainingOnly({ kind }: NetworkLayer): boolean {
  return layerDefinitions.get(kind)?.trainingOnly ?? false;
}

function deployedBytes(layer: NetworkLayer, parameters: number): string {
  return trainingOnly(layer) ? 'none on the device' : `${bytesText(parameters)} as int8`;
}

function memoryRow(layer: NetworkLayer): string {
  const { scope, kind, shape } = layer;
  if (trainingOnly(layer)) return '| Activations | none on the device |';
  if (scope === 'window') return `| Activations | ${bytesText(shape.channels * shape.length)} as int8 |`;
  const states = kind === 'lstm' ? 2 : 1;
  return `| State | ${bytesText(2 * states * shape.channels)} as int16, kept from window to window |`;
}
