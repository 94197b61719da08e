import { spawn, type ChildProcess } from 'node:child_process';
import * as path from 'node:path';

export const root = path.resolve(import.meta.dirname, '..', '..');
const cli = path.join(root, 'dist', 'cli.js');

export interface Outcome {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Run the built command line as a user would. `onChild` gets the process, to send it signals. */
export function ecg(
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv; onChild?: (child: ChildProcess) => void } = {},
): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [cli, ...args], {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (data: Buffer) => (stdout += data.toString()));
    child.stderr.on('data', (data: Buffer) => (stderr += data.toString()));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
    options.onChild?.(child);
  });
}
