import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { it } from 'node:test';
import { silentContext } from '../../../src/common/job.ts';
import { requireTool, runTool, toolCommand } from '../../../src/firmware/run-tool.ts';
import { firmwareToolNames, missingTool, toolVariable } from '../../../src/firmware/tools.ts';
import { temporaryFolder } from '../../fixtures/workspace.ts';

const folder = temporaryFolder();

/** Environment variables that hold while `action` runs. */
async function withVariables(variables: Record<string, string>, action: () => unknown): Promise<void> {
  const before = { ...process.env };
  Object.assign(process.env, variables);
  try {
    await action();
  } finally {
    for (const name of Object.keys(variables)) {
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
    }
  }
}

function program(name: string): string {
  const file = path.join(folder, name);
  fs.writeFileSync(file, '#!/bin/sh\necho ran "$@"\n', { mode: 0o755 });
  return file;
}

it('each tool has a variable of its own', () => {
  assert.equal(toolVariable('qemu-system-arm'), 'ECG_TOOL_QEMU_SYSTEM_ARM');
  assert.equal(new Set(firmwareToolNames.map(toolVariable)).size, firmwareToolNames.length);
});

it('a path that is set is used, and stands in the error where nothing is there', async () => {
  const file = path.join(folder, 'my openocd');
  await withVariables({ ECG_TOOL_OPENOCD: file }, () => {
    assert.equal(toolCommand('openocd'), file);
    assert.throws(
      () => requireTool('openocd'),
      (error: Error & { describe(): string }) => error.describe().includes(file),
    );
    program('my openocd');
    assert.equal(requireTool('openocd'), file);
  });
});

it('a tool of several names is found by any of them, the first before the second', async () => {
  await withVariables({ PATH: folder, ECG_TOOL_GDB: '' }, () => {
    assert.equal(toolCommand('gdb'), 'gdb-multiarch');
    assert.throws(() => requireTool('gdb'), /gdb-multiarch was not found/);
    program('arm-none-eabi-gdb');
    assert.equal(requireTool('gdb'), 'arm-none-eabi-gdb');
    program('gdb-multiarch');
    assert.equal(requireTool('gdb'), 'gdb-multiarch');
  });
});

it('a tool that is missing says where it was looked for, and how it is installed', async () => {
  const folders = Array.from({ length: 20 }, (_, i) => `/nowhere/${i}`);
  await withVariables({ PATH: folders.join(path.delimiter), ECG_TOOL_GDB: '' }, () => {
    const { message, advice } = missingTool('gdb');
    assert.equal(message, 'gdb-multiarch was not found');
    assert.match(advice, /also as arm-none-eabi-gdb, in PATH \(\/nowhere\/0, .*\/nowhere\/7 and 12 more\)/);
    assert.match(advice, /ECG_TOOL_GDB/);
    assert.match(advice, /apt-get install gdb-multiarch/);
  });
});

it(
  'a configured program runs, with its arguments as they are',
  { skip: process.platform === 'win32' },
  async () => {
    const file = program("it's a tool");
    await withVariables({ ECG_TOOL_CMAKE: file }, async () => {
      const { code, output } = await runTool(
        'cmake',
        ['$HOME', 'a  b', ';'],
        { cwd: folder },
        silentContext(),
      );
      assert.deepEqual([code, output], [0, 'ran $HOME a  b ;\n']);
    });
  },
);

it('a path that is a folder is a missing tool', async () => {
  await withVariables({ ECG_TOOL_CMAKE: folder }, () =>
    assert.rejects(runTool('cmake', [], { cwd: folder }, silentContext()), /cmake was not found/),
  );
});
