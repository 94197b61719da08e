import { biasBits, storedWeightBits } from '../layers/fixed-point.ts';
import { parameterSize, type NetworkLayer, type QuantizationSpec } from './network.ts';

/**
 * Bytes of a layer's parameters on the device, exact: weights of 8 bits, or of 4 in rows of whole bytes; biases of 8 bits
 * where all weights have one format, else of 16.
 */
export function deployedParameterBytes(layer: NetworkLayer, { weights }: QuantizationSpec): number {
  const biasBytes = biasBits(weights) / 8;
  const bits = storedWeightBits(weights);
  return layer.parameters.reduce((sum, spec) => {
    const values = parameterSize(spec);
    if (spec.name === 'bias') return sum + biasBytes * values;
    const [rows] = spec.shape;
    return sum + rows * Math.ceil(((values / rows) * bits) / 8);
  }, 0);
}
