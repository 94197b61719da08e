import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parameterName, parameterSize, type Network, type Weights } from '../../../src/model/network.ts';
import { modelFromText } from '../../../src/model/parse.ts';
import { ramLowerBound } from '../../../src/model/ram-bound.ts';
import { quantizeNetwork } from '../../../src/quantization/quantize.ts';
import { zooTexts } from '../language/files.ts';

function zeroWeights(network: Network): Weights {
  return new Map(
    network.layers.flatMap((layer) =>
      layer.parameters.map(
        (spec) => [parameterName(layer, spec), new Float32Array(parameterSize(spec)).fill(0.1)] as const,
      ),
    ),
  );
}

const head =
  'version: 1\nname: probe\ninput: { rate: 100, window: 250, hop: 125 }\nclasses: [a, b]\nlayers:\n';
const texts: Readonly<Record<string, string>> = {
  ...Object.fromEntries(zooTexts),
  'an LSTM, a GRU and a dense layer': `${head}  - conv1d: { filters: 5, kernel: 3 }\n  - global-average-pool\n  - lstm: 7\n  - gru: 9\n  - dense: 11\n  - dense: 2\n`,
  'a convolution without a pool': `${head}  - conv1d: { filters: 3, kernel: 3 }\n  - conv1d: { filters: 30, kernel: 3 }\n  - max-pool: 250\n  - dense: 2\n`,
  'a pool that overlaps': `${head}  - conv1d: { filters: 30, kernel: 3 }\n  - max-pool: { size: 3, stride: 1 }\n  - global-average-pool\n  - dense: 2\n`,
  'a pool on the input': `${head}  - average-pool: 2\n  - conv1d: { filters: 3, kernel: 3 }\n  - global-average-pool\n  - dense: 2\n`,
};

describe('the lower bound of RAM', () => {
  for (const [name, text] of Object.entries(texts)) {
    it(`never exceeds what the planner needs: ${name}`, () => {
      const network = modelFromText(text, name);
      const { memoryBytes, stateBytes } = quantizeNetwork(network, zeroWeights(network));
      const bound = ramLowerBound(network);
      assert.ok(bound.bytes <= memoryBytes, `${bound.bytes} of ${memoryBytes}`);
      assert.ok(bound.bytes > memoryBytes / 2, 'and says something');
      assert.equal(bound.stateBytes, stateBytes);
    });
  }
});
