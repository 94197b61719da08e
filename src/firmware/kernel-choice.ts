import { countText } from '../common/count-text.ts';
import { gatedName } from '../layers/emit-binding.ts';
import { emitBindings } from '../layers/emit.ts';
import { blockArrays, type IntegerBlock, type IntegerNetwork } from '../quantization/integer-network.ts';
import type { BlockKernel } from './device-network.ts';
import { kernelInstructions } from './kernel-cost.ts';
import type { KernelTarget } from './kernel-target.ts';
import { packDirect, packFolded, packTwoPositions } from './packing/direct.ts';
import {
  packFourBitConvolutionRows,
  packFourBitDirect,
  packFourBitRows,
  packFourBitWinograd,
  unpackedBlock,
} from './packing/four-bit.ts';
import { isPacked, type Packed, type PackedBlock } from './packing/packed-block.ts';
import { packConvolutionRows, packFoldedRows, packRows } from './packing/rows.ts';
import { packWinograd, packWinogradDirect } from './packing/winograd.ts';

/** How a kernel is called in reports. */
interface Candidate {
  name: string;
  pack: (block: IntegerBlock) => Packed;
}

const convolutionKernels: readonly Candidate[] = [
  { name: 'two positions', pack: packTwoPositions },
  { name: 'Winograd', pack: packWinograd },
  { name: 'Winograd, int8 weights', pack: packWinogradDirect },
  { name: 'folded SMLAD', pack: packFolded },
  { name: 'SMLAD', pack: packDirect },
  { name: 'SMLAD by rows', pack: packConvolutionRows },
];
const rowKernels: readonly Candidate[] = [
  { name: 'folded SMLAD', pack: packFoldedRows },
  { name: 'SMLAD', pack: packRows },
];
const fourBitConvolutionKernels: readonly Candidate[] = [
  { name: 'Winograd, int4 weights', pack: packFourBitWinograd },
  { name: 'SMLAD, int4 weights', pack: packFourBitDirect },
  { name: 'SMLAD by rows, int4 weights', pack: packFourBitConvolutionRows },
];
const fourBitRowKernels: readonly Candidate[] = [{ name: 'SMLAD, int4 weights', pack: packFourBitRows }];

/** The kernel of one block and why it is that one. */
export interface KernelChoice {
  kernel: BlockKernel;
  name: string;
  /** By the model of kernel-cost.ts. */
  instructions: number;
  /** Of the block's tables. */
  flashBytes: number;
  /** Of the kernel's own. */
  scratchBytes: number;
  /** The kernels that were not taken, in words. */
  others: { name: string; why: string }[];
}

/** A table may be this much larger than the weights, or this many bytes, in the balanced target. */
const balancedGrowth = 1.2;
const balancedBytes = 64;
/** A kernel that needs more scratch memory is not taken: the chip has 64 kB. */
const mostScratchBytes = 24_576;
/** Of 512 kB; the rest is for code, the application and a bootloader. */
const mostTableBytes = 440_000;

/** Of the runtime, all kernels that a network has: 10 to 14 kB were seen. */
const runtimeCodeBytes = 16_384;

/** `flashBudget`: bytes for the network with its runtime, kept by the target `budget`. */
export function chooseKernels(
  network: IntegerNetwork,
  target: KernelTarget,
  flashBudget = Infinity,
): KernelChoice[] {
  const options = network.blocks.map((block) => fastestFirst(block, target));
  const taken = target === 'flash' ? smallestTables(options) : options.map(() => 0);
  const most = Math.min(mostTableBytes, target === 'budget' ? flashBudget - runtimeCodeBytes : Infinity);
  // Where not all tables fit, the block gives way that loses the fewest instructions for a byte.
  for (;;) {
    const bytes = options.reduce((sum, { kernels }, i) => sum + kernels[taken[i]].flashBytes, 0);
    const best = bytes > most ? cheapestStep(options, taken) : undefined;
    if (!best) break;
    taken[best.block] = best.option;
  }
  return options.map(({ kernels, excluded }, i): KernelChoice => {
    const chosen = kernels[taken[i]];
    const slower = kernels.flatMap((other, k) => {
      if (k === taken[i]) return [];
      const why =
        k < taken[i]
          ? `${countText(other.flashBytes)} bytes of tables, ${target === 'flash' ? `not ${countText(chosen.flashBytes)}` : 'which the flash has no room for'}`
          : `about ${countText(other.instructions)} instructions`;
      return [{ name: other.name, why }];
    });
    return { ...chosen, others: [...slower, ...excluded] };
  });
}

interface Options {
  /** Fastest first. */
  kernels: Omit<KernelChoice, 'others'>[];
  excluded: KernelChoice['others'];
}

function fastestFirst(block: IntegerBlock, target: KernelTarget): Options {
  const kernels = [option(block, 'portable C', undefined)];
  const excluded: KernelChoice['others'] = [];
  const candidates = target === 'portable' ? [] : candidatesOf(block);
  for (const { name, pack } of candidates) {
    const packed = pack(block);
    const why = isPacked(packed) ? refusal(block, packed, target) : packed.why;
    if (why === undefined && isPacked(packed)) kernels.push(option(block, name, packed));
    else excluded.push({ name, why: why ?? '' });
  }
  kernels.sort((a, b) => a.instructions - b.instructions);
  return { kernels, excluded };
}

/** Kinds whose kernels go through the rows of a matrix. */
const rowKinds: readonly IntegerBlock['kind'][] = ['dense', 'max-affine', 'gru', 'lstm'];

function candidatesOf({ kind, weightBits }: IntegerBlock): readonly Candidate[] {
  const isConvolution = kind === 'conv1d';
  if (!isConvolution && !rowKinds.includes(kind)) return [];
  const plain = isConvolution ? convolutionKernels : rowKernels;
  if (weightBits === 8) return plain;
  // From tables that are at least twice as large, what the kernels for eight bits do.
  const widened = plain.map(({ name, pack }): Candidate => ({
    name,
    pack: (block) => pack(unpackedBlock(block)),
  }));
  return [...widened, ...(isConvolution ? fourBitConvolutionKernels : fourBitRowKernels)];
}

function option(
  block: IntegerBlock,
  name: string,
  packed: PackedBlock | undefined,
): Omit<KernelChoice, 'others'> {
  return {
    kernel: packed ?? { portable: portableKernel(block) },
    name,
    instructions: kernelInstructions(block, packed),
    flashBytes: tableBytes(block, packed),
    scratchBytes: packed ? packed.scratchBytes : block.scratchBytes,
  };
}

/** Of the portable convolution, which takes every shape; 6.4 kB were seen. */
const portableCodeBytes = 6_000;

/**
 * For each block the index of its smallest tables, of several the fastest. The portable convolution is larger than the
 * others, so where these can do without it for less than its code, they do.
 */
function smallestTables(options: readonly Options[]): number[] {
  const least = (allowed: (kernel: BlockKernel) => boolean): number[] =>
    options.map(({ kernels }) => {
      const some = kernels.filter(({ kernel }) => allowed(kernel));
      const bytes = Math.min(...(some.length > 0 ? some : kernels).map(({ flashBytes }) => flashBytes));
      return kernels.findIndex((k) => k.flashBytes === bytes && (some.length === 0 || allowed(k.kernel)));
    });
  const total = (taken: readonly number[]): number =>
    options.reduce((sum, { kernels }, i) => sum + kernels[taken[i]].flashBytes, 0);
  const any = least(() => true);
  const without = least((kernel) => !('portable' in kernel && kernel.portable === 'ecg_conv1d'));
  return total(without) <= total(any) + portableCodeBytes ? without : any;
}

function tableBytes(block: IntegerBlock, packed?: PackedBlock): number {
  const { weights, recurrent } = packed ?? block;
  const tables = { ...block, weights, recurrent };
  return blockArrays.reduce((bytes, name) => bytes + (tables[name]?.byteLength ?? 0), 0);
}

/** Why a kernel that could compute the block is not for this target. */
function refusal(block: IntegerBlock, packed: PackedBlock, target: KernelTarget): string | undefined {
  if (packed.scratchBytes > mostScratchBytes)
    return `${countText(packed.scratchBytes)} bytes of scratch memory`;
  const before = tableBytes(block);
  const after = tableBytes(block, packed);
  const allowed = Math.max(before * balancedGrowth, before + balancedBytes);
  if (target === 'balanced' && after > allowed) {
    return `tables ${(after / before).toFixed(1)} times as large`;
  }
  return undefined;
}

function cheapestStep(
  options: readonly Options[],
  taken: readonly number[],
): { block: number; option: number } | undefined {
  let best: { block: number; option: number; price: number } | undefined;
  options.forEach(({ kernels }, block) => {
    const now = kernels[taken[block]];
    for (let next = taken[block] + 1; next < kernels.length; next++) {
      const saved = now.flashBytes - kernels[next].flashBytes;
      if (saved <= 0) continue;
      const price = (kernels[next].instructions - now.instructions) / saved;
      if (!best || price < best.price) best = { block, option: next, price };
    }
  });
  return best;
}

/** The function of the portable runtime that computes the block. */
export function portableKernel(block: IntegerBlock): string {
  const binding = emitBindings.get(block.kind);
  if (!binding) throw new Error(`no C form of ${block.kind}`);
  return gatedName(binding.kernel, block);
}
