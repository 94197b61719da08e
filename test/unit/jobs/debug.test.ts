import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { before, describe, it } from 'node:test';
import type { UserError } from '../../../src/common/errors.ts';
import { silentContext } from '../../../src/common/job.ts';
import { productRoot } from '../../../src/common/product.ts';
import { prepareDebugJob, stopAt } from '../../../src/jobs/debug.ts';
import { quantizeNetwork } from '../../../src/quantization/quantize.ts';
import { globalQ25 } from '../../fixtures/network.ts';
import { trainTiny } from '../../fixtures/trained-run.ts';
import { temporaryFolder } from '../../fixtures/workspace.ts';
import { makeNetwork, randomWeights } from '../quantization/networks.ts';

const folder = temporaryFolder();

describe('preparing a debug session', () => {
  let run = '';
  before(async () => {
    ({ run } = await trainTiny(folder));
  });

  it('names the layer that the network does not have and those that it has, and builds nothing', async () => {
    const asked = prepareDebugJob({ run, target: 'emulator', stopAt: 'conv9' }, silentContext());
    await assert.rejects(asked, (error: UserError) => {
      assert.match(error.message, /no layer `conv9`/);
      assert.equal(error.place.layer, 'conv9');
      for (const layer of ['main', 'conv1d-1', 'global-average-pool-1', 'gru-1', 'dense-1']) {
        assert.ok(error.advice.includes(layer), `${layer} in ${error.advice}`);
      }
      return true;
    });
    assert.ok(!fs.existsSync(path.join(run, 'firmware')));
  });

  it('of a folder that is no run is an error of the user that names it', async () => {
    const inputs = { run: path.join(folder, 'none'), target: 'emulator', stopAt: 'main' } as const;
    await assert.rejects(prepareDebugJob(inputs, silentContext()), (error: UserError) => {
      assert.ok(error.place.file?.startsWith(inputs.run), String(error.stack));
      return true;
    });
  });
});

describe('where a debugger stops', () => {
  const network = makeNetwork(
    [
      ['conv1d', { filters: 8, kernel: 5, activation: 'relu' }],
      ['average-pool', 2],
      ['conv1d', { filters: 8, kernel: 5, activation: 'relu' }],
      ['max-pool', { size: 3, stride: 2 }],
      ['global-average-pool'],
      ['lstm', 6],
      ['gru', 8],
      ['dense', 4],
    ],
    64,
  );
  const integer = quantizeNetwork(network, randomWeights(network, 1));
  const runtime = path.join(productRoot, 'firmware-templates', 'nrf52832', 'runtime');
  const kernels = fs.readdirSync(runtime).filter((name) => name.endsWith('.c'));
  const sources = kernels.map((name) => fs.readFileSync(path.join(runtime, name), 'utf8'));

  // A pool that alone reads a convolution, in whole steps, is computed by it; a global one is a pool over the whole length.
  const kernelOf = {
    'conv1d-1': 'ecg_conv1d',
    'average-pool-1': 'ecg_conv1d',
    'conv1d-2': 'ecg_conv1d',
    'max-pool-1': 'ecg_max_pool',
    'global-average-pool-1': 'ecg_average_pool',
    'lstm-1': 'ecg_lstm',
    'gru-1': 'ecg_gru',
    'dense-1': 'ecg_dense',
  };

  /** gdb would wait for a function or an argument that never comes. Kernels with gates are one for each form of them. */
  const isDefined = (kernel: string) =>
    sources.some((source) => {
      if (source.includes(`void ${kernel}(const ecg_block *block,`)) return true;
      const [, macro] = new RegExp(`^ECG_EACH_GATES\\((\\w+), ${kernel}\\)`, 'm').exec(source) ?? [];
      return macro !== undefined && source.includes(`#define ${macro}(name, suffix, gates)`);
    });

  it('in a layer: in the kernel that computes it, for its own block alone', () => {
    assert.deepEqual(
      network.layers.map(({ name }) => name),
      Object.keys(kernelOf),
    );
    for (const [name, kernel] of Object.entries(kernelOf)) {
      const [command, ...more] = stopAt(integer, name);
      const index = integer.blocks.findIndex(({ layers }) => layers.includes(name));
      assert.equal(command, `tbreak ${kernel} if block == &ecg_model.blocks[${index}]`);
      assert.deepEqual(more, []);
      assert.ok(isDefined(kernel), kernel);
    }
  });

  it('in a layer with gates of another form: in the kernel with those gates', () => {
    const piecewise = makeNetwork([['global-average-pool'], ['gru', 8], ['dense', 4]], 64, {
      ...globalQ25,
      gates: 'piecewise-linear',
    });
    const [command] = stopAt(quantizeNetwork(piecewise, randomWeights(piecewise, 1)), 'gru-1');
    assert.equal(command, 'tbreak ecg_gru_linear if block == &ecg_model.blocks[1]');
  });

  it('in two layers of one kind: at two places', () => {
    assert.notDeepEqual(stopAt(integer, 'conv1d-1'), stopAt(integer, 'conv1d-2'));
  });

  it('in the first layer without its name, and in main before all of them', () => {
    assert.deepEqual(stopAt(integer, 'first-layer'), stopAt(integer, network.layers[0].name));
    assert.deepEqual(stopAt(integer, 'main'), ['tbreak main']);
  });
});
