import { UserError } from '../common/errors.ts';

/** What files of bare numbers (CSV, NumPy, MATLAB matrices) do not always say. What they do say is not asked for. */
export interface Facts {
  /** Hz. */
  rate?: number;
  /** Of all columns: `mV`, `uV` … */
  units?: string;
}

/** A file does not say something that is needed: the user is asked for it. */
export class MissingFactError extends UserError {
  readonly fact: keyof Facts;

  constructor(fact: keyof Facts, file: string, why: string) {
    const advice = {
      rate: 'Say how many samples a second it has: `--rate 250`, or `rate` in the dataset file.',
      units: 'Say what its numbers are: `--units mV` (or uV, V), or `units` in the dataset file.',
    }[fact];
    super(why, { file }, advice);
    this.name = 'MissingFactError';
    this.fact = fact;
  }
}
