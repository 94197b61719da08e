import { biasMagnitude } from '../../layers/fixed-arithmetic.ts';
import { plainContent } from '../../layers/fixed-binding.ts';
import type { IntegerBlock } from '../../quantization/integer-network.ts';
import { packDirect } from './direct.ts';
import {
  convolutionLimit,
  convolvedPositions,
  endLimit,
  endName,
  isPacked,
  weightAt,
  type Packed,
} from './packed-block.ts';

/** Packings of `runtime/arm/ecg_conv1d_winograd.c`; formulas and bounds stand there. */

export const winogradPoints = 8;

/** U of five taps at the points 0, 1, -1, 2, -2, 3, -3, infinity. */
export function transformTaps(taps: readonly number[]): number[] {
  const at = (a: number) => taps.reduce((sum, g, j) => sum + g * a ** j, 0);
  return [-20 * taps[0], 15 * at(1), 15 * at(-1), -6 * at(2), -6 * at(-2), at(3), at(-3), taps[4]];
}

interface WinogradShape {
  /** Pairs of input channels, filled up to a multiple of four. */
  pairs: number;
  /** Bytes of V and of one row of the input. */
  scratchBytes: number;
}

function winogradShape(block: IntegerBlock): WinogradShape | { why: string } {
  const limit = convolutionLimit(block) ?? endLimit(block);
  if (limit !== undefined) return { why: limit };
  const { kernel, padding, shifts, output, inputs } = block;
  const { channels } = inputs[0];
  if (kernel !== 5 || padding > 4) return { why: `${kernel} taps` };
  if (channels < 2) return { why: 'one input channel' };
  if (output.channels % 4 !== 0) return { why: `${output.channels} channels are no multiple of four` };
  if (shifts.some((shift) => shift > 27)) return { why: 'a shift above 27' };
  const limitOfSums = sumLimit(block);
  if (limitOfSums !== undefined) return { why: limitOfSums };
  const needed = Math.ceil(convolvedPositions(block) / 4);
  const tiles = needed > 1 ? 2 * Math.ceil(needed / 2) : 1;
  const pairs = 4 * Math.ceil(channels / 8);
  return { pairs, scratchBytes: 4 * (tiles * winogradPoints * pairs + 4 * tiles + 4) };
}

/** 16 (y + bias), summed over the pool and rounded, must be an int32 for all inputs, given the real weights. */
function sumLimit(block: IntegerBlock): string | undefined {
  const { output, inputs, kernel, pool, poolSize, shifts } = block;
  const row = inputs[0].channels * kernel;
  const summed = pool === 'average' ? poolSize : 1;
  for (let channel = 0; channel < output.channels; channel++) {
    let bound = biasMagnitude({ ...plainContent(block.kind, output, 0), ...block }, channel);
    for (let i = channel * row; i < (channel + 1) * row; i++) bound += 128 * Math.abs(block.weights![i]);
    const shift = shifts[shifts.length === 1 ? 0 : channel];
    if (bound * summed + 2 ** (shift - 1) >= 2 ** 27) return `sums of channel ${channel} can reach 2^27`;
  }
  return undefined;
}

function winogradEnd(block: IntegerBlock): string {
  return `(ecg_finish)ecg_winograd_${endName(block)}`;
}

/** U in flash: 16 bytes for the five weights of a pair of channels. */
export function packWinograd(block: IntegerBlock): Packed {
  const shape = winogradShape(block);
  if ('why' in shape) return shape;
  const { pairs, scratchBytes } = shape;
  const { output, kernel, padding } = block;
  const words = new Int16Array(output.channels * winogradPoints * pairs * 2);
  for (let channel = 0; channel < output.channels; channel++) {
    const four = Math.floor(channel / 4);
    for (let input = 0; input < 2 * pairs; input++) {
      const taps = Array.from({ length: kernel }, (_, tap) => weightAt(block, channel, input, tap));
      transformTaps(taps).forEach((u, point) => {
        const word = ((four * winogradPoints + point) * pairs + (input >> 1)) * 4 + (channel % 4);
        words[2 * word + (input & 1)] = u;
      });
    }
  }
  return {
    kernel: 'ecg_conv1d_winograd',
    packing: 'winograd',
    taps: kernel,
    padding,
    weights: words,
    scratchBytes,
    finish: winogradEnd(block),
  };
}

/** The weights as they are, and U of four output channels at a time in scratch memory. */
export function packWinogradDirect(block: IntegerBlock): Packed {
  const shape = winogradShape(block);
  if ('why' in shape) return shape;
  const direct = packDirect(block);
  if (!isPacked(direct)) return direct;
  if (direct.taps !== block.kernel) return { why: `${direct.taps} taps that meet samples` };
  const bytes = shape.scratchBytes + 4 * 4 * winogradPoints * shape.pairs;
  return {
    ...direct,
    kernel: 'ecg_conv1d_winograd_direct',
    scratchBytes: bytes,
    finish: winogradEnd(block),
  };
}
