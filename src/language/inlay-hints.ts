import type { YamlSource } from '../common/yaml-source.ts';
import type { NetworkLayer } from '../model/network.ts';
import type { StudioFile } from './documents.ts';
import { layerLabel, layerMarkdown, totalsOf } from './layer-figures.ts';

export interface LayerHint {
  offset: number;
  label: string;
  /** Index of the layer, for its tooltip. */
  layer: number;
}

/** Figures behind each layer whose place lies in [start, end]. Layers behind an error have none. */
export function inlayHints(file: StudioFile, start = 0, end = Infinity): LayerHint[] {
  if (file.kind !== 'model') return [];
  const hints: LayerHint[] = [];
  for (const [index, layer] of file.layers.entries()) {
    const offset = hintOffset(file.source, layer);
    if (offset < start || offset > end) continue;
    hints.push({ offset, label: layerLabel(layer), layer: index });
  }
  // In the order of the file: a block's shortcut and sum come after its layers.
  return hints.sort((a, b) => a.offset - b.offset);
}

/**
 * Markdown that one hint shows on hover; undefined where the file has no such layer any more. Asked for one at a time: sent
 * along with every hint, tooltips take the editor longer than the hints.
 */
export function hintTooltip(file: StudioFile, layer: number): string | undefined {
  if (file.kind !== 'model' || file.layers[layer] === undefined) return undefined;
  return layerMarkdown(file.layers[layer], file.layers, totalsOf(file.layers), file.network?.quantization);
}

/** Behind the layer where it stands in one line, else at the end of the line that names its kind. */
function hintOffset(source: YamlSource, layer: NetworkLayer): number {
  const path = [...layer.path, layer.keyword];
  const [start, keyEnd] = source.range(path, true);
  const valueEnd = Math.max(keyEnd, source.range(path)[1]);
  const newline = source.text.indexOf('\n', start);
  const lineEnd = newline < 0 ? source.text.length : newline;
  if (valueEnd <= lineEnd) return valueEnd;
  return start + source.text.slice(start, lineEnd).trimEnd().length;
}
