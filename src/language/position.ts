import { isMap, isScalar, isSeq, type Node } from 'yaml';
import type { YamlPath, YamlSource } from '../common/yaml-source.ts';
import type { NetworkLayer } from '../model/network.ts';

/** A key or a scalar value of a file. */
export interface Place {
  path: YamlPath;
  role: 'key' | 'value';
  value: unknown;
  /** Offsets, end exclusive. */
  start: number;
  end: number;
}

/** What stands at an offset: a key, a scalar, or nothing of interest. */
export function placeAt(source: YamlSource, offset: number): Place | undefined {
  const path: (string | number)[] = [];
  let node: Node | null | undefined = source.root;
  while (node) {
    if (isScalar(node)) return node.range ? place(path, 'value', node.value, node.range) : undefined;
    if (isSeq(node)) {
      const index: number = (node.items as (Node | null)[]).findIndex((item) => holds(item, offset));
      if (index < 0) return undefined;
      path.push(index);
      node = node.items[index] as Node;
    } else if (isMap(node)) {
      const pairs = node.items as { key: Node | null; value: Node | null }[];
      // A block's range ends where the next key begins: keys come first.
      const pair =
        pairs.find(({ key }) => holds(key, offset)) ?? pairs.find(({ value }) => holds(value, offset));
      if (!pair || !isScalar(pair.key) || !pair.key.range) return undefined;
      path.push(String(pair.key.value));
      if (holds(pair.key, offset)) return place(path, 'key', pair.key.value, pair.key.range);
      node = pair.value;
    } else {
      return undefined;
    }
  }
  return undefined;
}

function holds(node: Node | null, offset: number): boolean {
  return !!node?.range && node.range[0] <= offset && offset <= node.range[1];
}

function place(path: YamlPath, role: Place['role'], value: unknown, range: readonly number[]): Place {
  return { path, role, value, start: range[0], end: range[1] };
}

/** The layer whose entry is at `path` exactly. Of the layers of a block, the block's addition comes last. */
export function layerOfEntry(layers: readonly NetworkLayer[], path: YamlPath): NetworkLayer | undefined {
  return layers.find((layer) => samePath(layer.path, path));
}

export function samePath(a: YamlPath, b: YamlPath): boolean {
  return a.length === b.length && a.every((step, i) => step === b[i]);
}
