import type { BatchNormOptions } from '../layers/batch-norm/shape.ts';
import type { ParameterSpec } from '../layers/definition.ts';
import { isRange } from '../layers/fake-quantise/shape.ts';
import type { DeployedNetwork } from '../model/deployed.ts';
import { parameterName, parameterSize, type NetworkLayer, type Weights } from '../model/network.ts';

/**
 * Weights of the deployed network: with s = scale / sqrt(variance + epsilon) of a batch norm, the kernel of an output
 * channel becomes s w and its bias s (b - mean) + offset. Layers that are not trained get their identity. Tensors that are
 * missing are left out.
 */
export function foldBatchNorms(network: DeployedNetwork, weights: Weights): Weights {
  const folded: Weights = new Map();
  for (const layer of network.layers) {
    const batchNorm = network.batchNorms.get(layer.name);
    for (const spec of layer.parameters) {
      const name = parameterName(layer, spec);
      const values = network.identities.has(layer.name) ? identity(layer, spec) : weights.get(name);
      if (values) folded.set(name, batchNorm ? fold(spec.name, values, batchNorm, weights) : values);
    }
  }
  // Ranges that training has learned belong to no layer of the device.
  for (const [name, values] of weights) if (isRange(name)) folded.set(name, values);
  return folded;
}

/** A matrix of ones on its diagonal; of a layer whose channels do not see each other, ones. */
function identity({ kind, shape }: NetworkLayer, spec: ParameterSpec): Float32Array {
  const step = kind === 'dense' ? shape.channels + 1 : 1;
  return new Float32Array(parameterSize(spec)).map((_, i) =>
    spec.name === 'kernel' && i % step === 0 ? 1 : 0,
  );
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
