import { UserError } from '../common/errors.ts';
import { checkRange, leadLength, type LeadInfo, type Recording } from './recording.ts';

/** Millivolts in one of a lead's units; undefined where it is no voltage (`mmHg`, `NU`, `%`). */
export function millivoltsPerUnit({ units }: LeadInfo): number | undefined {
  // µ is two characters of Unicode, and a third byte in headers of Latin-1.
  return { nv: 1e-6, uv: 1e-3, µv: 1e-3, μv: 1e-3, mv: 1, v: 1000 }[units.toLowerCase()];
}

/** Samples of a lead in millivolts, NaN where missing. Throws a UserError where the lead is no voltage. */
export function readMillivolts(
  recording: Recording,
  lead: number,
  start = 0,
  end = leadLength(recording, lead),
): Float32Array {
  checkRange(recording, lead, start, end);
  const info = recording.leads[lead];
  const scale = millivoltsPerUnit(info);
  if (scale === undefined) {
    throw new UserError(
      `the unit \`${info.units}\` of ${info.name} is no voltage`,
      { record: recording.name },
      'Choose another lead.',
    );
  }
  const values = recording.read(lead, start, end);
  return scale === 1 ? Float32Array.from(values) : Float32Array.from(values, (value) => value * scale);
}
