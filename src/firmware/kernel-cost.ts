import type { IntegerBlock } from '../quantization/integer-network.ts';
import { convolvedPositions, type PackedBlock } from './packing/packed-block.ts';

/**
 * Instructions of one run of a block, from the loops of its kernel: how often each runs times its length in the compiled
 * code (gcc 12, -O3; for `flash` it is -Os, a few hundredths more), with constants fitted to counts in the emulator
 * (`npm run bench:firmware` prints both). It is within a tenth for layers of the slim network, and is there to choose between kernels, never to be reported as a measurement.
 */
export function kernelInstructions(block: IntegerBlock, packed: PackedBlock | undefined): number {
  if (!packed)
    return portableInstructions(block) + (block.weightBits === 4 ? expandedWeights * weightsOf(block) : 0);
  return (
    packedInstructions(block, packed) +
    (packed.weightBits === 4 ? (expandedWords * weightsOf(packed)) / 4 : 0)
  );
}

function weightsOf({
  weights,
  recurrent,
}: Pick<PackedBlock, 'recurrent'> & { weights: PackedBlock['weights'] | undefined }): number {
  return 2 * ((weights?.length ?? 0) + (recurrent?.length ?? 0));
}

function packedInstructions(block: IntegerBlock, packed: PackedBlock): number {
  const { kernel } = packed;
  if (kernel.startsWith('ecg_conv1d_winograd')) return winogradInstructions(block, packed);
  if (kernel === 'ecg_conv1d_two_positions') return twoPositionsInstructions(block);
  if (kernel === 'ecg_conv1d_rows') return convolutionRowsInstructions(block);
  if (kernel.startsWith('ecg_conv1d_')) return directInstructions(block, packed);
  return rowsInstructions(block, packed);
}

/** Of a four-bit weight of the portable kernels, and of a word of four of the others. */
const expandedWeights = 5.1;
const expandedWords = 5.5;

function portableInstructions(block: IntegerBlock): number {
  const { inputs, output, kernel, groups, stride, kind, poolSize } = block;
  const outputs = output.channels * output.length;
  const inner = inputs[0].channels / groups;
  switch (kind) {
    case 'conv1d': {
      const sums = output.channels * convolvedPositions(block);
      const unrolled = stride === 1 && [1, 3, 5].includes(kernel);
      if (!unrolled) return sums * (inner * (2.4 * kernel + 7) + 45);
      return sums * (2.1 * inner * kernel + (groups > 1 ? 60 : 28));
    }
    case 'dense':
      return outputs * (3 * inputs[0].channels * inputs[0].length + 20);
    case 'max-affine': {
      // Less than four rows in one pass take longer.
      const rest = poolSize % 4;
      return (
        outputs *
        ((3 * (poolSize - rest) + 5.9 * rest) * inputs[0].channels * inputs[0].length + 20 * poolSize)
      );
    }
    case 'gru':
    case 'lstm': {
      const gates = kind === 'gru' ? 3 : 4;
      return gates * output.channels * (3 * (inputs[0].channels + output.channels) + 70);
    }
    default:
      return outputs * (4 * poolSize + 20);
  }
}

/** Words for two channels from bytes: `rows` pairs of channels of `length` samples. */
function expansion(rows: number, length: number): number {
  return rows * (60 + 4 * length);
}

function directInstructions(block: IntegerBlock, { taps, packing, finish }: PackedBlock): number {
  const { inputs, output } = block;
  const { channels, length } = inputs[0];
  const pairs = Math.ceil(channels / 2);
  const steps = channels === 1 ? Math.ceil(taps / 2) : taps;
  const fours = Math.ceil(convolvedPositions(block) / 4);
  const passes = Math.ceil(output.channels / 2);
  const folded = packing === 'folded';
  const inner = pairs * ((folded ? 12 : 13) * steps + 4) + (folded ? 24 : 16);
  const calls = passes * (90 + 90 * Math.ceil(fours / 8));
  const end = finish === undefined ? endInstructions(block) : 0;
  return passes * fours * (inner + 40) + calls + expansion(pairs, length) + end;
}

/** What `ecg_finish_any` takes more than the ends for four positions. */
function endInstructions(block: IntegerBlock): number {
  const { output, poolMultiplier } = block;
  const outputs = output.channels * output.length;
  return output.channels * convolvedPositions(block) * 16.5 + outputs * (poolMultiplier === 0 ? 15 : 50);
}

function twoPositionsInstructions({ inputs, output }: IntegerBlock): number {
  const pairs = Math.ceil(inputs[0].channels / 2);
  return Math.ceil(output.channels / 2) * (15.3 * pairs + 140) + 60 * pairs;
}

function winogradInstructions(block: IntegerBlock, { packing }: PackedBlock): number {
  const { inputs, output } = block;
  const { channels, length } = inputs[0];
  const fours = output.channels / 4;
  const used = Math.ceil(channels / 2);
  const pairs = 4 * Math.ceil(channels / 8);
  const needed = Math.ceil(convolvedPositions(block) / 4);
  const products = needed === 1 ? 6 * pairs + 14 : 11.5 * pairs + 11;
  const groups = Math.ceil(needed / 2);
  const ends = needed * (4 * 53 + 30) + groups * 45;
  const transformed = packing === 'winograd' ? 0 : fours * used * 330;
  return (
    fours * (8 * groups * products + ends + 95) + transformed + used * 88 * needed + expansion(used, length)
  );
}

function convolutionRowsInstructions(block: IntegerBlock): number {
  const { inputs, output, groups, kernel, stride, poolMultiplier } = block;
  const inner = inputs[0].channels / groups;
  const filled = stride % 2 === 1 ? 2 * Math.ceil(inner / 2) : inner;
  const positions = convolvedPositions(block);
  const layout = inner * (4.5 * inputs[0].length + 20) + (filled * positions * stride) / 2;
  const outer = output.channels / groups;
  const sums = positions * (19 * Math.ceil((kernel * filled) / 4) + 87);
  const ends = output.length * outer * (poolMultiplier === 0 ? 28 : 60);
  return groups * (layout + Math.ceil(outer / 4) * (sums + 160) + ends);
}

function rowsInstructions(
  { kind, inputs, output, poolSize }: IntegerBlock,
  { packing }: PackedBlock,
): number {
  const columns = Math.ceil((inputs[0].channels * inputs[0].length) / 4);
  const fours = Math.ceil(output.channels / 4);
  const ofInput = columns * (packing === 'folded' ? 15 : 19);
  if (kind === 'dense') return fours * (ofInput + 130) + 10 * columns;
  if (kind === 'max-affine') {
    return Math.ceil((output.channels * poolSize) / 4) * (ofInput + 140) + 10 * columns;
  }
  const gates = kind === 'gru' ? 3 : 4;
  return fours * (gates * (ofInput + 19 * (output.channels / 4) + 200) + 150) + 10 * columns;
}
