import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { UserError } from '../common/errors.ts';
import type { JobContext } from '../common/job.ts';
import { eraseLoses } from './erase-loses.ts';
import { readIntelHex } from './intel-hex.ts';
import { programCommands, runOpenOcd, type OpenOcdReport } from './openocd.ts';
import { ProbeError, probeError } from './probe-error.ts';
import {
  adapterCommandsOf,
  chipText,
  describeProbe,
  inspectProbe,
  nrf52832Part,
  probeLabel,
  type Probe,
  type ProbeSelection,
} from './probes.ts';

/** The chip is locked, and nobody has said yet that it may be erased. Nothing was changed. */
export class LockedChipError extends UserError {
  constructor(probeName: string) {
    super(
      `the chip behind ${probeName} is locked: its access port protection (APPROTECT) is on`,
      {},
      `${eraseLoses} Nothing was changed yet; \`ecg firmware flash RUN --erase-locked\` erases and flashes it.`,
    );
    this.name = 'LockedChipError';
  }
}

/** Programming or verifying failed: what is on the chip now is told by `state`. */
export class FlashError extends UserError {
  readonly state: 'unchanged' | 'erased' | 'incomplete';
  constructor(what: string, hex: string, state: FlashError['state'], advice: string) {
    super(what, { file: hex }, `${stateText[state]} ${advice}`);
    this.name = 'FlashError';
    this.state = state;
  }
}

const stateText = {
  unchanged: 'Nothing on the chip was changed.',
  erased: 'The chip was erased and holds no firmware.',
  incomplete: 'The chip now holds an incomplete image and must not be used before it is flashed again.',
} as const;

/**
 * Reach the chip, its lock state first. Throws a ProbeError where it cannot be reached or is another chip, and a
 * LockedChipError where it is locked and `eraseLocked` is not set.
 */
export async function attach(
  selection: ProbeSelection,
  eraseLocked: boolean,
  context: JobContext,
): Promise<Probe> {
  context.progress({ stage: `attaching by ${probeLabel(selection)}`, done: 0, total: 0, unit: 'bytes' });
  const report = await inspectProbe(selection, context);
  const probe = describeProbe(selection, report);
  if (report.failure !== undefined || probe.chip === 'unknown') {
    context.log(report.output);
    throw probeError(report.failure ?? 'unknown', probeLabel(selection), report);
  }
  if (probe.chip === 'other') throw wrongChip(report, stateText.unchanged);
  if (probe.chip === 'locked' && !eraseLocked) throw new LockedChipError(probe.name);
  return probe;
}

function wrongChip(report: OpenOcdReport, state: string): ProbeError {
  const part = report.part === undefined ? '' : ` (FICR INFO.PART is 0x${report.part.toString(16)})`;
  return new ProbeError(
    'wrong-chip',
    `wrong chip: found ${chipText(report)}${part}, but the firmware is for the nRF52832`,
    `${state} Connect the board with the nRF52832.`,
  );
}

/**
 * Program, verify, reset and start the chip behind a probe that `attach` has reached; a locked chip is erased and unlocked
 * first. Gives the bytes that were programmed, and the probe with the chip as it is now. Throws a FlashError that says
 * what is on the chip now.
 */
export async function program(
  hex: string,
  probe: Probe,
  context: JobContext,
): Promise<{ bytes: number; probe: Probe }> {
  const bytes = readIntelHex(hex).reduce((sum, part) => sum + part.bytes.length, 0);
  // A copy under a plain name: OpenOCD reads file names as Tcl, twice, and looks for its scripts in the current folder.
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'ecg-flash-'));
  try {
    fs.copyFileSync(hex, path.join(folder, 'board.hex'));
    const eraseAll = probe.chip === 'locked';
    const report = await runOpenOcd(
      adapterCommandsOf(probe.selection),
      programCommands({ hex: 'board.hex', part: nrf52832Part, eraseAll }),
      folder,
      context,
      (soFar) => tellProgress(soFar, bytes, eraseAll, context),
    );
    failOnBadReport(report, hex, probe, eraseAll, context);
    context.progress({ stage: 'flashed, verified and started', done: bytes, total: bytes, unit: 'bytes' });
    return { bytes, probe: describeProbe(probe.selection, report) };
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

function tellProgress(report: OpenOcdReport, total: number, eraseAll: boolean, context: JobContext): void {
  const stages = {
    'not-started': eraseAll && !report.erased ? 'erasing the locked chip' : 'preparing the chip',
    started: 'programming',
    programmed: 'verifying',
    verified: 'resetting',
  } as const;
  const done = report.programming === 'programmed' || report.programming === 'verified' ? total : 0;
  context.progress({ stage: stages[report.programming], done, total, unit: 'bytes' });
}

function failOnBadReport(
  report: OpenOcdReport,
  hex: string,
  probe: Probe,
  eraseAll: boolean,
  context: JobContext,
): void {
  const { programming, running, failure, erased } = report;
  if (programming === 'verified' && running) return;
  context.log(report.output);
  if (programming === 'not-started') {
    if (eraseAll && !erased && failure === undefined) {
      throw new FlashError(
        'the locked chip could not be erased',
        hex,
        'unchanged',
        'Switch the board off and on, then try again.',
      );
    }
    if (report.part !== undefined && report.part !== nrf52832Part) {
      throw wrongChip(report, erased ? stateText.erased : stateText.unchanged);
    }
    const error = probeError(failure ?? 'unknown', probe.name, report);
    throw new FlashError(error.message, hex, erased ? 'erased' : 'unchanged', error.advice);
  }
  if (failure === 'connection-lost') {
    throw new FlashError(
      `the connection to ${probe.name} was lost while the chip was ${programming === 'started' ? 'programmed' : 'verified'}`,
      hex,
      'incomplete',
      'Check the cable and the power of the board, then flash again.',
    );
  }
  if (programming === 'started') {
    throw new FlashError(
      `the chip could not be programmed: ${report.errors.find((line) => /flash|algorithm/.test(line)) ?? 'OpenOCD gave no reason'}`,
      hex,
      'incomplete',
      'Check the power of the board, then flash again; a chip that refuses again has write protected or worn pages.',
    );
  }
  if (programming === 'programmed') {
    throw new FlashError(
      'what was read back from the chip differs from the image',
      hex,
      'incomplete',
      'Flash again; if it stays, the power is unstable or the flash is worn.',
    );
  }
  throw new UserError(
    'the image was programmed and verified, but the chip could not be started',
    { file: hex },
    'Reset the board by hand.',
  );
}
