import type { Augmentation, Original } from './augment.ts';

/** What a thread is started with; the signals are views on shared memory. */
export interface AugmentationStart {
  common: Augmentation;
  originals: readonly Original[];
}

export interface AugmentationRequest {
  id: number;
  epoch: number;
  /** Indices into the originals. */
  members: readonly number[];
}

export interface AugmentationAnswer {
  id: number;
  /** Of the members, in their order. */
  signals: Float32Array<ArrayBuffer>[];
}
