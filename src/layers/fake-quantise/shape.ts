import type { ParameterSpec } from '../definition.ts';

/**
 * `fake-quantise` is not for model files: it stands behind a layer in quantisation-aware training and rounds its values
 * to 8 bits as a device does. Parameter: `range` [1], log2 of the largest magnitude; the format is that of the next power
 * of two.
 */
export interface FakeQuantiseOptions {
  /** The range is trained; else it stays where it starts. */
  learned: boolean;
  /** Where it starts: the integer bits of Qm.n. */
  range: number;
}

export function rangeParameter({ learned, range }: FakeQuantiseOptions): ParameterSpec {
  const initialiser = { constant: range };
  return { name: 'range', shape: [1], initialiser, fanIn: 0, fanOut: 0, statistic: !learned };
}

/** Name of the layer behind another; names in model files have no colon. */
export function quantiserName(layer: string): string {
  return `${layer}:output`;
}

/** Name of its parameter in weights files. */
export function rangeName(layer: string): string {
  return `${quantiserName(layer)}/range`;
}

export function isRange(parameter: string): boolean {
  return parameter.endsWith(rangeName(''));
}
