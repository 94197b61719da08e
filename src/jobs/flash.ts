import type { JobContext } from '../common/job.ts';
import { readFile, sha256 } from '../common/files.ts';
import { applicationOf } from '../firmware/build.ts';
import { attach, program } from '../firmware/flash.ts';
import { chooseProbe, findProbes, type Probe, type ProbeSelection } from '../firmware/probes.ts';
import { requireTool } from '../firmware/run-tool.ts';
import { buildJob, type FirmwareInputs } from './firmware.ts';

export type { Probe, ProbeSelection } from '../firmware/probes.ts';

export interface ProbesInputs {
  /** Look for this one alone. */
  probe?: ProbeSelection;
}

export interface FlashInputs extends FirmwareInputs {
  /** Default: the one that is found. */
  probe?: ProbeSelection;
  /** A locked chip may be erased, with everything on it. */
  eraseLocked?: boolean;
}

export interface FlashResult {
  probe: Probe;
  /** Programmed and verified. */
  bytes: number;
  /** The chip was locked; it was erased and unlocked before. */
  unlocked: boolean;
  hex: string;
  hexSha256: string;
}

/** The probes that can be found, and what is behind them. */
export async function probesJob(inputs: ProbesInputs, context: JobContext): Promise<Probe[]> {
  requireTool('openocd');
  return await findProbes(inputs.probe, context);
}

/**
 * Reach the chip, build the run's firmware, program it, verify, reset and start it. Probe and lock state come first: what
 * the user has to mend or to decide is told before the build. Throws a LockedChipError where the chip is locked and
 * `eraseLocked` is not set.
 */
export async function flashJob(inputs: FlashInputs, context: JobContext): Promise<FlashResult> {
  requireTool('openocd');
  const selection = inputs.probe ?? (await chooseProbe(context));
  const attached = await attach(selection, inputs.eraseLocked ?? false, context);
  const { hex } = applicationOf(await buildJob(inputs, context));
  const { bytes, probe } = await program(hex, attached, context);
  return { probe, bytes, unlocked: attached.chip === 'locked', hex, hexSha256: sha256(readFile(hex)) };
}
