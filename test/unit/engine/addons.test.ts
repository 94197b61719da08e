import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, test } from 'node:test';
import { productRoot } from '../../../src/common/product.ts';
import { readObjectFile, type ObjectFile } from './object-file.ts';

const folder = path.join(productRoot, 'prebuilt', 'kernels');

const libSystem = '/usr/lib/libSystem.B.dylib';

type Expected = Pick<ObjectFile, 'format' | 'machine' | 'libraries'>;
const addons: Record<string, Expected> = {
  'linux-x64': { format: 'ELF', machine: 'x64', libraries: [] },
  'linux-arm64': { format: 'ELF', machine: 'arm64', libraries: [] },
  'darwin-x64': { format: 'Mach-O', machine: 'x64', libraries: [libSystem] },
  'darwin-arm64': { format: 'Mach-O', machine: 'arm64', libraries: [libSystem] },
  'win32-x64': { format: 'PE', machine: 'x64', libraries: ['KERNEL32.dll', 'node.exe'] },
};
/** What they need of the system: to look up imports, or for the loader itself. */
const ofSystem: Record<string, string[]> = {
  win32: ['ExitProcess', 'GetModuleHandleW', 'GetProcAddress'],
  darwin: ['dyld_stub_binder'],
  linux: [],
};

describe("engine: the add-on's builds", () => {
  test('are these and no others', () => {
    const built = fs.readdirSync(folder).filter((name) => name.endsWith('.node'));
    assert.deepEqual(
      built.sort(),
      Object.keys(addons)
        .map((platform) => `engine-${platform}.node`)
        .sort(),
    );
  });

  for (const [platform, expected] of Object.entries(addons)) {
    test(`of ${platform} has its format and machine, and needs nothing but Node-API`, () => {
      const file = readObjectFile(fs.readFileSync(path.join(folder, `engine-${platform}.node`)));
      const { format, machine, libraries } = file;
      assert.deepEqual({ format, machine, libraries: libraries.sort() }, expected);
      assert.deepEqual(file.exports.sort(), [
        'napi_register_module_v1',
        'node_api_module_get_api_version_v1',
      ]);
      assert.ok(file.imports.includes('napi_create_function'), file.imports.join(' '));
      const others = file.imports.filter((name) => !name.startsWith('napi_'));
      assert.deepEqual(others.sort(), ofSystem[platform.split('-')[0]]);
      if (platform === 'darwin-arm64') assert.ok(file.signed, 'arm64 Macs load signed code only');
    });
  }
});
