import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';

/** What a test may need that not every machine has. */
export type Requirement = 'data' | 'qemu' | 'arm-gcc' | 'openocd' | 'gdb' | 'vscode' | 'socat';

/**
 * For `it(name, requirement('qemu', …), …)`: skips with the reason where the thing is missing, unless `ECG_REQUIRE` (a
 * comma-separated list) names it: then the test runs and fails.
 * @param available true, or the reason why not
 */
export function requirement(name: Requirement, available: true | string): { skip: string | false } {
  const required = (process.env.ECG_REQUIRE ?? '').split(',').includes(name);
  return { skip: available === true || required ? false : `${name}: ${available}` };
}

/** Real recordings: `ECG_DATA_DIR`, else `../shared/data` beside the project. */
export const dataFolder =
  process.env.ECG_DATA_DIR ?? path.resolve(import.meta.dirname, '..', '..', 'shared', 'data');
export const cinc2017 = path.join(dataFolder, 'cinc2017', 'training2017.zip');

export const needsData = requirement('data', fs.existsSync(cinc2017) || `${cinc2017} is not there`);
export const needsQemu = requirement('qemu', runs('qemu-system-arm') || 'qemu-system-arm is not installed');
export const needsArmGcc = requirement(
  'arm-gcc',
  runs('arm-none-eabi-gcc') || 'arm-none-eabi-gcc is not installed',
);
export const needsOpenOcd = requirement('openocd', runs('openocd') || 'openocd is not installed');
export const needsSocat = requirement('socat', runs('socat', '-V') || 'socat is not installed');
export const needsGdb = requirement('gdb', runs('gdb-multiarch') || 'gdb-multiarch is not installed');

function runs(command: string, argument = '--version'): boolean {
  return spawnSync(command, [argument], { stdio: 'ignore' }).status === 0;
}
