// Entry of the engine's other threads: instantiates the kernels on the shared memory and takes part in every phase.
import { parentPort, workerData } from 'node:worker_threads';
import { recordFailure, word } from './control.ts';
import { instantiate } from './load.ts';
import { makePlan, stackTop } from './plan.ts';
import { takePart, waitWhile, type ThreadStart } from './team.ts';
import { Work } from './work.ts';

const { module, memory, control, network, threads, thread, training, features } = workerData as ThreadStart;
const plan = makePlan(network, threads, training, features);
const kernels = await instantiate(module, memory, stackTop(plan, thread));
const work = new Work(network, plan, kernels, memory, control, thread);

const { words } = control;
let generation = Atomics.load(words, word.generation);

// A thread that ends outside of close() must not leave the others waiting.
process.on('exit', () => {
  if (Atomics.load(words, word.quit) !== 0) return;
  recordFailure(control, 'a thread of the engine ended');
  Atomics.add(words, word.done, threads);
  Atomics.notify(words, word.done);
});

parentPort!.postMessage('ready');
for (;;) {
  waitWhile(words, word.generation, generation);
  generation = Atomics.load(words, word.generation);
  if (Atomics.load(words, word.quit) !== 0) break;
  takePart(work, control);
  Atomics.add(words, word.done, 1);
  Atomics.notify(words, word.done);
}
