import type { BatchNormOptions } from '../layers/batch-norm/shape.ts';
import { isRange } from '../layers/fake-quantise/shape.ts';
import type { DeployedNetwork } from '../model/deployed.ts';
import { parameterName, type NetworkLayer, type Weights } from '../model/network.ts';

/**
 * Weights of the deployed network: with s = scale / sqrt(variance + epsilon) of a batch norm, the kernel of an output
 * channel becomes s w and its bias s (b - mean) + offset. Tensors that are missing are left out.
 */
export function foldBatchNorms(network: DeployedNetwork, weights: Weights): Weights {
  const folded: Weights = new Map();
  for (const layer of network.layers) {
    const batchNorm = network.batchNorms.get(layer.name);
    for (const spec of layer.parameters) {
      const name = parameterName(layer, spec);
      const values = weights.get(name);
      if (values) folded.set(name, batchNorm ? fold(spec.name, values, batchNorm, weights) : values);
    }
  }
  // Ranges that training has learned belong to no layer of the device.
  for (const [name, values] of weights) if (isRange(name)) folded.set(name, values);
  return folded;
}

function fold(name: string, values: Float32Array, batchNorm: NetworkLayer, weights: Weights): Float32Array {
  const { epsilon } = batchNorm.options as BatchNormOptions;
  const [scale, offset, mean, variance] = batchNorm.parameters.map((spec) =>
    weights.get(parameterName(batchNorm, spec)),
  );
  // What is missing is told by name where the batch norm's values would be used.
  if (!scale || !offset || !mean || !variance) return new Float32Array(values.length).fill(NaN);
  const row = values.length / scale.length;
  return values.map((value, i) => {
    const c = Math.floor(i / row);
    const s = scale[c] / Math.sqrt(variance[c] + epsilon);
    return name === 'bias' ? s * (value - mean[c]) + offset[c] : s * value;
  });
}
