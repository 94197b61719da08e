import { RandomStream } from '../../common/random.ts';
import type { AugmentationSpec } from '../../model/augmentation.ts';
import type { InputSpec } from '../../model/network.ts';
import { addNoise, addWander, flatten } from './disturb.ts';
import { between, newLength, type Draws, type NewLength } from './length.ts';
import { stretch } from './stretch.ts';

/** What all records of a training share. */
export interface Augmentation {
  spec: AugmentationSpec;
  input: InputSpec;
  /** Of the run. */
  seed: number;
  /** Recorded noise as the network reads it: at its rate, filtered, of any size. One or more where noise is asked for. */
  noise: readonly Float32Array[];
}

/** A record as the network reads it: filtered, scaled, at the network's rate. */
export interface Original {
  signal: Float32Array;
  /** Of its content: what random numbers are keyed by. */
  key: number;
  /** Size of 1 mV in the signal's unit. */
  millivolt: number;
}

/** The record as it is shown to the network in an epoch: a function of (settings, seed, epoch, record) alone. */
export function augment(
  { signal, key, millivolt }: Original,
  common: Augmentation,
  epoch: number,
): Float32Array<ArrayBuffer> {
  const { spec, input, noise } = common;
  const draws = drawsOf(common.seed, epoch, key);
  const { from, samples } = newLength(signal.length, spec, input, draws);
  const kept = signal.subarray(from);
  const changed = samples === kept.length ? Float32Array.from(kept) : stretch(kept, samples);
  const sign = draws('sign').uniform() < spec.signFlip ? -1 : 1;
  const factor = sign * between(draws('gain'), [1 - spec.gain, 1 + spec.gain]);
  if (factor !== 1) for (let i = 0; i < samples; i++) changed[i] *= factor;
  const { wander, noise: mixed, leadOff } = spec;
  apply(wander, draws('wander'), (random, s) => addWander(changed, s, millivolt, input.rate, random));
  apply(mixed, draws('noise'), (random, s) => addNoise(changed, s, noise, random));
  apply(leadOff, draws('lead-off'), (random, s) => flatten(changed, s, input.rate, random));
  return changed;
}

/** Samples of a record after `augment`, without doing it. */
export function augmentedLength(
  samples: number,
  key: number,
  common: Augmentation,
  epoch: number,
): NewLength {
  return newLength(samples, common.spec, common.input, drawsOf(common.seed, epoch, key));
}

function drawsOf(seed: number, epoch: number, key: number): Draws {
  return (purpose) => new RandomStream(seed, `augment ${purpose}`, epoch, key);
}

/** For a share of the records. */
function apply<S extends { probability: number }>(
  settings: S | undefined,
  random: RandomStream,
  change: (random: RandomStream, settings: S) => void,
): void {
  if (settings && random.uniform() < settings.probability) change(random, settings);
}
