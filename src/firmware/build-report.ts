import { boardLimits } from '../model/budget.ts';
import type { Network } from '../model/network.ts';
import type { Board } from './board.ts';
import type { BuildResult } from './build.ts';
import type { KernelChoice } from './kernel-choice.ts';
import type { KernelTarget } from './kernel-target.ts';
import { reportFormat } from './kept-report.ts';
import { compareSizes, largestLayers, type SizeChange, type SizeReport } from './size-report.ts';

/** What the network takes of a memory, and what it may take. Bytes, exact, from the linked image. */
export interface MemoryUse {
  what: 'flash' | 'ram';
  /** Of the network alone. */
  used: number;
  /** Of the model file; undefined: none but the chip's memory. */
  budget: number | undefined;
  chip: number;
  over: boolean;
  /** The layers that take most of it, with their bytes. */
  largest: string;
}

/** The kernel of a block, and why it is that one. */
export interface KernelReport extends Omit<KernelChoice, 'kernel'> {
  /** Layers of the block. */
  layers: string;
}

/** What somebody wants to know of a build, over budget or not. */
export interface BuildReport {
  format: number;
  board: string;
  kernels: KernelTarget;
  configuration: 'release' | 'debug';
  /** Of the image that the sizes are of. */
  imageSha256: string;
  /** Of the emulator's image, which is verified. */
  elfSha256: string;
  /** Of the network. */
  hash: string;
  sizes: SizeChange;
  memories: MemoryUse[];
  blocks: KernelReport[];
  /** Budget of the model file for a window, milliseconds. */
  latencyMs: number | undefined;
}

/** @param before of the build before, if there was one */
export function buildReport(
  { target }: Network,
  about: {
    board: Board;
    kernels: KernelTarget;
    configuration: 'release' | 'debug';
    hash: string;
    imageSha256: string;
  },
  { flashBytes, ramBytes, elfSha256 }: Pick<BuildResult, 'flashBytes' | 'ramBytes' | 'elfSha256'>,
  report: SizeReport,
  choices: readonly KernelChoice[],
  before: BuildReport | undefined,
): BuildReport {
  // Verifying builds as well: the same image again still differs from the one before it by as much.
  const same = before?.imageSha256 === about.imageSha256;
  const sizes = same ? { ...report, changes: before.sizes.changes } : compareSizes(report, before?.sizes);
  const use = (what: MemoryUse['what'], used: number): MemoryUse => {
    const budget = target[what];
    const chip = boardLimits[target.board][what];
    const over = used > Math.min(budget ?? Infinity, chip);
    return { what, used, budget, chip, over, largest: largestLayers(sizes, what) };
  };
  const layers = sizes.rows.filter(({ kind }) => kind === 'layer');
  return {
    format: reportFormat,
    board: about.board.name,
    kernels: about.kernels,
    configuration: about.configuration,
    imageSha256: about.imageSha256,
    elfSha256,
    hash: about.hash,
    sizes,
    memories: [use('flash', flashBytes), use('ram', ramBytes)],
    blocks: choices.map(({ kernel: _kernel, ...choice }, i) => ({ layers: layers[i].what, ...choice })),
    latencyMs: target.latency,
  };
}
