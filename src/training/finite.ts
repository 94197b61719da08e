import { UserError } from '../common/errors.ts';
import type { BatchRecord, StepResult, TrainingEngine, TrainingStep } from '../engine/engine.ts';
import type { Weights } from '../model/network.ts';

const advice =
  'The last checkpoint is good. Lower the learning rate (`training.optimizer`) or shorten long gradients (`training.clip`) in a new run.';

/** Where something went wrong: `in epoch 3, batch 7`, and the run's folder. */
export interface Where {
  when: string;
  folder: string;
}

type Named = BatchRecord & { name: string };

/**
 * Throws a UserError that names the record whose loss or gradient is infinite or NaN. Kernels can hide a NaN from the loss
 * (a ReLU makes 0 of it), but not from the gradients: then the records are asked one by one.
 */
export function requireFiniteStep(
  engine: TrainingEngine,
  records: readonly Named[],
  step: TrainingStep,
  { loss, losses, gradientNorm }: StepResult,
  where: Where,
): void {
  if (Number.isFinite(loss) && Number.isFinite(gradientNorm)) return;
  requireFiniteLosses(losses, records, where);
  const wrong = records.filter((record) =>
    [...engine.gradients([record], step).values()].some((values) => !values.every(Number.isFinite)),
  );
  throw fault(`the gradient became ${gradientNorm}`, wrong, records.length, where);
}

/** Throws a UserError that names the first record whose loss is infinite or NaN. */
export function requireFiniteLosses(
  losses: ArrayLike<number>,
  records: readonly Pick<Named, 'name'>[],
  where: Where,
): void {
  const first = Array.from(losses).findIndex((loss) => !Number.isFinite(loss));
  if (first < 0) return;
  const wrong = records.filter((_, i) => !Number.isFinite(losses[i]));
  throw fault(`the loss became ${losses[first]}`, wrong, records.length, where);
}

/** Where no record or every record is wrong, it is the weights' fault. */
function fault(
  what: string,
  wrong: readonly Pick<Named, 'name'>[],
  all: number,
  { when, folder }: Where,
): UserError {
  if (wrong.length === 0 || (wrong.length === all && all > 1)) {
    return new UserError(
      `${what} ${when}, not at single records: the weights have grown too large`,
      { file: folder },
      advice,
    );
  }
  const [{ name }] = wrong;
  const others = wrong.length > 1 ? ` and ${wrong.length - 1} more` : '';
  return new UserError(
    `${what} ${when}, at record ${name}${others}`,
    { file: folder, record: name },
    `Look at the record: its values may be far from all others. ${advice}`,
  );
}

/** Throws a UserError that names the first parameter with a value that is infinite or NaN. */
export function requireFiniteWeights(sets: readonly Weights[], { when, folder }: Where): void {
  for (const weights of sets) {
    for (const [name, values] of weights) {
      if (values.every(Number.isFinite)) continue;
      throw new UserError(
        `${name} or its moments became infinite or NaN ${when}`,
        { file: folder, layer: name.slice(0, name.lastIndexOf('/')) },
        advice,
      );
    }
  }
}
