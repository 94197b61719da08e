import { biasMagnitude } from '../../layers/fixed-arithmetic.ts';
import { plainContent } from '../../layers/fixed-binding.ts';
import type { IntegerBlock } from '../../quantization/integer-network.ts';
import {
  convolutionLimit,
  convolvedPositions,
  directEnd,
  endLimit,
  foldedBytes,
  foldedLimit,
  isPacked,
  usedTaps,
  weightAt,
  whyNotFolded,
  type Packed,
} from './packed-block.ts';

/** Packings of `runtime/arm/ecg_conv1d_direct.c` and `ecg_conv1d_two_positions.c`. */

/** Weights of a pair of output channels (A, B) at two places that one SMLAD takes together. */
interface Four {
  a: [number, number];
  b: [number, number];
}

interface DirectShape {
  /** Words of a pair of output channels for a pair of input channels. */
  steps: number;
  /** In the order of the table: [pair of output channels][pair of input channels][step]. */
  fours: Four[];
  taps: number;
  padding: number;
  scratchBytes: number;
}

const mostSteps = 8;

/** One tap a step for two input channels; of a single channel, two taps a step. */
function directShape(block: IntegerBlock): DirectShape | { why: string } {
  const limit = convolutionLimit(block);
  if (limit !== undefined) return { why: limit };
  const { first, taps, padding } = usedTaps(block);
  const { channels } = block.inputs[0];
  const single = channels === 1;
  const steps = single ? Math.ceil(taps / 2) : taps;
  if (steps > mostSteps) return { why: `${taps} taps` };
  const fours: Four[] = [];
  const outputs = block.output.channels;
  for (let a = 0; a < outputs; a += 2) {
    // Of an odd number of channels the last one is computed twice.
    const b = Math.min(a + 1, outputs - 1);
    for (let input = 0; input < channels; input += 2) {
      for (let step = 0; step < steps; step++) {
        const at = (output: number, high: boolean) => {
          if (!single) return weightAt(block, output, input + (high ? 1 : 0), first + step);
          const tap = high ? step + steps : step;
          return tap < taps ? weightAt(block, output, 0, first + tap) : 0;
        };
        fours.push({ a: [at(a, false), at(a, true)], b: [at(b, false), at(b, true)] });
      }
    }
  }
  const padded = Math.ceil(convolvedPositions(block) / 4) * 4 + steps - 1;
  const words = single ? padded + steps : Math.ceil(channels / 2) * padded;
  return { steps, fours, taps, padding, scratchBytes: 4 * words };
}

/** Bytes A, B of the one place and A, B of the other: SXTB16 gives the two of A, and of B after a rotation. */
function directBytes(fours: readonly Four[]): Int8Array {
  return Int8Array.from(fours.flatMap(({ a, b }) => [a[0], b[0], a[1], b[1]]));
}

export function packDirect(block: IntegerBlock): Packed {
  const shape = directShape(block);
  if ('why' in shape) return shape;
  const { steps, fours, taps, padding, scratchBytes } = shape;
  return {
    kernel: `ecg_conv1d_direct_${steps}`,
    packing: 'direct',
    taps,
    padding,
    weights: directBytes(fours),
    scratchBytes,
    finish: directEnd(block),
  };
}

/**
 * Halves 256 B + A as int16, for which no weight of B may be -128 beside a negative one of A. The sum of 256 B + A gives
 * that of B by a subtraction and a shift of eight bits, as long as it is below 2^23.
 */
export function packFolded(block: IntegerBlock): Packed {
  const shape = directShape(block);
  if ('why' in shape) return shape;
  const { steps, fours, taps, padding, scratchBytes } = shape;
  const perPair = fours.length / Math.ceil(block.output.channels / 2);
  for (let pair = 0; pair * perPair < fours.length; pair++) {
    const channel = Math.min(2 * pair + 1, block.output.channels - 1);
    let sum = biasMagnitude({ ...plainContent(block.kind, block.output, 0), ...block }, channel);
    for (const { b } of fours.slice(pair * perPair, (pair + 1) * perPair)) {
      sum += 128 * (Math.abs(b[0]) + Math.abs(b[1]));
    }
    if (sum >= foldedLimit) return { why: `sums of channel ${channel} can reach 2^23` };
  }
  const weights = foldedBytes(
    fours.flatMap(({ a, b }) => [
      { even: a[0], odd: b[0] },
      { even: a[1], odd: b[1] },
    ]),
  );
  if (!weights) return { why: whyNotFolded };
  return {
    kernel: `ecg_conv1d_folded_${steps}`,
    packing: 'folded',
    taps,
    padding,
    weights,
    scratchBytes,
    finish: directEnd(block),
  };
}

/** Two positions of two samples: three taps meet samples, of any kernel with as many zeros before as after. */
export function packTwoPositions(block: IntegerBlock): Packed {
  const limit = convolutionLimit(block) ?? endLimit(block);
  if (limit !== undefined) return { why: limit };
  const folded = packFolded(block);
  if (!isPacked(folded)) return folded;
  const { channels, length } = block.inputs[0];
  const positions = convolvedPositions(block);
  if (positions !== 2 || length !== 2 || channels < 2 || folded.taps !== 3 || folded.padding !== 1) {
    return { why: `${positions} positions of ${length} samples` };
  }
  const scratchBytes = 8 * Math.ceil(channels / 2);
  return { ...folded, kernel: 'ecg_conv1d_two_positions', scratchBytes };
}
