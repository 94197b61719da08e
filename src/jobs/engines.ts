import { describeInLine } from '../common/errors.ts';
import { loadKernels, nativeInstructionSets } from '../engine/load.ts';
import { loadTensorFlow } from '../tensorflow/load.ts';
import { tensorFlowFolder } from '../tensorflow/package.ts';

/** An engine that can be chosen: what there is of it, or why there is nothing. */
export interface EngineEntry {
  name: 'native' | 'wasm' | 'tensorflow';
  ok: boolean;
  detail: string;
  /** `auto` takes it. */
  automatic: boolean;
}

/** All engines, those of C kernels first. */
export async function enginesJob(): Promise<EngineEntry[]> {
  const { instructionSet, fallback } = await loadKernels('auto');
  const sets = nativeInstructionSets();
  const native = sets.includes(instructionSet);
  // What keeps `auto` from it is not always what keeps one from it.
  const untested = sets.length > 0 && !native;
  const entries = [
    await kernelEntry('native', [...sets, ...(untested ? [`never run here: ${fallback}`] : [])]),
    await kernelEntry('wasm', []),
  ];
  const automatic = native ? 'native' : 'wasm';
  return [...entries, tensorFlowEntry()].map((entry) => ({ ...entry, automatic: entry.name === automatic }));
}

type Found = Omit<EngineEntry, 'automatic'>;

async function kernelEntry(name: 'native' | 'wasm', more: readonly string[]): Promise<Found> {
  try {
    const { instructionSet } = await loadKernels(name);
    return { name, ok: true, detail: [...new Set([instructionSet, ...more])].join(', ') };
  } catch (error) {
    return { name, ok: false, detail: describeInLine(error) };
  }
}

export function tensorFlowEntry(): Found {
  try {
    return { name: 'tensorflow', ok: true, detail: `${loadTensorFlow().build} in ${tensorFlowFolder()}` };
  } catch (error) {
    return { name: 'tensorflow', ok: false, detail: describeInLine(error) };
  }
}
