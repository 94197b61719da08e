import { Worker } from 'node:worker_threads';
import { processEntry } from '../../common/product.ts';
import { augmentedLength, type Augmentation, type Original } from './augment.ts';
import type { AugmentationAnswer, AugmentationRequest, AugmentationStart } from './protocol.ts';

/** Batches that are asked for before they are needed: so many signals lie in memory beside the originals. */
const ahead = 4;
/** Threads of the engine that one thread here can supply. */
const enginePerThread = 4;

/** Gives the batches of an epoch with their records changed, made in threads of its own some batches ahead. */
export class Augmenter {
  readonly #common: Augmentation;
  readonly #originals: readonly Original[];
  readonly #workers: readonly Worker[];
  readonly #pending = new Map<
    number,
    { resolve: (signals: Float32Array[]) => void; reject: (error: Error) => void }
  >();
  #failure: Error | undefined;
  #epoch = 0;
  /** Batches of the epoch that have not been asked for, and those that have, in order. */
  #batches: (readonly number[])[] = [];
  #asked: Promise<readonly Float32Array[]>[] = [];
  #nextId = 0;

  /**
   * @param originals with signals in shared memory (`shareSignals`)
   * @param engineThreads that are to be supplied
   */
  constructor(common: Augmentation, originals: readonly Original[], engineThreads: number) {
    this.#common = common;
    this.#originals = originals;
    const workerData: AugmentationStart = { common, originals };
    this.#workers = Array.from({ length: Math.ceil(engineThreads / enginePerThread) }, () => {
      const entry = processEntry('training/augmentation', 'augmentation-thread');
      const worker = new Worker(entry, { workerData, execArgv: [] });
      worker.on('message', ({ id, signals }: AugmentationAnswer) => {
        this.#pending.get(id)?.resolve(signals);
        this.#pending.delete(id);
      });
      worker.on('error', (error: unknown) => this.#fail(error));
      worker.on('exit', () => this.#fail('it ended'));
      return worker;
    });
  }

  /** Samples of each record in an epoch. */
  lengths(epoch: number): number[] {
    return this.#originals.map(
      ({ signal, key }) => augmentedLength(signal.length, key, this.#common, epoch).samples,
    );
  }

  /** From now on `next` gives these batches, lists of indices of records, in their order. */
  begin(epoch: number, batches: readonly (readonly number[])[]): void {
    this.#epoch = epoch;
    this.#batches = [...batches];
    this.#asked = [];
    for (let i = 0; i < ahead; i++) this.#ask();
  }

  /** Signals of the next batch. Throws where a thread has died. */
  async next(): Promise<readonly Float32Array[]> {
    const first = this.#asked.shift();
    if (!first) throw new Error('the epoch has no more batches');
    const signals = await first;
    this.#ask();
    return signals;
  }

  async close(): Promise<void> {
    for (const worker of this.#workers) worker.removeAllListeners();
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }

  #ask(): void {
    const members = this.#batches.shift();
    if (!members) return;
    const id = this.#nextId++;
    const signals = new Promise<readonly Float32Array[]>((resolve, reject) => {
      if (this.#failure) return reject(this.#failure);
      this.#pending.set(id, { resolve, reject });
      const request: AugmentationRequest = { id, epoch: this.#epoch, members };
      this.#workers[id % this.#workers.length].postMessage(request);
    });
    // It is thrown where it is awaited, which may be later or, after a cancellation, never.
    signals.catch(() => {});
    this.#asked.push(signals);
  }

  #fail(reason: unknown): void {
    this.#failure ??= new Error(
      `a thread that changes the training records failed: ${reason instanceof Error ? (reason.stack ?? reason.message) : String(reason)}`,
    );
    for (const { reject } of this.#pending.values()) reject(this.#failure);
    this.#pending.clear();
  }
}

/** Copies of signals, one behind the other in memory that all threads see. */
export function shareSignals(signals: readonly Float32Array[]): Float32Array[] {
  const total = signals.reduce((sum, { length }) => sum + length, 0);
  const all = new Float32Array(new SharedArrayBuffer(total * Float32Array.BYTES_PER_ELEMENT));
  let at = 0;
  return signals.map((signal) => {
    const shared = all.subarray(at, at + signal.length);
    shared.set(signal);
    at += signal.length;
    return shared;
  });
}
