import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, it } from 'node:test';
import { parse } from 'yaml';
import { compileSchema } from '../../../src/common/yaml-source.ts';
import { publishedModelSchema } from '../../../src/model/schema.ts';

const zoo = path.join(import.meta.dirname, '../../../media/zoo');
const check = compileSchema(publishedModelSchema());

describe('the JSON Schema that ships', () => {
  for (const name of fs.readdirSync(zoo).filter((n) => n.endsWith('.yaml'))) {
    const model = (): { layers: unknown[] } =>
      parse(fs.readFileSync(path.join(zoo, name), 'utf8')) as { layers: unknown[] };

    it(`accepts ${name}`, () => {
      assert.ok(check(model()), JSON.stringify(check.errors));
    });

    it(`refuses ${name} with an unknown layer, a wrong option, or none at all`, () => {
      for (const layers of [[{ conv9d: 3 }], [{ conv1d: { filters: 'many', kernel: 5 } }], []]) {
        assert.equal(check({ ...model(), layers }), false);
      }
    });
  }

  it('accepts residual blocks', () => {
    const file = parse(fs.readFileSync(path.join(zoo, 'slim.ecgmodel.yaml'), 'utf8')) as object;
    const conv1d = { filters: 8, kernel: 3 };
    assert.ok(
      check({ ...file, layers: [{ residual: { layers: [{ conv1d }], shortcut: { conv1d } }, name: 'b' }] }),
    );
    assert.equal(check({ ...file, layers: [{ residual: { shortcut: { conv1d } } }] }), false);
  });
});
