import { UserError } from '../common/errors.ts';
import type { BoardVerification, Verification } from './verify.ts';

/** What a device did otherwise than the host, with the first value that differs in words; undefined: nothing. */
export function differenceError(
  run: string,
  verification: Verification | BoardVerification,
): UserError | undefined {
  const { mismatches, frontEnd, device } = verification;
  const differing = mismatches + frontEnd.mismatches;
  if (differing === 0) return undefined;
  return new UserError(
    `${device} and the host differ in ${differing} value${differing === 1 ? '' : 's'}; first: ${firstText(verification)}`,
    { file: run },
    'The firmware must not be used. Generate, build and, on a board, flash it anew; if it stays, report it with the run folder.',
  );
}

/** The front end comes before the network: where it differs, so does what the network reads on the device. */
function firstText({ frontEnd, firstMismatch }: Verification | BoardVerification): string {
  const { firstMismatch: filtered } = frontEnd;
  if (filtered) {
    return `record ${filtered.record}: sample ${filtered.sample} of the front end is ${filtered.device}, on the host ${filtered.host}`;
  }
  if (!firstMismatch) throw new Error('values differ, and none is the first');
  const { record, window, value, device, host } = firstMismatch;
  return `record ${record}, window ${window}: ${value} is ${device}, on the host ${host}`;
}
