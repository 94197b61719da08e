import type { YamlPath } from '../common/yaml-source.ts';
import type { FixedPointFormat } from '../model/network.ts';
import { formatName, parseFormat } from '../model/units.ts';
import { boardScale } from './board-figures.ts';
import { budgetUse, type Budget } from './budget-figures.ts';
import type { ModelFile, StudioFile } from './documents.ts';
import { countText, exactNumber, shapeText } from './figures.ts';
import { layerMarkdown, totalsOf } from './layer-figures.ts';
import { layerOfEntry, placeAt, samePath, type Place } from './position.ts';
import {
  isLayerKind,
  propertiesOf,
  settingAt,
  settingMarkdown,
  valuesText,
  type Setting,
} from './settings.ts';

export interface HoverText {
  markdown: string;
  start: number;
  end: number;
}

export function hoverAt(file: StudioFile, offset: number): HoverText | undefined {
  const place = placeAt(file.source, offset);
  if (!place) return undefined;
  const markdown = describe(file, place);
  return markdown ? { markdown, start: place.start, end: place.end } : undefined;
}

function describe(file: StudioFile, place: Place): string | undefined {
  const { path, role, value } = place;
  const setting = settingAt(file.kind, path);
  if (!setting) return undefined;
  const name = path.at(-1);
  if (setting.isLayer && role === 'value') return kindMarkdown(file, path, String(value));
  const parent = settingAt(file.kind, path.slice(0, -1));
  if (parent?.isLayer && typeof name === 'string' && isLayerKind(name)) {
    return kindMarkdown(file, path.slice(0, -1), name);
  }
  const named = typeof name === 'string' ? name : String(path.at(-2) ?? '');
  const about = settingMarkdown(named, typeof name === 'string' ? setting : (parent ?? setting));
  return [about, ...particulars(file, place)].join('\n\n');
}

/** A kind of layer, its options, and the figures of the layer that stands here. */
function kindMarkdown(file: StudioFile, entry: YamlPath, kind: string): string | undefined {
  const setting = settingAt(file.kind, [...entry, kind]);
  if (!setting) return undefined;
  const parts = [`**${kind}**: ${setting.description ?? ''}`];
  const options = optionLines(setting);
  if (options.length > 0) parts.push(options.join('\n'));
  const layer = file.kind === 'model' ? layerOfEntry(file.layers, entry) : undefined;
  if (file.kind === 'model' && layer)
    parts.push('---', layerMarkdown(layer, file.layers, totalsOf(file.layers), file.network?.quantization));
  return parts.join('\n\n');
}

function optionLines(setting: Setting): string[] {
  return Object.entries(propertiesOf(setting)).map(([name, option]) => {
    const fallback = option.default === undefined ? '' : `; default \`${String(option.default)}\``;
    return `- \`${name}\`: ${valuesText(option)}${fallback}`;
  });
}

/** What this file adds to a setting's description. */
function particulars(file: StudioFile, { path, value }: Place): string[] {
  if (file.kind === 'board') {
    const ofScale = path[0] === 'adc' || path[0] === 'front-end';
    return file.board && ofScale ? [boardScale(file.board)] : [];
  }
  if (file.kind !== 'model') return [];
  const found: string[] = [];
  const format = typeof value === 'string' ? parseFormat(value) : undefined;
  if (format) found.push(formatMarkdown(format));
  const { network } = file;
  const budget = budgets.find((name) => samePath(path, ['target', name]));
  if (network && budget) {
    const { short, explanation } = budgetUse(network, budget);
    found.push(`${short}\n\n${explanation}`);
  }
  if (samePath(path, ['layers'])) {
    const { layers, parameters, macs, operations } = totalsOf(file.layers);
    found.push(
      `${countText(layers, 'layer')}, ${countText(parameters, 'parameter')}; a window takes ${exactNumber(macs)} MAC, ${exactNumber(operations)} operations (exact).`,
    );
  }
  if (path.includes('from')) found.push(...namedLayer(file, String(value)));
  return found;
}

const budgets: readonly Budget[] = ['flash', 'ram', 'latency'];

function namedLayer(file: ModelFile, name: string): string[] {
  const layer = file.layers.find((candidate) => candidate.name === name);
  return layer ? [`\`${layer.name}\` in line ${layer.line} gives ${shapeText(layer.shape)}.`] : [];
}

/** Range and resolution of a fixed-point format. */
function formatMarkdown(format: FixedPointFormat): string {
  const bits = format.integer + format.fraction + 1;
  const step = 2 ** -format.fraction;
  const largest = 2 ** format.integer;
  return `\`${formatName(format)}\`: ${bits} bits with the sign, from ${-largest} to ${largest - step} in steps of ${step}.`;
}
