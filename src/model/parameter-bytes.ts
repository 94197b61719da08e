import { biasBits, storedWeightBits } from '../layers/fixed-point.ts';
import { convolutionPadding, type Conv1dOptions } from '../layers/conv1d/shape.ts';
import type { PoolOptions } from '../layers/pool.ts';
import { parameterSize, type Network, type NetworkLayer, type QuantizationSpec } from './network.ts';

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

/** Bytes, at most, of the weights of a convolution whose taps only ever meet padding; 0 for other layers. */
export function paddingTapBytes(network: Network, index: number): number {
  const { kind, options, inputShapes, parameters } = network.layers[index];
  if (kind !== 'conv1d') return 0;
  const { kernel, stride } = options as Conv1dOptions;
  const { length } = inputShapes[0];
  const { before } = convolutionPadding(options as Conv1dOptions, length);
  const first = Math.max(0, before - (positionsRead(network, index) - 1) * stride);
  const last = Math.min(kernel - 1, length - 1 + before);
  const [filters, channels] = parameters[0].shape;
  const bits = storedWeightBits(network.quantization.weights);
  return filters * Math.ceil((channels * (kernel - (last - first + 1)) * bits) / 8);
}

/** Positions of a layer's output that are read: where pools alone read it, they may leave a tail. */
function positionsRead({ layers }: Network, index: number): number {
  const { length } = layers[index].shape;
  const readers = layers.filter(({ from }) => from.includes(index));
  const ends = readers.map(({ kind, options, shape }) => {
    if (kind !== 'average-pool' && kind !== 'max-pool') return length;
    const { size, stride } = options as PoolOptions;
    return (shape.length - 1) * stride + size;
  });
  return ends.length === 0 ? length : Math.max(...ends);
}
