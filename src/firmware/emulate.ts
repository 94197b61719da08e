import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { UserError } from '../common/errors.ts';
import type { JobContext } from '../common/job.ts';
import { imageNetwork } from './image.ts';
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
  const network = imageNetwork(elf);
  const total = records.reduce((sum, record) => sum + record.length, 0);
  const run: DeviceRun<EmulationResult> = {
    input: encodeWindows(network, records, options.command),
    unit: 'windows',
    total,
    unitBytes: 4 + 2 * (network.logits + network.states),
    decode: (bytes) => decodeResults(network, bytes, total),
  };
  return await runOnDevice(elf, run, context, options);
}

/** One run: what the device reads, what its results are, and how far it is by the size of its results. */
export interface DeviceRun<R> {
  input: Uint8Array;
  unit: string;
  total: number;
  unitBytes: number;
  decode(results: Buffer): R;
}

export async function runOnDevice<R>(
  elf: string,
  run: DeviceRun<R>,
  context: JobContext,
  options: Pick<EmulateOptions, 'longestWindowMs'> = {},
): Promise<R> {
  // A folder of its own: the firmware reads and writes files by fixed names.
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'ecg-emulate-'));
  try {
    fs.copyFileSync(elf, path.join(folder, 'image.elf'));
    fs.writeFileSync(path.join(folder, 'windows.bin'), run.input);
    const results = path.join(folder, 'results.bin');
    const timeoutMs = options.longestWindowMs ?? longestWindowMs;
    const ended = await runTool(
      'qemu-system-arm',
      qemuArguments('image.elf'),
      { cwd: folder, timeoutMs, activity: () => progressOf(results, run, context) },
      context,
    );
    failOnBadRun(ended, timeoutMs);
    return run.decode(fs.readFileSync(results));
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

/** Report what is done so far, by the size of the results file. */
function progressOf(
  file: string,
  { unit, total, unitBytes }: Pick<DeviceRun<unknown>, 'unit' | 'total' | 'unitBytes'>,
  context: JobContext,
): number {
  const size = fs.existsSync(file) ? fs.statSync(file).size : 0;
  const done = Math.min(total, Math.floor(size / unitBytes));
  context.progress({ stage: 'running in the emulator', done, total, unit });
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
