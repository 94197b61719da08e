/** What the threads share beside the kernels' memory: int32 words, a few numbers of the step, and an error's text. */
export interface Control {
  words: Int32Array<SharedArrayBuffer>;
  numbers: Float64Array<SharedArrayBuffer>;
  failure: Uint8Array<SharedArrayBuffer>;
}

/** Indices into `words`. */
export const word = {
  /** Goes up by one with every phase; threads wait for it. */
  generation: 0,
  phase: 1,
  units: 2,
  /** Next unit that nobody has claimed. */
  next: 3,
  /** Threads that have finished the phase. */
  done: 4,
  failed: 5,
  quit: 6,
  /** Of the batch: groups, address of their blocks, address of the items, first window, reset interval, loss terms. */
  groups: 7,
  groupBase: 8,
  itemBase: 9,
  firstWindow: 10,
  resetEvery: 11,
  terms: 12,
  /** Set by the first thread that fails, before it writes why; `failed` follows. */
  failing: 13,
  /** Segment of the front; -1: all of it, as a prediction needs. */
  segment: 14,
  /** Of dropout's draws. */
  seed: 15,
  step: 16,
} as const;

/** Indices into `numbers`. */
export const number = {
  learningRate: 0,
  beta1: 1,
  beta2: 2,
  epsilon: 3,
  correction1: 4,
  correction2: 5,
  temperature: 6,
  /** Of the gradients, for their norm. */
  gradientScale: 7,
  /** Of kernels: added to their gradients, and taken away beside the step. */
  l2: 8,
  decay: 9,
} as const;

/** Phases of a step; each ends when every thread has finished. */
export const phase = {
  /** Units: items. */
  forward: 1,
  /** Units: shards. Tail, loss and their gradients. */
  tailTraining: 2,
  /** Units: groups. */
  tailPrediction: 3,
  /** Units: shards. */
  backward: 4,
  /** Units: chunks of the parameters. */
  sum: 5,
  /** After `sum`. */
  update: 6,
  /** Units: packed forms. */
  pack: 7,
  /** One unit: figures of a batch norm over the batch, and of its gradient. */
  statistics: 8,
  statisticsBackward: 9,
  /** Units: parameters; where training is aware of quantisation. */
  quantise: 10,
} as const;

export type Phase = (typeof phase)[keyof typeof phase];

const failureBytes = 4096;

export function createControl(): Control {
  return {
    words: new Int32Array(new SharedArrayBuffer(64 * 4)),
    numbers: new Float64Array(new SharedArrayBuffer(16 * 8)),
    failure: new Uint8Array(new SharedArrayBuffer(failureBytes)),
  };
}

/** Keep the first failure's text, zero-terminated. */
export function recordFailure(control: Control, text: string): void {
  if (Atomics.compareExchange(control.words, word.failing, 0, 1) !== 0) return;
  const bytes = new TextEncoder().encode(text).subarray(0, failureBytes - 1);
  control.failure.set(bytes);
  control.failure[bytes.length] = 0;
  Atomics.store(control.words, word.failed, 1);
}

export function failureText(control: Control): string {
  // TextDecoder does not read shared memory.
  const copy = Uint8Array.from(control.failure);
  return new TextDecoder().decode(copy.subarray(0, copy.indexOf(0)));
}
