import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { UserError } from '../common/errors.ts';
import type { JobContext } from '../common/job.ts';
import { imageNetwork, type ImageNetwork } from './image.ts';
import { decodeResults, encodeWindows, LinkError, type EmulationResult, type LinkCommand } from './link.ts';
import { runTool, type ToolRun } from './run-tool.ts';

export type { EmulationResult } from './link.ts';

/** A window takes well under a second; a run in which none ends for this long hangs. */
const longestWindowMs = 60_000;

export interface EmulateOptions {
  /** `run`, or one of the probes that prove the memory guards. */
  command?: LinkCommand;
  /** For tests of a hang. */
  longestWindowMs?: number;
}

/**
 * Run windows on the emulated Cortex-M4F (QEMU's mps2-an386 under the nRF52832's memory limits). `records`: the windows
 * of each record; the state is cleared at the start of each. Throws a UserError where the emulator fails, the firmware
 * faults, is of another network or hangs, or its results are not whole.
 */
export async function emulate(
  elf: string,
  records: readonly (readonly Int8Array[])[],
  context: JobContext,
  options: EmulateOptions = {},
): Promise<EmulationResult> {
  const windows = records.reduce((sum, record) => sum + record.length, 0);
  if (!fs.existsSync(elf)) {
    throw new UserError('no built firmware', { file: elf }, 'Run `ecg firmware build` first.');
  }
  const network = imageNetwork(elf);
  // A folder of its own: the firmware reads and writes files by fixed names.
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'ecg-emulate-'));
  try {
    fs.copyFileSync(elf, path.join(folder, 'image.elf'));
    fs.writeFileSync(path.join(folder, 'windows.bin'), encodeWindows(network, records, options.command));
    const results = path.join(folder, 'results.bin');
    const timeoutMs = options.longestWindowMs ?? longestWindowMs;
    const run = await runTool(
      'qemu-system-arm',
      qemuArguments('image.elf'),
      { cwd: folder, timeoutMs, activity: () => progressOf(results, network, windows, context) },
      context,
    );
    failOnBadRun(run, timeoutMs);
    return decodeResults(network, fs.readFileSync(results), windows);
  } catch (error) {
    if (!(error instanceof LinkError)) throw error;
    throw new UserError(
      `the emulator's results are not usable: ${error.message}`,
      { file: elf },
      'Generate and build the firmware again; if it happens again, free disk space for temporary files.',
    );
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** Report the windows done so far, by the size of the results file. */
function progressOf(file: string, network: ImageNetwork, total: number, context: JobContext): number {
  const windowBytes = 4 + 2 * (network.logits + network.states);
  const size = fs.existsSync(file) ? fs.statSync(file).size : 0;
  const done = Math.min(total, Math.floor(size / windowBytes));
  context.progress({ stage: 'running in the emulator', done, total, unit: 'windows' });
  return done;
}

function qemuArguments(image: string): string[] {
  return [
    ...['-M', 'mps2-an386', '-nographic', '-monitor', 'none', '-serial', 'none'],
    ...['-semihosting-config', 'enable=on,target=native', '-icount', 'shift=6', '-kernel', image],
  ];
}

function failOnBadRun(run: ToolRun, timeoutMs: number): void {
  if (run.code === 0) return;
  const output = run.output.trim();
  const fault = /ecg-fault.*/.exec(output)?.[0];
  const link = /ecg-link (.*)/.exec(output)?.[1];
  if (fault) {
    throw new UserError(
      `the firmware faulted: ${describeFault(fault)}`,
      {},
      'It tried to write to flash or to reach past its 64 kB of RAM.',
    );
  }
  if (link)
    throw new UserError(`the firmware refused to run: ${link}`, {}, 'Generate and build the firmware again.');
  const last = output ? `: ${output.split('\n').slice(-5).join('\n')}` : '';
  if (run.timedOut)
    throw new UserError(`the emulator hangs: no window ended for ${timeoutMs / 1000} s${last}`);
  throw new UserError(`the emulator ended with ${run.signal ?? `code ${run.code}`}${last}`);
}

/** `cfsr=0x00000082 address=0x20010000 pc=0x...` in words (ARMv7-M Architecture Reference Manual, B3.2.15). */
function describeFault(line: string): string {
  const field = (name: string) => new RegExp(`${name}=(0x[0-9a-f]+)`).exec(line)?.[1];
  const status = Number(field('cfsr') ?? 0);
  const addressIsValid = (status & 0x80) !== 0;
  const at = `at instruction ${field('pc') ?? 'unknown'} (CFSR ${field('cfsr') ?? 'unknown'})`;
  return addressIsValid ? `forbidden access to ${field('address')} ${at}` : at;
}
