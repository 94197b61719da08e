import { spawn } from 'node:child_process';
import { CancelledError, MissingToolError } from '../common/errors.ts';
import type { JobContext } from '../common/job.ts';

/** Programs that firmware steps need, and how each is installed. */
export const firmwareTools = {
  cmake: install('cmake', 'cmake', 'Kitware.CMake'),
  ninja: install('ninja-build', 'ninja', 'Ninja-build.Ninja'),
  'arm-none-eabi-gcc': install(
    'gcc-arm-none-eabi libnewlib-arm-none-eabi',
    '--cask gcc-arm-embedded',
    'Arm.GnuArmEmbeddedToolchain',
  ),
  'qemu-system-arm': install('qemu-system-arm', 'qemu', 'SoftwareFreedomConservancy.QEMU'),
} as const;
export type FirmwareTool = keyof typeof firmwareTools;

function install(apt: string, brew: string, winget: string): string {
  return `Install it: sudo apt-get install ${apt} | brew install ${brew} | winget install ${winget}`;
}

export interface ToolRun {
  /** Exit code; undefined where the program was ended by a signal. */
  code: number | undefined;
  signal: string | undefined;
  timedOut: boolean;
  /** What it wrote, standard output and errors together, at most the last 64 kB. */
  output: string;
}

export interface ToolOptions {
  cwd: string;
  /** The program is ended where it shows no activity for this long. */
  timeoutMs?: number;
  /** A number that changes while the program gets on; without it the whole run has `timeoutMs`. */
  activity?: () => number;
}

/**
 * Run a program with an array of arguments, never through a shell. Throws a MissingToolError where it is not installed
 * and a CancelledError, after ending it and what it started, where the job was cancelled.
 */
export function runTool(
  tool: FirmwareTool,
  args: readonly string[],
  options: ToolOptions,
  context: JobContext,
): Promise<ToolRun> {
  context.cancellation.throwIfRequested();
  return new Promise((resolve, reject) => {
    // A process group of its own, so that what cmake starts ends with it.
    const grouped = process.platform !== 'win32';
    const child = spawn(tool, args, {
      cwd: options.cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: grouped,
    });
    let output = '';
    let timedOut = false;
    let cancelled = false;
    const end = () => {
      try {
        if (grouped && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
        else child.kill('SIGKILL');
      } catch {
        // It has ended by itself in the meantime.
      }
    };
    let active = performance.now();
    let activity = options.activity?.();
    const watch = setInterval(() => {
      const latest = options.activity?.();
      if (latest !== activity) active = performance.now();
      activity = latest;
      cancelled = context.cancellation.requested;
      timedOut = options.timeoutMs !== undefined && performance.now() - active > options.timeoutMs;
      if (cancelled || timedOut) {
        clearInterval(watch);
        end();
      }
    }, 100);
    const keep = (chunk: Buffer) => {
      output = (output + chunk.toString('utf8')).slice(-65536);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.on('error', (error: NodeJS.ErrnoException) => {
      clearInterval(watch);
      reject(error.code === 'ENOENT' ? new MissingToolError(tool, firmwareTools[tool]) : error);
    });
    child.on('close', (code, signal) => {
      clearInterval(watch);
      if (cancelled) reject(new CancelledError());
      else resolve({ code: code ?? undefined, signal: signal ?? undefined, timedOut, output });
    });
  });
}
