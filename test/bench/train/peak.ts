import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import type { InstructionSet } from '../../../src/engine/choice.ts';
import { createMemory, heapBase, instantiate, loadKernels } from '../../../src/engine/load.ts';

const milliseconds = 300;
const rounds = 200_000;

/** GFLOP/s of multiply-adds that stay in registers, `threads` threads together. */
export async function multiplyAddPeak(kernels: InstructionSet, threads: number): Promise<number> {
  const each = Array.from({ length: threads }, () => {
    const worker = new Worker(new URL(import.meta.url), { workerData: kernels });
    return new Promise<number>((resolve, reject) => worker.once('message', resolve).once('error', reject));
  });
  return (await Promise.all(each)).reduce((a, b) => a + b);
}

if (!isMainThread) {
  const stackTop = 2 * heapBase;
  const module = await loadKernels(workerData as InstructionSet);
  const kernels = await instantiate(module, createMemory(2 * stackTop), stackTop);
  let best = 0;
  for (const end = performance.now() + milliseconds; performance.now() < end;) {
    const start = performance.now();
    const operations = kernels.multiply_add_peak(stackTop, rounds) * rounds;
    best = Math.max(best, operations / (performance.now() - start) / 1e6);
  }
  parentPort!.postMessage(best);
}
