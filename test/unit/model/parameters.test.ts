import assert from 'node:assert/strict';
import * as path from 'node:path';
import { describe, it } from 'node:test';
import { loadModel } from '../../../src/model/parse.ts';

const zoo = path.join(import.meta.dirname, '../../../media/zoo');

describe('the networks of the papers', () => {
  // Parameters, multiply-accumulates and operations as in the papers (facts/literature.md): the slim paper gives 138 K,
  // 194 K, 3.22 MOp for the baseline; Van Zaen's table adds up to 1,203,364 and 10.67 MMAC.
  const expected = {
    slim: [138_244, 948_480, 1_906_176],
    baseline: [194_596, 1_603_840, 3_218_432],
    teacher: [1_203_364, 10_670_592, 21_369_856],
  };
  for (const [name, [parameters, macs, operations]] of Object.entries(expected)) {
    it(`${name} has ${parameters} parameters, ${macs} MACs and ${operations} operations a window`, () => {
      const network = loadModel(path.join(zoo, `${name}.ecgmodel.yaml`));
      assert.equal(network.parameterCount, parameters);
      assert.equal(network.macs, macs);
      assert.equal(network.operations, operations);
    });
  }

  it('the GRU has one bias a gate: 37,056 parameters', () => {
    const gru = loadModel(path.join(zoo, 'slim.ecgmodel.yaml')).layers.find((l) => l.kind === 'gru');
    const size = gru?.parameters.reduce((sum, p) => sum + p.shape.reduce((a, b) => a * b, 1), 0);
    assert.equal(size, 37_056);
  });
});
