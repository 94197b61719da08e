import * as os from 'node:os';
import type { JobContext } from '../common/job.ts';
import { controlPortId, inspectCommands, runOpenOcd, type OpenOcdReport } from './openocd.ts';
import { ProbeError, probeError } from './probe-error.ts';

/** Kinds of probes that are looked for. */
export const probeKinds = ['cmsis-dap', 'jlink', 'stlink'] as const;
export type ProbeKind = (typeof probeKinds)[number];

/** Which probe to use: a kind, or any adapter by the OpenOCD commands that set it up. */
export type ProbeSelection =
  { kind: ProbeKind } | { kind: 'custom'; /** OpenOCD commands, in order. */ commands: readonly string[] };

/** A probe that was found. */
export interface Probe {
  selection: ProbeSelection;
  /** As it names itself: `ST-Link V2J37S7`. */
  name: string;
  /** For people: supply and chip, or why it cannot be used. */
  description: string;
  /** `unknown`: the chip could not be asked. */
  chip: 'nrf52832' | 'locked' | 'other' | 'unknown';
}

/** INFO.PART of the chip that firmware is generated for. */
export const nrf52832Part = 0x52832;

const labels: Readonly<Record<ProbeSelection['kind'], string>> = {
  'cmsis-dap': 'CMSIS-DAP',
  jlink: 'J-Link',
  stlink: 'ST-Link',
  custom: 'custom adapter',
};

export function probeLabel({ kind }: ProbeSelection): string {
  return labels[kind];
}

/** The commands that set a probe up. ST-Links are used as plain SWD adapters: their own mode does not reach the CTRL-AP. */
export function adapterCommandsOf(selection: ProbeSelection): readonly string[] {
  switch (selection.kind) {
    case 'cmsis-dap':
      return ['source [find interface/cmsis-dap.cfg]', 'transport select swd'];
    case 'jlink':
      return ['source [find interface/jlink.cfg]', 'transport select swd'];
    case 'stlink':
      return ['source [find interface/stlink-dap.cfg]', 'transport select dapdirect_swd'];
    case 'custom':
      return selection.commands;
  }
}

/** Ask a probe what is behind it: nothing is halted, reset or written. */
export function inspectProbe(selection: ProbeSelection, context: JobContext): Promise<OpenOcdReport> {
  return runOpenOcd(adapterCommandsOf(selection), inspectCommands, os.tmpdir(), context);
}

/**
 * The probes that answer, one of a kind; all kinds, or the one that is asked for. A probe that cannot be used is among
 * them and says why. Throws a MissingToolError where OpenOCD is not installed.
 */
export async function findProbes(
  selection: ProbeSelection | undefined,
  context: JobContext,
): Promise<Probe[]> {
  const candidates: readonly ProbeSelection[] = selection
    ? [selection]
    : probeKinds.map((kind) => ({ kind }));
  const probes: Probe[] = [];
  for (const [done, candidate] of candidates.entries()) {
    const stage = `looking for ${probeLabel(candidate)}`;
    context.progress({ stage, done, total: candidates.length, unit: 'kinds of probes' });
    const report = await inspectProbe(candidate, context);
    const { failure } = report;
    if (failure === 'no-scripts') throw probeError(failure, probeLabel(candidate), report);
    if (failure === 'no-probe' || failure === 'not-supported') continue;
    // An unknown failure before any probe has given its name is no probe either.
    if (failure === 'unknown' && report.probeName === undefined && !selection) continue;
    probes.push(describeProbe(candidate, report));
  }
  return probes;
}

export function describeProbe(selection: ProbeSelection, report: OpenOcdReport): Probe {
  const label = probeLabel(selection);
  const name = report.probeName ?? label;
  if (report.failure !== undefined) {
    return {
      selection,
      name,
      description: probeError(report.failure, label, report).message,
      chip: 'unknown',
    };
  }
  const supply = report.millivolts === undefined ? [] : [`${(report.millivolts / 1000).toFixed(1)} V`];
  return { selection, name, description: [chipText(report), ...supply].join(', '), chip: chipOf(report) };
}

export function chipOf({ locked, part, controlPort }: OpenOcdReport): Probe['chip'] {
  if (locked) return 'locked';
  if (part === undefined) return controlPort === controlPortId ? 'unknown' : 'other';
  return part === nrf52832Part ? 'nrf52832' : 'other';
}

/** What a chip that is no nRF52832 is. */
export function chipText(report: OpenOcdReport): string {
  const { part } = report;
  switch (chipOf(report)) {
    case 'nrf52832':
      return 'nRF52832';
    case 'locked':
      return 'an nRF52, locked';
    case 'other':
      // Nordic's part numbers read as they are written: 0x52840.
      return part !== undefined && /^5\d{4}$/.test(part.toString(16))
        ? `nRF${part.toString(16)}`
        : 'a chip that is no nRF52';
    case 'unknown':
      return 'a chip that does not say what it is';
  }
}

/** The one probe to flash by: the one that reaches a chip, where several are plugged in. Throws a ProbeError where none or several are found. */
export async function chooseProbe(context: JobContext): Promise<ProbeSelection> {
  const probes = await findProbes(undefined, context);
  const usable = probes.filter(({ chip }) => chip !== 'unknown');
  if (usable.length === 1) return usable[0].selection;
  if (probes.length === 1) return probes[0].selection;
  if (probes.length === 0) {
    throw new ProbeError(
      'no-probe',
      `no probe was found: ${probeKinds.map((kind) => labels[kind]).join(', ')}`,
      'Plug the probe in and power the board. On Linux, udev rules may be needed to use it without root.',
    );
  }
  throw new ProbeError(
    'several-probes',
    `several probes were found: ${probes.map((probe) => probe.name).join('; ')}`,
    `Unplug all but one, or choose: ${probes.map(({ selection }) => `--probe ${selection.kind}`).join(', ')}.`,
  );
}
