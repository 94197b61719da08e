import * as fs from 'node:fs';
import * as path from 'node:path';
import { describeError, MissingToolError, UserError } from '../common/errors.ts';
import type { JobContext } from '../common/job.ts';
import { runProgram } from '../firmware/run-tool.ts';
import { findInPath } from '../firmware/tools.ts';
import { loadTensorFlow } from '../tensorflow/load.ts';
import { installedPackage, tensorFlowFolder } from '../tensorflow/package.ts';

const withoutIt = 'Training goes on with the built-in engine, which needs nothing of it.';

export interface InstalledTensorFlow {
  folder: string;
  build: string;
}

/**
 * Install TensorFlow with npm into a folder of its own, beside which it is made and then renamed, so that what is there is
 * whole. One that is installed already is left alone. Throws a UserError that says why where it cannot be had.
 */
export async function installTensorFlowJob(context: JobContext): Promise<InstalledTensorFlow> {
  const folder = tensorFlowFolder();
  const present = installed(folder);
  if (present) return present;
  refuseForeignFolder(folder);
  const unfinished = `${folder}.unfinished`;
  try {
    fs.rmSync(unfinished, { recursive: true, force: true });
    fs.mkdirSync(unfinished, { recursive: true });
    await npmInstall(unfinished, context);
    fs.rmSync(folder, { recursive: true, force: true });
    fs.renameSync(unfinished, folder);
  } finally {
    fs.rmSync(unfinished, { recursive: true, force: true });
  }
  try {
    return { folder, build: loadTensorFlow(folder).build };
  } catch (error) {
    fs.rmSync(folder, { recursive: true, force: true });
    throw new UserError(`TensorFlow was installed, but ${describeError(error)}`, { file: folder }, withoutIt);
  }
}

function installed(folder: string): InstalledTensorFlow | undefined {
  try {
    return { folder, build: loadTensorFlow(folder).build };
  } catch {
    return undefined; // Missing or broken: installed anew.
  }
}

/** What stands in a folder that the user named is not replaced. */
function refuseForeignFolder(folder: string): void {
  if (!process.env.ECG_TENSORFLOW?.trim() || !fs.existsSync(folder) || fs.readdirSync(folder).length === 0)
    return;
  throw new UserError(
    'the folder that is named for TensorFlow has other things in it, and no TensorFlow that loads',
    { file: folder },
    'Empty it, name another one, or name none: then TensorFlow gets a folder in the cache.',
  );
}

async function npmInstall(folder: string, context: JobContext): Promise<void> {
  const [command, ...first] = npmCommand();
  // What its scripts write shows what takes so long, and why it failed.
  const options = ['--no-audit', '--no-fund', '--foreground-scripts'];
  const args = [...first, 'install', '--prefix', folder, ...options, installedPackage];
  const stage = 'installing TensorFlow';
  let lines = 0;
  let rest = '';
  const onOutput = (text: string): void => {
    const parts = (rest + text).split(/\r?\n/);
    rest = parts.pop()!;
    for (const line of parts) {
      if (line.trim() !== '') context.log(line.trim());
      context.progress({ stage, done: ++lines, total: 0, unit: 'lines' });
    }
  };
  context.progress({ stage, done: 0, total: 0, unit: 'lines' });
  const { code, output } = await runProgram(command, args, { cwd: folder, onOutput }, context, missingNpm);
  if (code === 0) return;
  throw new UserError(
    `TensorFlow could not be installed: ${reasonOf(output).replace(/^(\w*Error|npm error): /, '')}`,
    {},
    withoutIt,
  );
}

/** npm without a shell: on Windows its command file is no program. */
function npmCommand(): [string, ...string[]] {
  const npm = findInPath('npm');
  if (npm === undefined) throw missingNpm();
  if (process.platform !== 'win32') return [npm];
  const folder = path.dirname(npm);
  return [path.join(folder, 'node.exe'), path.join(folder, 'node_modules', 'npm', 'bin', 'npm-cli.js')];
}

function missingNpm(): MissingToolError {
  return new MissingToolError(
    'npm',
    `It comes with Node.js: install that from https://nodejs.org. ${withoutIt}`,
  );
}

/** The line of npm's output that says most. */
function reasonOf(output: string): string {
  const lines = output.split('\n').map((line) => line.trim());
  return (
    lines.find((line) => /^\w*Error: /.test(line)) ??
    lines.find((line) => /^npm (error|ERR!) (?!code|errno|path|command|A complete log)/.test(line)) ??
    lines.findLast((line) => line !== '') ??
    'npm did not say why'
  );
}
