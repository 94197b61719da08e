import { isMap, isScalar, isSeq, type Node } from 'yaml';
import type { YamlPath } from '../common/yaml-source.ts';
import { shapeText } from './figures.ts';
import type { StudioFile } from './documents.ts';
import { layerOfEntry } from './position.ts';
import { isLayerKind } from './settings.ts';

/** An entry of the outline. */
export interface FileSymbol {
  name: string;
  detail: string;
  kind: 'setting' | 'layer';
  start: number;
  end: number;
  /** What is selected on a click: the key. */
  nameStart: number;
  nameEnd: number;
  children: FileSymbol[];
}

/** The sections of a file, and of a model the layers with their shapes; blocks hold their layers. */
export function fileSymbols(file: StudioFile): FileSymbol[] {
  const { root } = file.source;
  if (!isMap(root)) return [];
  return (root.items as { key: Node | null; value: Node | null }[]).flatMap(({ key, value }) => {
    if (!isScalar(key) || !key.range) return [];
    const name = String(key.value);
    const children = file.kind === 'model' && name === 'layers' ? layerSymbols(file, value, ['layers']) : [];
    const detail = isScalar(value) ? (value.source ?? '') : '';
    return [symbol(name, detail, 'setting', key.range, value, children)];
  });
}

function layerSymbols(file: StudioFile, list: Node | null, path: YamlPath): FileSymbol[] {
  if (!isSeq(list)) return [];
  return (list.items as (Node | null)[]).flatMap((item, i) => {
    const entry = [...path, i];
    if (isScalar(item) && item.range) {
      return [symbol(String(item.value), shapeOf(file, entry), 'layer', item.range, item, [])];
    }
    if (!isMap(item)) return [];
    const pairs = item.items as { key: Node | null; value: Node | null }[];
    const pair = pairs.find(({ key }) => isScalar(key) && isLayerKind(String(key.value)));
    if (!pair || !isScalar(pair.key) || !pair.key.range) return [];
    const kind = String(pair.key.value);
    const inner = isMap(pair.value) ? (pair.value.get('layers', true) as Node | undefined) : undefined;
    const children = kind === 'residual' ? layerSymbols(file, inner ?? null, [...entry, kind, 'layers']) : [];
    return [symbol(kind, shapeOf(file, entry), 'layer', pair.key.range, item, children)];
  });
}

function shapeOf(file: StudioFile, entry: YamlPath): string {
  const layer = file.kind === 'model' ? layerOfEntry(file.layers, entry) : undefined;
  return layer ? `${layer.name} · ${shapeText(layer.shape)}` : '';
}

function symbol(
  name: string,
  detail: string,
  kind: FileSymbol['kind'],
  [nameStart, nameEnd]: readonly number[],
  value: Node | null,
  children: FileSymbol[],
): FileSymbol {
  // The name lies in the whole, as the protocol asks; an empty name is not allowed either.
  const start = Math.min(nameStart, value?.range?.[0] ?? nameStart);
  const end = Math.max(nameEnd, value?.range?.[1] ?? nameEnd);
  return { name: name || '?', detail, kind, start, end, nameStart, nameEnd, children };
}
