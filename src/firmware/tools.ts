import * as fs from 'node:fs';
import * as path from 'node:path';
import { MissingToolError } from '../common/errors.ts';

/** A program that firmware steps need. */
export interface FirmwareToolEntry {
  /** What people call it. */
  label: string;
  /** Names that it goes by; the first that is installed is taken. */
  commands: readonly [string, ...string[]];
  neededFor: string;
  /** Oldest version that does, `major.minor`; undefined: any that one still meets. */
  least?: string;
  /** How it is installed. */
  install: string;
}

/** The one list of them: steps run them by these names, `ecg doctor` checks each. */
export const firmwareTools = {
  'arm-none-eabi-gcc': {
    label: 'ARM compiler',
    commands: ['arm-none-eabi-gcc'],
    neededFor: 'firmware build',
    install: install(
      'gcc-arm-none-eabi libnewlib-arm-none-eabi',
      '--cask gcc-arm-embedded',
      'Arm.GnuArmEmbeddedToolchain',
    ),
  },
  cmake: {
    label: 'CMake',
    commands: ['cmake'],
    least: '3.20',
    neededFor: 'firmware build',
    install: install('cmake', 'cmake', 'Kitware.CMake'),
  },
  ninja: {
    label: 'Ninja',
    commands: ['ninja'],
    neededFor: 'firmware build',
    install: install('ninja-build', 'ninja', 'Ninja-build.Ninja'),
  },
  'qemu-system-arm': {
    label: 'emulator',
    commands: ['qemu-system-arm'],
    neededFor: 'firmware emulate, firmware verify',
    install: install('qemu-system-arm', 'qemu', 'SoftwareFreedomConservancy.QEMU'),
  },
  openocd: {
    label: 'OpenOCD',
    commands: ['openocd'],
    least: '0.11',
    neededFor: 'firmware probes, firmware flash, debugging a board',
    install: install('openocd', 'open-ocd', 'xpack-dev-tools.openocd-xpack'),
  },
  gdb: {
    label: 'debugger',
    commands: ['gdb-multiarch', 'arm-none-eabi-gdb'],
    neededFor: 'debugging firmware',
    install: install('gdb-multiarch', 'arm-none-eabi-gdb', 'Arm.GnuArmEmbeddedToolchain'),
  },
} as const satisfies Record<string, FirmwareToolEntry>;
export type FirmwareTool = keyof typeof firmwareTools;

export const firmwareToolNames = Object.keys(firmwareTools) as FirmwareTool[];

function install(apt: string, brew: string, winget: string): string {
  return `Install it: sudo apt-get install ${apt} | brew install ${brew} | winget install ${winget}`;
}

/** Environment variable with the path of a tool: `ECG_TOOL_QEMU_SYSTEM_ARM`. The editor passes its settings by these. */
export function toolVariable(tool: FirmwareTool): string {
  return `ECG_TOOL_${tool.toUpperCase().replaceAll('-', '_')}`;
}

/** The path that was set for a tool; undefined where it is looked for in PATH. */
export function configuredTool(tool: FirmwareTool): string | undefined {
  return process.env[toolVariable(tool)]?.trim() || undefined;
}

/** The error that says where a tool was looked for and how it is installed. */
export function missingTool(tool: FirmwareTool): MissingToolError {
  const configured = configuredTool(tool);
  const { commands, install: advice } = firmwareTools[tool];
  const [name, ...others] = commands;
  const variable = toolVariable(tool);
  const where =
    configured !== undefined
      ? `There is no program at ${configured}, the path that is set for it: correct it (${variable}, in the editor the tool's setting), or remove it to look in PATH.`
      : `Looked for${others.length > 0 ? `, also as ${others.join(', ')},` : ''} in PATH (${shortenedPath()}); where it is elsewhere, set its path in ${variable}.`;
  return new MissingToolError(name, `${where} ${advice}`);
}

/** PATH's folders, at most eight of them by name. */
function shortenedPath(): string {
  const folders = pathFolders();
  if (folders.length === 0) return 'which is empty';
  const shown = folders.slice(0, 8).join(', ');
  return folders.length > 8 ? `${shown} and ${folders.length - 8} more` : shown;
}

function pathFolders(): string[] {
  const folders = (process.env.PATH ?? '').split(path.delimiter).filter((folder) => folder !== '');
  return [...new Set(folders)];
}

/** Whether a tool is there, by the path that was set or in PATH. */
export function toolIsThere(tool: FirmwareTool): boolean {
  const configured = configuredTool(tool);
  if (configured !== undefined) return isFile(configured) || findInPath(configured) !== undefined;
  return firmwareTools[tool].commands.some((command) => findInPath(command) !== undefined);
}

/** Full path of a command; undefined where no folder of PATH has it. */
export function findInPath(command: string): string | undefined {
  const endings = process.platform === 'win32' ? (process.env.PATHEXT ?? '.EXE;.CMD').split(';') : [''];
  for (const folder of pathFolders()) {
    for (const ending of endings) {
      const file = path.join(folder, command + ending);
      if (isFile(file)) return file;
    }
  }
  return undefined;
}

function isFile(file: string): boolean {
  return fs.statSync(file, { throwIfNoEntry: false })?.isFile() ?? false;
}
