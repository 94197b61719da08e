import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { UserError } from '../common/errors.ts';
import type { JobContext } from '../common/job.ts';
import { eraseLoses } from './erase-loses.ts';
import { readIntelHex, type HexPart } from './intel-hex.ts';
import { programCommands, runOpenOcd, type ImagePiece, type OpenOcdReport } from './openocd.ts';
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
  readonly state: 'unchanged' | 'erasing' | 'erased' | 'incomplete';
  constructor(what: string, hex: string, state: FlashError['state'], advice: string) {
    super(what, { file: hex }, `${stateText[state]} ${advice}`);
    this.name = 'FlashError';
    this.state = state;
  }
}

const stateText = {
  unchanged: 'Nothing on the chip was changed.',
  erasing: 'The erase was begun: what was on the chip may be gone.',
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
  const parts = readIntelHex(hex);
  const bytes = parts.reduce((sum, part) => sum + part.bytes.length, 0);
  // Under plain names: OpenOCD reads file names as Tcl, twice, and looks for its scripts in the current folder.
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'ecg-flash-'));
  try {
    const pieces = writePieces(parts, folder);
    const eraseAll = probe.chip === 'locked';
    const report = await runOpenOcd(
      adapterCommandsOf(probe.selection),
      programCommands({ pieces, part: nrf52832Part, eraseAll }),
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

/** Whole flash pages: none is erased for two pieces. */
const pieceBytes = 16_384;

/** The image in files, one for each aligned stretch of flash; what lies between two parts in it is as erased. */
function writePieces(parts: readonly HexPart[], folder: string): ImagePiece[] {
  const stretches = new Map<number, HexPart[]>();
  for (const { address, bytes } of parts) {
    for (let at = 0; at < bytes.length;) {
      const start = address + at;
      const end = Math.min(bytes.length, at + pieceBytes - (start % pieceBytes));
      const stretch = Math.floor(start / pieceBytes);
      const before = stretches.get(stretch) ?? [];
      stretches.set(stretch, [...before, { address: start, bytes: bytes.subarray(at, end) }]);
      at = end;
    }
  }
  return [...stretches.values()].map((pieces, i) => {
    const start = Math.min(...pieces.map(({ address }) => address));
    const end = Math.max(...pieces.map(({ address, bytes }) => address + bytes.length));
    const content = Buffer.alloc(end - start, 0xff);
    for (const { address, bytes } of pieces) bytes.copy(content, address - start);
    const file = `piece${i}.bin`;
    fs.writeFileSync(path.join(folder, file), content);
    const bytes = pieces.reduce((sum, piece) => sum + piece.bytes.length, 0);
    return { file, address: start, bytes };
  });
}

function tellProgress(report: OpenOcdReport, total: number, eraseAll: boolean, context: JobContext): void {
  const stages = {
    'not-started': eraseAll && !report.erased ? 'erasing the locked chip' : 'preparing the chip',
    started: 'programming',
    programmed: 'verifying',
    verified: 'resetting',
  } as const;
  const done = report.programming === 'programmed' ? report.verified : report.written;
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
    if (eraseAll && !erased && (failure === undefined || failure === 'unknown')) {
      throw new FlashError(
        'the locked chip could not be erased and unlocked',
        hex,
        'erasing',
        'Switch the board off and on, then try again.',
      );
    }
    if (report.part !== undefined && report.part !== nrf52832Part) {
      throw wrongChip(report, erased ? stateText.erased : stateText.unchanged);
    }
    if (erased && failure === 'unknown') {
      // Newer chips open their debug port only where the firmware asks for it, or until the next start after an erase.
      throw new FlashError(
        'the chip was erased, but it stays locked',
        hex,
        'erased',
        'Switch the board off and on, then flash at once.',
      );
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
      `the chip could not be programmed: ${report.errors.find((line) => /flash|algorithm|eras|writ/.test(line)) ?? report.errors.at(-1) ?? 'OpenOCD gave no reason'}`,
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
