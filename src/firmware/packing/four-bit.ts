import { expandedRows, unpackFourBits } from '../../layers/four-bit.ts';
import type { IntegerBlock } from '../../quantization/integer-network.ts';
import { packDirect } from './direct.ts';
import { isPacked, type Packed, type PackedBlock } from './packed-block.ts';
import { packConvolutionRows, packRows } from './rows.ts';
import { packWinogradDirect } from './winograd.ts';

/** Packings of `runtime/arm/ecg_weight_words.h`: tables of the kernels that read int8 weights, with weights of four bits. */

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

export function packFourBitDirect(block: IntegerBlock): Packed {
  return withHalves(packDirect(unpackedBlock(block)), Math.ceil(block.output.channels / 2));
}

export function packFourBitWinograd(block: IntegerBlock): Packed {
  return withHalves(packWinogradDirect(unpackedBlock(block)), block.output.channels / 2);
}

export function packFourBitRows(block: IntegerBlock): Packed {
  const { kind, bias } = block;
  const gates = kind === 'gru' ? 3 : kind === 'lstm' ? 4 : 1;
  const rows = bias!.length / gates;
  return withHalves(packRows(unpackedBlock(block)), gates * Math.ceil(rows / 4));
}

export function packFourBitConvolutionRows(block: IntegerBlock): Packed {
  const { groups, output } = block;
  const passes = groups * Math.ceil(output.channels / groups / 4);
  return withHalves(packConvolutionRows(unpackedBlock(block)), passes);
}

/** The packed block with tables of four-bit weights, and the memory in which one of its `passes` is expanded. */
function withHalves(packed: Packed, passes: number): Packed {
  if (!isPacked(packed)) return packed;
  const weights = halves(packed.weights, passes);
  const recurrent = packed.recurrent && halves(packed.recurrent, passes);
  const pass = Math.max(weights.length, recurrent?.length ?? 0) / passes;
  const scratchBytes = packed.scratchBytes + 2 * pass;
  return { ...packed, weightBits: 4, weights, recurrent, scratchBytes } satisfies PackedBlock;
}

/**
 * Two words of int8 weights in one: the bytes of the first in the lower halves of its bytes, those of the second in the
 * upper, each weight 8 too large. Every pass begins with a word of its own.
 */
function halves(bytes: Int8Array | Int16Array, passes: number): Int8Array {
  const from = bytes.length / passes;
  const to = 4 * Math.ceil(from / 8);
  return Int8Array.from({ length: passes * to }, (_, i) => {
    const [pass, at] = [Math.floor(i / to), i % to];
    const first = 8 * (at >> 2) + (at & 3);
    const weight = (k: number) => (k < from ? bytes[pass * from + k] : 0) + 8;
    return (((weight(first + 4) << 4) | weight(first)) << 24) >> 24;
  });
}
