import { UserError } from '../common/errors.ts';
import type { OpenOcdReport, ProbeFailure } from './openocd.ts';

/** A probe, or the chip behind it, cannot be reached. Nothing on the chip has changed unless the message says so. */
export class ProbeError extends UserError {
  readonly reason: ProbeFailure | 'no-probe' | 'several-probes' | 'wrong-chip';
  constructor(reason: ProbeError['reason'], what: string, advice: string) {
    super(what, {}, advice);
    this.name = 'ProbeError';
    this.reason = reason;
  }
}

const wiring =
  'Check that the board has power and that SWDIO, SWDCLK, GND and the supply reference are connected to the probe.';

/** What a failed report means for a probe of this label (`ST-Link`), in plain words. */
export function probeError(failure: ProbeFailure, label: string, report: OpenOcdReport): ProbeError {
  const name = report.probeName ?? label;
  const [what, advice] = words(failure, label, name, report);
  return new ProbeError(failure, what, advice);
}

function words(
  failure: ProbeFailure,
  label: string,
  name: string,
  { millivolts, errors }: OpenOcdReport,
): [what: string, advice: string] {
  switch (failure) {
    case 'no-scripts':
      return [
        'OpenOCD does not find its own scripts',
        'Install OpenOCD whole: its share/openocd/scripts folder belongs to it.',
      ];
    case 'not-supported':
      return [`this OpenOCD was built without support for ${label}`, 'Install OpenOCD 0.12 or newer.'];
    case 'no-access':
      return [
        `${name} was found, but you may not use it`,
        "On Linux install OpenOCD's udev rules (60-openocd.rules; Debian's package has them), then plug the probe in again; on Windows install WinUSB for it.",
      ];
    case 'busy':
      return [
        `${name} is in use by another program`,
        'End the debug session, IDE or programmer that has it open, then try again.',
      ];
    case 'no-probe':
      return [
        `no probe was found: ${label}`,
        'Plug the probe in, or choose another kind: cmsis-dap, jlink, stlink. For a probe behind a server, check that the server runs and its port.',
      ];
    case 'connection-lost':
      return [`the connection to ${name} was lost`, 'Check its cable, plug it in again, and try again.'];
    case 'no-power':
      return [
        `${name} was found, but the board has no power (${((millivolts ?? 0) / 1000).toFixed(1)} V)`,
        'Switch the board on, or connect the supply reference (VTref) of the probe.',
      ];
    case 'no-target':
      return [`${name} was found, but no chip answers behind it`, wiring];
    case 'unknown':
      return [
        `OpenOCD could not reach the chip through ${name}: ${errors.at(-1) ?? 'it gave no reason'}`,
        `${wiring} The log has all that OpenOCD said.`,
      ];
  }
}
