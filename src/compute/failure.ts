import { CancelledError, MissingToolError, UserError } from '../common/errors.ts';
import { LockedChipError } from '../firmware/flash.ts';
import { BudgetError } from '../model/budget.ts';
import type { FailureData } from '../protocol/compute.ts';
import { MissingFactError } from '../recording/facts.ts';

/** Anything thrown, as it crosses the process border. */
export function failureOf(error: unknown): FailureData {
  if (error instanceof CancelledError)
    return { kind: 'cancelled', message: error.message, advice: '', place: {} };
  if (error instanceof UserError) {
    const { message, advice, place } = error;
    if (error instanceof MissingFactError) {
      return { kind: 'missing-fact', message, advice, place, fact: error.fact };
    }
    if (error instanceof MissingToolError) {
      return { kind: 'missing-tool', message, advice, place, tool: error.tool };
    }
    if (error instanceof LockedChipError) return { kind: 'locked-chip', message, advice, place };
    return { kind: error instanceof BudgetError ? 'over-budget' : 'user', message, advice, place };
  }
  const stack = error instanceof Error ? error.stack : undefined;
  return {
    kind: 'defect',
    message: error instanceof Error ? error.message : String(error),
    advice: '',
    place: {},
    stack,
  };
}
