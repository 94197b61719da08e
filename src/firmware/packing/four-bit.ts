import { expandedRows, unpackFourBits } from '../../layers/four-bit.ts';
import type { IntegerBlock } from '../../quantization/integer-network.ts';

/** A block with four-bit weights as it would be with 8 bits, without the memory to expand them in; any other as it is. */
export function unpackedBlock(block: IntegerBlock): IntegerBlock {
  const { weightBits, weights, recurrent, bias, inputs, groups, kernel, output } = block;
  if (weightBits === 8 || !weights || !bias) return block;
  const rows = bias.length;
  const { channels, length } = inputs[0];
  const columns = block.kind === 'conv1d' ? (channels / groups) * kernel : channels * length;
  const widest = Math.max(columns, recurrent ? output.channels : 0);
  return {
    ...block,
    weightBits: 8,
    weights: unpackFourBits(weights, rows, columns),
    recurrent: recurrent && unpackFourBits(recurrent, rows, output.channels),
    scratchBytes: block.scratchBytes - expandedRows * widest,
  };
}
