import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { it } from 'node:test';
import { firmwareProject, generateFirmware } from '../../src/firmware/generate.ts';
import { temporaryFolder } from '../fixtures/workspace.ts';
import { slimInteger, smallInteger } from './projects.ts';

it('the same network gives the same bytes', () => {
  assert.deepEqual(firmwareProject(slimInteger, {}).files, firmwareProject(slimInteger, {}).files);
});

it('a project holds everything that it is built from, and nothing of this machine', () => {
  const { files } = firmwareProject(slimInteger, {});
  for (const name of [
    'CMakeLists.txt',
    'README.md',
    'arm-none-eabi.cmake',
    'runtime/ecg_conv1d.c',
    'network/weights.c',
  ]) {
    assert.ok(files.has(name), name);
  }
  assert.ok(![...files.keys()].some((name) => name.includes('ecg_host')), 'no host side');
  for (const [name, bytes] of files) {
    const text = Buffer.from(bytes).toString('utf8');
    assert.ok(!text.includes(process.cwd()), name);
    for (const [, included] of text.matchAll(/#include "([^"]+)"/g)) {
      assert.ok(
        [...files.keys()].some((file) => path.basename(file) === included),
        `${name}: ${included}`,
      );
    }
  }
});

it('generating again leaves what is the same alone, and removes what is no longer part of it', () => {
  const folder = temporaryFolder();
  const names = [...generateFirmware(slimInteger, {}, folder).files.keys()];
  const modified = (name: string) => fs.statSync(path.join(folder, name)).mtimeMs;
  const before = new Map(names.map((name) => [name, modified(name)]));
  fs.writeFileSync(path.join(folder, 'runtime', 'ecg_old.c'), 'old');
  fs.writeFileSync(path.join(folder, 'notes.txt'), "the user's");
  generateFirmware(smallInteger, {}, folder);
  assert.ok(!fs.existsSync(path.join(folder, 'runtime', 'ecg_old.c')));
  assert.ok(fs.existsSync(path.join(folder, 'notes.txt')));
  assert.equal(modified('runtime/ecg_conv1d.c'), before.get('runtime/ecg_conv1d.c'));
  assert.ok(modified('network/weights.c') > before.get('network/weights.c')!);
});

it('names of the network, its classes and layers cannot break out of comments', () => {
  const hostile = { ...smallInteger, name: 'a */ int x; /*', classes: ['~', '*/', 'N\n#error', 'ü'] };
  const text = Buffer.from(firmwareProject(hostile, {}).files.get('network/network.h')!).toString('utf8');
  const code = text.replaceAll(/\/\*[\s\S]*?\*\//g, '');
  assert.ok(!code.includes('int x') && !/^#error/m.test(code), text);
});
