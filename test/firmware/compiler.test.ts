import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { it } from 'node:test';
import { MissingToolError } from '../../src/common/errors.ts';
import { silentContext } from '../../src/common/job.ts';
import { buildFirmware } from '../../src/firmware/build.ts';
import { temporaryFolder } from '../fixtures/workspace.ts';
import { needsArmGcc } from '../require.ts';
import { project, smallInteger } from './projects.ts';

const folder = temporaryFolder();
const variable = 'ECG_TOOL_ARM_NONE_EABI_GCC';
const skip = needsArmGcc.skip || (process.platform === 'win32' ? 'the wrapper is a shell script' : false);

it(
  'the compiler whose path is set builds the firmware, and the one in PATH when it no longer is',
  { skip },
  async () => {
    const tools = path.join(folder, 'my tools');
    const used = path.join(folder, 'used');
    const compiler = path.join(tools, 'arm-none-eabi-gcc');
    const real = execFileSync('sh', ['-c', 'command -v arm-none-eabi-gcc'], { encoding: 'utf8' }).trim();
    fs.mkdirSync(tools);
    fs.writeFileSync(compiler, `#!/bin/sh\n: > ${quoted(used)}\nexec ${quoted(real)} "$@"\n`, {
      mode: 0o755,
    });
    const first = await project(smallInteger, path.join(folder, 'project'));
    process.env[variable] = compiler;
    try {
      const second = await buildFirmware(path.join(folder, 'project'), silentContext());
      assert.ok(fs.existsSync(used));
      const cache = fs.readFileSync(path.join(path.dirname(second.elf), 'CMakeCache.txt'), 'utf8');
      assert.ok(cache.includes(compiler));
      assert.equal(second.elfSha256, first.elfSha256);

      process.env[variable] = path.join(folder, 'gone');
      await assert.rejects(buildFirmware(path.join(folder, 'project'), silentContext()), MissingToolError);
    } finally {
      delete process.env[variable];
    }
    fs.rmSync(used);
    const third = await buildFirmware(path.join(folder, 'project'), silentContext());
    assert.ok(!fs.existsSync(used));
    assert.equal(third.elfSha256, first.elfSha256);
  },
);

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
