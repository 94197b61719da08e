// Entry of the threads that change records while the engine computes.
import * as os from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { augment } from './augment.ts';
import type { AugmentationAnswer, AugmentationRequest, AugmentationStart } from './protocol.ts';

const { common, originals } = workerData as AugmentationStart;

// The engine's threads come first; a batch that is not ready is waited for, and then the cores are free. On Linux a
// priority belongs to a thread, elsewhere it would be the whole process's.
if (process.platform === 'linux') {
  const { PRIORITY_BELOW_NORMAL } = os.constants.priority;
  if (os.getPriority() < PRIORITY_BELOW_NORMAL) os.setPriority(PRIORITY_BELOW_NORMAL);
}

parentPort!.on('message', ({ id, epoch, members }: AugmentationRequest) => {
  const signals = members.map((i) => augment(originals[i], common, epoch));
  const answer: AugmentationAnswer = { id, signals };
  parentPort!.postMessage(
    answer,
    signals.map((signal) => signal.buffer),
  );
});
