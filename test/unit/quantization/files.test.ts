import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { it } from 'node:test';
import { UserError } from '../../../src/common/errors.ts';
import { loadIntegerNetwork, saveIntegerNetwork } from '../../../src/quantization/files.ts';
import { quantizeNetwork } from '../../../src/quantization/quantize.ts';
import { temporaryFolder } from '../../fixtures/workspace.ts';
import { assertSame } from './compare.ts';
import { globalQ25 } from '../../fixtures/network.ts';
import { makeNetwork, randomWeights, randomWindows, slimLayers } from './networks.ts';

const network = makeNetwork(slimLayers(['lstm', 16]), 256, { ...globalQ25, weights: 'per-layer' });
const integer = quantizeNetwork(network, randomWeights(network, 1));

function saved(): string {
  const folder = path.join(temporaryFolder(), 'quantized');
  saveIntegerNetwork(folder, integer);
  return folder;
}

it('a network that was saved and loaded is the same, and runs', async () => {
  const loaded = loadIntegerNetwork(saved());
  assert.deepEqual(loaded, integer);
  await assertSame(loaded, randomWindows(network, 2, 1));
});

it('a network with a reset policy keeps it', () => {
  const policy = { ...network, target: { ...network.target, resetEvery: 28 } };
  const folder = temporaryFolder();
  saveIntegerNetwork(folder, quantizeNetwork(policy, randomWeights(network, 1)));
  assert.equal(loadIntegerNetwork(folder).resetEvery, 28);
});

it('a changed weight, a changed descriptor, a missing or cut file are refused', () => {
  const change = (name: string, edit: (file: string) => void) => {
    const folder = saved();
    edit(path.join(folder, name));
    assert.throws(() => loadIntegerNetwork(folder), UserError, name);
  };
  change('weights.safetensors', (file) => {
    const bytes = fs.readFileSync(file);
    bytes[bytes.length - 20000] ^= 1;
    fs.writeFileSync(file, bytes);
  });
  change('network.json', (file) => {
    fs.writeFileSync(file, fs.readFileSync(file, 'utf8').replace('"stride": 1', '"stride": 2'));
  });
  change('network.json', (file) => fs.writeFileSync(file, '{}'));
  change('weights.safetensors', (file) => fs.truncateSync(file, 1000));
  change('weights.safetensors', (file) => fs.rmSync(file));
});
