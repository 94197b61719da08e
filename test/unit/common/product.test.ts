import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, it } from 'node:test';
import { productRoot, productVersion } from '../../../src/common/product.ts';
// @ts-expect-error: a build script without types
import * as kernels from '../../../scripts/build-kernels.mjs';

describe('the product', () => {
  it('names the version of package.json', () => {
    const { version } = JSON.parse(fs.readFileSync(path.join(productRoot, 'package.json'), 'utf8')) as {
      version: string;
    };
    assert.equal(productVersion, version);
  });

  it('has prebuilt kernels of the sources as they are', () => {
    const { targets, fingerprint, prebuiltFolder } = kernels as unknown as {
      targets: { name: string }[];
      fingerprint: (target: { name: string }) => string;
      prebuiltFolder: string;
    };
    assert.equal(targets.length, 8);
    for (const target of targets) {
      const stamp = fs.readFileSync(path.join(prebuiltFolder, `${target.name}.sha256`), 'utf8').trim();
      assert.equal(stamp, fingerprint(target), `${target.name}: run npm run build:kernels -- --prebuilt`);
      if (target.name.endsWith('.node')) continue; // test/unit/engine/addons.test.ts
      const bytes = fs.readFileSync(path.join(prebuiltFolder, target.name));
      assert.ok(WebAssembly.validate(bytes), target.name);
    }
  });
});
