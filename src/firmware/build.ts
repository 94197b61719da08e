import * as fs from 'node:fs';
import * as path from 'node:path';
import { UserError } from '../common/errors.ts';
import { readFile, sha256 } from '../common/files.ts';
import type { JobContext } from '../common/job.ts';
import { imageSizes, type ImageSizes } from './image.ts';
import { runTool, type FirmwareTool } from './run-tool.ts';

export interface BuildResult extends ImageSizes {
  /** Path of the image. */
  elf: string;
  elfSha256: string;
}

/**
 * Build a generated project with CMake and Ninja into `<folder>/build/<configuration>`. Throws a MissingToolError where
 * a tool is not installed, and a UserError with the compiler's output where the build fails.
 */
export async function buildFirmware(
  folder: string,
  context: JobContext,
  configuration: 'release' | 'debug' = 'release',
): Promise<BuildResult> {
  if (!fs.existsSync(path.join(folder, 'CMakeLists.txt'))) {
    throw new UserError(
      'no generated firmware project',
      { file: folder },
      'Run `ecg firmware generate` first.',
    );
  }
  // CMake would report these two in its own, longer words.
  for (const tool of ['arm-none-eabi-gcc', 'ninja'] as const) {
    await runStep(tool, ['--version'], folder, context);
  }
  const output = path.join('build', configuration);
  const type = configuration === 'release' ? 'Release' : 'Debug';
  context.progress({ stage: 'building the firmware', done: 0, total: 0, unit: 'files' });
  // Relative paths: the folder's name never passes through CMake's or Ninja's quoting.
  await runStep(
    'cmake',
    ['-S', '.', '-B', output, '-G', 'Ninja', `-DCMAKE_BUILD_TYPE=${type}`],
    folder,
    context,
  );
  await runStep('cmake', ['--build', output], folder, context);
  const elf = path.join(folder, output, 'emulator.elf');
  return { elf, elfSha256: sha256(readFile(elf)), ...imageSizes(elf) };
}

async function runStep(
  tool: FirmwareTool,
  args: readonly string[],
  cwd: string,
  context: JobContext,
): Promise<void> {
  const { code, output } = await runTool(tool, args, { cwd }, context);
  if (code === 0) return;
  context.log(output);
  throw new UserError(
    `${tool} ${args[0]} failed:\n${output.trim().split('\n').slice(-20).join('\n')}`,
    { file: cwd },
    'If files of the project were changed by hand, generate it again.',
  );
}
