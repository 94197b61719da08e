import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { UserError } from '../common/errors.ts';
import { readFile, sha256 } from '../common/files.ts';
import type { JobContext } from '../common/job.ts';
import { imageSizes, type ImageSizes } from './image.ts';
import { runTool } from './run-tool.ts';
import { configuredTool, type FirmwareTool } from './tools.ts';

export interface BuildResult extends ImageSizes {
  /** Path of the emulator's image. */
  elf: string;
  elfSha256: string;
  /** What goes onto the chip; undefined where the project has no front end. */
  application: Application | undefined;
}

/** The image for the chip, around the same network as the emulator's, for debuggers and for programmers. */
export interface Application {
  elf: string;
  hex: string;
}

/**
 * Build a generated project with CMake and Ninja into `<folder>/build/<configuration>`. Sizes are the application's, or the
 * emulator's image's where there is none. Throws a MissingToolError where
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
  context.progress({ stage: 'building the firmware', done: 0, total: 0, unit: 'files' });
  const output = path.join('build', configuration);
  if (unquotable.test(path.resolve(folder))) await buildElsewhere(folder, output, context);
  else await runCmake(folder, output, context);
  const elf = path.join(folder, output, emulatorImage);
  const application = fs.existsSync(path.join(folder, 'application'))
    ? { elf: path.join(folder, output, applicationElf), hex: path.join(folder, output, applicationHex) }
    : undefined;
  return {
    elf,
    elfSha256: sha256(readFile(elf)),
    application,
    ...imageSizes(measuredImage({ application, elf })),
  };
}

const emulatorImage = 'emulator.elf';
const applicationElf = 'application.elf';
const applicationHex = 'application.hex';

/** The linker's map of an image, which says what takes its bytes. */
export function mapOf(elf: string): string {
  return elf.replace(/\.elf$/, '.map');
}

/** The image that sizes are of: what goes onto the chip. */
export function measuredImage({ application, elf }: Pick<BuildResult, 'application' | 'elf'>): string {
  return application?.elf ?? elf;
}

/**
 * CMake's own generated files break on these characters in the path of a project (3.25), and gcc's prefix map on `=`.
 * Windows' separator is none of them.
 */
const unquotable = process.platform === 'win32' ? /["$;=]/ : /["$;=\\]/;

/** The application of a build whose project has a front end, as every run's has. */
export function applicationOf({ application, elf }: BuildResult): Application {
  if (!application) throw new Error(`${elf} was built without a front end`);
  return application;
}

async function runCmake(folder: string, output: string, context: JobContext): Promise<void> {
  const compiler = configuredTool('arm-none-eabi-gcc')?.replaceAll('\\', '/') ?? '';
  forgetOtherBuild(folder, output, compiler);
  const type = path.basename(output) === 'release' ? 'Release' : 'Debug';
  const ninja = configuredTool('ninja');
  const variables = [
    `-DCMAKE_BUILD_TYPE=${type}`,
    `-DECG_C_COMPILER=${compiler}`,
    ...(ninja === undefined ? [] : [`-DCMAKE_MAKE_PROGRAM=${ninja}`]),
  ];
  await runStep('cmake', ['-S', '.', '-B', output, '-G', 'Ninja', ...variables], folder, context);
  await runStep('cmake', ['--build', output], folder, context);
}

/**
 * CMake refuses a build folder that was made under another path (a run folder may have been moved), and keeps a compiler
 * that it has found once.
 */
function forgetOtherBuild(folder: string, output: string, compiler: string): void {
  const file = path.join(folder, output, 'CMakeCache.txt');
  if (!fs.existsSync(file)) return;
  const cache = fs.readFileSync(file, 'utf8');
  const home = /^CMAKE_HOME_DIRECTORY:INTERNAL=(.*)$/m.exec(cache)?.[1];
  const moved =
    home === undefined || !fs.existsSync(home) || fs.realpathSync(home) !== fs.realpathSync(folder);
  const otherCompiler = (/^ECG_C_COMPILER:\w+=(.*)$/m.exec(cache)?.[1] ?? '') !== compiler;
  if (moved || otherCompiler) fs.rmSync(path.join(folder, output), { recursive: true });
}

/** Build a copy under a plain path and bring the images back. The bytes are the same: no path gets into an output. */
async function buildElsewhere(folder: string, output: string, context: JobContext): Promise<void> {
  const copy = fs.mkdtempSync(path.join(os.tmpdir(), 'ecg-build-'));
  try {
    fs.cpSync(folder, copy, { recursive: true, filter: (from) => path.relative(folder, from) !== 'build' });
    await runCmake(copy, output, context);
    fs.mkdirSync(path.join(folder, output), { recursive: true });
    const names = [
      emulatorImage,
      applicationElf,
      applicationHex,
      ...[emulatorImage, applicationElf].map(mapOf),
    ];
    for (const name of names) {
      const built = path.join(copy, output, name);
      if (fs.existsSync(built)) fs.copyFileSync(built, path.join(folder, output, name));
    }
  } finally {
    fs.rmSync(copy, { recursive: true, force: true });
  }
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
  const overflow = /region `(FLASH|RAM)' overflowed by (\d+) bytes/.exec(output);
  if (overflow) {
    throw new UserError(
      `the firmware needs ${overflow[2]} bytes more ${overflow[1] === 'RAM' ? 'RAM' : 'flash'} than the chip has`,
      { file: cwd },
      'Choose a smaller network: fewer filters or units, or shorter windows.',
    );
  }
  throw new UserError(
    `${tool} ${args[0]} failed:\n${output.trim().split('\n').slice(-20).join('\n')}`,
    { file: cwd },
    'If files of the project were changed by hand, generate it again.',
  );
}
