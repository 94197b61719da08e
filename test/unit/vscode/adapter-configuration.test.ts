import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';
import type { DebugPreparation } from '../../../src/jobs/debug.ts';
import {
  boardConfiguration,
  emulatorConfiguration,
  gdbQuoted,
} from '../../../src/vscode/debug/adapter-configuration.ts';
import { needsGdb } from '../../require.ts';

const preparation: DebugPreparation = {
  elf: '/w s/o\'r"k/emulator.elf',
  sources: '/w s/o\'r"k',
  workingFolder: '/w s/session',
  record: 'A1',
  valuesCompared: 10,
  stopCommands: ['tbreak main'],
  blocks: ['conv1d-1'],
  tools: { gdb: '/opt/gdb', qemu: '/opt/qemu', openocd: '/opt/openocd' },
};

describe('what the debug adapter is started with', () => {
  it('paths with spaces, quotes and backslashes are one word of a gdb command', () => {
    assert.equal(gdbQuoted('/a b'), '"/a b"');
    assert.equal(gdbQuoted('C:\\x "y"'), '"C:\\\\x \\"y\\""');
  });

  it('gdb itself reads such a path as it is written', needsGdb, () => {
    const path = '/w s/o\'r"k\\n';
    const { stdout } = spawnSync(
      'gdb-multiarch',
      ['-nx', '-batch', '-ex', `set substitute-path . ${gdbQuoted(path)}`, '-ex', 'show substitute-path'],
      { encoding: 'utf8' },
    );
    assert.ok(stdout.includes(`\`.' -> \`${path}'`), stdout);
  });

  it('the emulator has no port but the one that it is given', () => {
    const [a, b] = [1111, 2222].map((port) => JSON.stringify(emulatorConfiguration(preparation, port)));
    assert.equal(a.match(/1111/g)?.length, 2, 'the server’s and gdb’s');
    assert.equal(b, a.replaceAll('1111', '2222'));
    const { target } = emulatorConfiguration(preparation, 1111);
    for (const device of ['-monitor', '-serial']) {
      assert.equal(target.serverParameters[target.serverParameters.indexOf(device) + 1], 'none');
    }
  });

  it('the emulator listens on the port that it is given, and waits there', () => {
    const { gdb, program, initCommands, target } = emulatorConfiguration(preparation, 40123);
    assert.deepEqual(
      [gdb, program, target.server, target.port],
      ['/opt/gdb', preparation.elf, '/opt/qemu', '40123'],
    );
    assert.ok(target.serverParameters.includes('tcp:127.0.0.1:40123'));
    assert.ok(target.serverParameters.includes('-S'));
    assert.ok(target.serverParameters.includes(preparation.elf), 'the path is one argument');
    assert.equal(initCommands.at(-1), 'tbreak main');
    assert.equal(target.cwd, preparation.workingFolder);
  });

  it('OpenOCD chooses a free port itself and opens no other', () => {
    const { target, initCommands, hardwareBreakpoint } = boardConfiguration(preparation, [
      'adapter driver x',
    ]);
    const commands = target.serverParameters.filter((p) => p !== '-c');
    assert.equal(target.serverParameters.length, 2 * commands.length);
    assert.deepEqual(commands.slice(0, 2), ['adapter driver x', 'source [find target/nrf52.cfg]']);
    for (const wanted of ['gdb_port 0', 'tcl_port disabled', 'telnet_port disabled']) {
      assert.ok(commands.includes(wanted), wanted);
    }
    assert.equal(commands.filter((c) => /port/.test(c)).length, 3);
    const opened = commands.indexOf('init');
    assert.ok(opened > commands.lastIndexOf('telnet_port disabled'), 'ports are set before they open');
    assert.equal(target.port, undefined);
    const said = 'Info : Listening on port 41234 for gdb connections';
    assert.equal(new RegExp(target.serverPortRegExp ?? '').exec(said)?.[1], '41234');
    assert.ok(initCommands.includes('load'));
    assert.ok(hardwareBreakpoint, 'flash takes no software breakpoints');
  });
});
