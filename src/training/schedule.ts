import type { ScheduleSpec, TrainingSpec } from '../model/network.ts';

/** The cosine ends at this fraction of the first rate. */
const lastFraction = 0.01;

/** What the plateau schedule has seen; other schedules need no memory. */
export interface PlateauState {
  /** Lowest validation loss so far; null: none yet. */
  lowest: number | null;
  /** Epochs since then, or since the rate was last cut. */
  waited: number;
  cuts: number;
}

export const untouchedPlateau: PlateauState = { lowest: null, waited: 0, cuts: 0 };

/**
 * Learning rate of one step of `steps` (0-based). `cosine`: in a straight line up to the first rate, then half a period
 * down (Loshchilov and Hutter 2017, no restarts). `plateau`: cut as often as `plateau` says.
 */
export function learningRate(
  { learningRate: first, schedule }: TrainingSpec,
  step: number,
  steps: number,
  plateau: PlateauState,
): number {
  switch (schedule.kind) {
    case 'constant':
      return first;
    case 'plateau':
      // A first rate below the minimum stays as it is.
      return Math.max(first * schedule.factor ** plateau.cuts, Math.min(first, schedule.minimum));
    case 'cosine': {
      const { warmUp } = schedule;
      if (step < warmUp) return (first * (step + 1)) / (warmUp + 1);
      const last = steps - 1 - warmUp;
      const x = last > 0 ? Math.min(1, (step - warmUp) / last) : 0;
      return first * (lastFraction + (1 - lastFraction) * 0.5 * (1 + Math.cos(Math.PI * x)));
    }
  }
}

/** The plateau schedule after an epoch with this validation loss. */
export function afterEpoch(schedule: ScheduleSpec, state: PlateauState, loss: number): PlateauState {
  if (schedule.kind !== 'plateau') return state;
  if (state.lowest === null || loss < state.lowest) return { ...state, lowest: loss, waited: 0 };
  const waited = state.waited + 1;
  return waited < schedule.patience ? { ...state, waited } : { ...state, waited: 0, cuts: state.cuts + 1 };
}
