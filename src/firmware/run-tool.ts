import { spawn } from 'node:child_process';
import * as fs from 'node:fs';
import { CancelledError } from '../common/errors.ts';
import type { JobContext } from '../common/job.ts';
import {
  configuredTool,
  findInPath,
  firmwareTools,
  missingTool,
  toolIsThere,
  type FirmwareTool,
} from './tools.ts';

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
  /** Called with each piece of output as it comes. */
  onOutput?: (text: string) => void;
  /** A number that changes while the program gets on; without it the whole run has `timeoutMs`. */
  activity?: () => number;
}

/**
 * What to start for a tool: the path that was set, or else the first of its names that is in PATH. Never throws: where
 * none is there it is the first name. Who needs the tool at once calls `requireTool`.
 */
export function toolCommand(tool: FirmwareTool): string {
  const { commands } = firmwareTools[tool];
  return configuredTool(tool) ?? commands.find((command) => findInPath(command) !== undefined) ?? commands[0];
}

/** `toolCommand` of a tool that is there. Throws a MissingToolError that says where it was looked for. */
export function requireTool(tool: FirmwareTool): string {
  if (!toolIsThere(tool)) throw missingTool(tool);
  return toolCommand(tool);
}

/** `runProgram` of a tool. Throws a MissingToolError where it is not installed. */
export function runTool(
  tool: FirmwareTool,
  args: readonly string[],
  options: ToolOptions,
  context: JobContext,
): Promise<ToolRun> {
  return runProgram(toolCommand(tool), args, options, context, () => missingTool(tool));
}

/**
 * Run a program with an array of arguments, never through a shell. Throws `missing` where it is not installed and a
 * CancelledError, after ending it and what it started, where the job was cancelled.
 */
export function runProgram(
  command: string,
  args: readonly string[],
  options: ToolOptions,
  context: JobContext,
  missing: () => Error,
): Promise<ToolRun> {
  context.cancellation.throwIfRequested();
  return new Promise((resolve, reject) => {
    // A process group of its own, so that what cmake starts ends with it.
    const grouped = process.platform !== 'win32';
    const child = spawn(command, args, {
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
      const text = chunk.toString('utf8');
      output = (output + text).slice(-65536);
      options.onOutput?.(text);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.on('error', (error: NodeJS.ErrnoException) => {
      clearInterval(watch);
      // A path that was set may also be a folder or a file that is no program; ENOENT may be the working folder.
      const absent = error.code === 'EACCES' || (error.code === 'ENOENT' && fs.existsSync(options.cwd));
      reject(absent ? missing() : error);
    });
    child.on('close', (code, signal) => {
      clearInterval(watch);
      if (cancelled) reject(new CancelledError());
      else resolve({ code: code ?? undefined, signal: signal ?? undefined, timedOut, output });
    });
  });
}
