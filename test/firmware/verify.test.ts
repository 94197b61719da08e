import assert from 'node:assert/strict';
import * as path from 'node:path';
import { before, describe, it } from 'node:test';
import { UserError } from '../../src/common/errors.ts';
import { silentContext } from '../../src/common/job.ts';
import { buildFirmware, type BuildResult } from '../../src/firmware/build.ts';
import { deviceNetwork } from '../../src/firmware/device-network.ts';
import { chooseKernels } from '../../src/firmware/kernel-choice.ts';
import { verifyFirmware } from '../../src/firmware/verify.ts';
import type { IntegerNetwork } from '../../src/quantization/integer-network.ts';
import { quantizeNetwork } from '../../src/quantization/quantize.ts';
import { temporaryFolder } from '../fixtures/workspace.ts';
import { globalQ25, type LayerEntry } from '../fixtures/network.ts';
import { makeNetwork, randomWeights, randomWindows, slimLayers } from '../unit/quantization/networks.ts';
import {
  edit,
  motley,
  motleyFourBitsInteger,
  motleyInteger,
  needsEmulator,
  project,
  slim,
  slimFourBitsInteger,
  slimInteger,
  small,
  smallInteger,
  smallLayers,
} from './projects.ts';

const folder = temporaryFolder();

function outputValues({ blocks }: IntegerNetwork): number {
  return blocks.reduce((sum, { output }) => sum + output.channels * output.length, 0);
}

/** Bars of each target: instructions a window, flash and RAM of the network with the runtime. */
const bars = {
  speed: { instructions: 560_000, flash: 290_000, ram: 16_384 },
  balanced: { instructions: 900_000, flash: 135_000, ram: 12_288 },
  portable: { instructions: 2_400_000, flash: 160_000, ram: 12_288 },
} as const;

describe('slim on the emulated device', needsEmulator, () => {
  let build: BuildResult;
  before(async () => {
    build = await project(slimInteger, path.join(folder, 'slim'));
  });

  for (const [target, bar] of Object.entries(bars)) {
    it(`with kernels for ${target} gives what the host does, within its bars`, async () => {
      const kernels = target as keyof typeof bars;
      const built = await project(slimInteger, path.join(folder, `slim-${target}`), 'release', { kernels });
      const result = await verifyFirmware(slimInteger, built, [randomWindows(slim, 20, 2)], silentContext());
      assert.equal(result.mismatches, 0, JSON.stringify(result.firstMismatch));
      assert.ok(result.distinctWindows >= 18);
      const { max } = result.instructionsPerWindow;
      assert.ok(max <= bar.instructions, `${max} instructions`);
      assert.ok(result.flashBytes <= bar.flash, `${result.flashBytes} bytes of flash`);
      assert.ok(result.ramBytes <= bar.ram, `${result.ramBytes} bytes of RAM`);
      assert.ok(result.stackBytes < 1024, `${result.stackBytes} bytes of stack`);
    });
  }

  it('gives the output of every layer as the host does, over several records', async () => {
    const windows = randomWindows(slim, 40, 1);
    const records = [windows.slice(0, 30), windows.slice(30, 31), windows.slice(31)];
    const result = await verifyFirmware(slimInteger, build, records, silentContext());
    assert.equal(result.mismatches, 0);
    assert.equal(result.firstMismatch, undefined);
    assert.equal(result.windows, 40);
    assert.equal(result.valuesCompared, 40 * outputValues(slimInteger));
    assert.equal(result.layers.length, slimInteger.blocks.length);
    assert.ok(
      result.distinctWindows >= 36,
      `${result.distinctWindows} windows have logits that prove something`,
    );
    assert.equal(result.elfSha256, build.elfSha256);

    const { mean, max } = result.instructionsPerWindow;
    assert.ok(mean > 400_000 && mean <= max, `${mean}, ${max} instructions`);
    const blocks = result.layers.reduce((sum, { cost }) => sum + cost, 0);
    assert.ok(Math.abs(blocks - mean) < 0.01 * mean, 'the blocks add up to the window');
    // The taps of the last convolution that only ever meet padding are left out.
    assert.ok(
      result.flashBytes > 138_244 - 16_384 && result.flashBytes < 135_000,
      `${result.flashBytes} bytes of flash`,
    );
    // Exactly what the generator planned.
    const kernels = chooseKernels(slimInteger, 'balanced').map(({ kernel }) => kernel);
    assert.equal(result.ramBytes, deviceNetwork(slimInteger, kernels).memoryBytes);
    assert.ok(result.imageFlashBytes > result.flashBytes && result.imageRamBytes > result.ramBytes);
    assert.ok(result.stackBytes > 64 && result.stackBytes < 2048, `${result.stackBytes} bytes of stack`);
    assert.ok(result.energy.microjoules > 0);
  });

  it('needs the same instructions whenever it runs', async () => {
    const records = [randomWindows(slim, 3, 1)];
    const once = await verifyFirmware(slimInteger, build, records, silentContext());
    const again = await verifyFirmware(slimInteger, build, records, silentContext());
    assert.deepEqual(again, once);
  });

  it('fails where nothing was compared', async () => {
    for (const records of [[], [[]]]) {
      await assert.rejects(verifyFirmware(slimInteger, build, records, silentContext()), UserError);
    }
  });

  it('fails on the image of another network', async () => {
    const other = quantizeNetwork(slim, randomWeights(slim, 2));
    await assert.rejects(
      verifyFirmware(other, build, [randomWindows(slim, 1, 1)], silentContext()),
      /the emulator holds another network/,
    );
  });

  it('finds one flipped weight in the generated tables and names the first value that differs', async () => {
    const changed = path.join(folder, 'slim');
    edit(
      changed,
      'network/weights.c',
      /(block9_weights\[256\] = \{.*\n\s*)(-?\d+)/,
      (_all, head: string, q: string) => `${head}${~Number(q)}`,
    );
    const bad = await buildFirmware(changed, silentContext());
    const result = await verifyFirmware(slimInteger, bad, [randomWindows(slim, 5, 1)], silentContext());
    assert.ok(result.mismatches > 0 && result.mismatches <= 5);
    assert.equal(result.firstMismatch?.value, 'dense-1, channel 0, position 0 (logit of C0)');
    assert.equal(result.firstMismatch?.window, 0);
  });

  it('names the layer and the channel in which a wrong weight first tells', async () => {
    const changed = path.join(folder, 'slim-portable');
    const block = slimInteger.blocks[2];
    const { channels } = block.inputs[0];
    const channel = 5;
    const taps = channel * channels * block.kernel;
    // All weights of one output channel, in the canonical order of the portable kernel.
    edit(
      changed,
      'network/weights.c',
      /(block2_weights\[\d+\] = \{[^\n]*\n)([^}]*)/,
      (_all, head: string, table: string) => {
        let at = 0;
        const flipped = table.replace(/-?\d+/g, (q) => {
          const inside = at >= taps && at < taps + channels * block.kernel;
          at++;
          return inside ? String(~Number(q)) : q;
        });
        return head + flipped;
      },
    );
    const bad = await buildFirmware(changed, silentContext());
    const result = await verifyFirmware(slimInteger, bad, [randomWindows(slim, 5, 1)], silentContext());
    assert.equal(result.firstMismatch?.layer, block.name);
    assert.equal(result.firstMismatch?.channel, channel);
    assert.deepEqual(
      result.layers.slice(0, 3).map(({ mismatches }) => mismatches > 0),
      [false, false, true],
    );
  });
});

describe('other networks on the emulated device', needsEmulator, () => {
  it('an LSTM keeps its state and cell over many windows', async () => {
    const network = makeNetwork(slimLayers(['lstm', 24]), 256);
    const integer = quantizeNetwork(network, randomWeights(network, 3));
    const build = await project(integer, path.join(folder, 'lstm'));
    const result = await verifyFirmware(integer, build, [randomWindows(network, 30, 1)], silentContext());
    assert.equal(result.mismatches, 0);
    assert.equal(result.valuesCompared, 30 * (outputValues(integer) + 24), 'and the cell');
    assert.ok(result.distinctWindows >= 28);
  });

  it('piecewise linear gates give what the host does, without the tables', async () => {
    const layers: LayerEntry[] = [...smallLayers.slice(0, 3), ['lstm', 6], ['gru', 6], ['dense', 4]];
    const flash: number[] = [];
    for (const gates of ['table', 'piecewise-linear'] as const) {
      const network = makeNetwork(layers, 64, { ...globalQ25, gates });
      const integer = quantizeNetwork(network, randomWeights(network, 1));
      const build = await project(integer, path.join(folder, gates));
      const result = await verifyFirmware(integer, build, [randomWindows(network, 30, 1)], silentContext());
      assert.equal(result.mismatches, 0);
      assert.ok(result.distinctWindows >= 25);
      flash.push(result.flashBytes);
    }
    // 2 x 257 values of two bytes less, and two functions more.
    assert.ok(flash[0] - flash[1] > 800, `${flash[0]} and ${flash[1]} bytes`);
  });

  it('one layer of every kind, per-layer formats, 8-bit state', async () => {
    const build = await project(motleyInteger, path.join(folder, 'motley'));
    const result = await verifyFirmware(
      motleyInteger,
      build,
      [randomWindows(motley, 60, 1)],
      silentContext(),
    );
    assert.equal(result.mismatches, 0);
    assert.ok(result.distinctWindows > 10);
  });

  it('one layer of every kind, weights of four bits', async () => {
    const build = await project(motleyFourBitsInteger, path.join(folder, 'motley4'));
    const windows = randomWindows(motley, 60, 1);
    const result = await verifyFirmware(motleyFourBitsInteger, build, [windows], silentContext());
    assert.equal(result.mismatches, 0, JSON.stringify(result.firstMismatch));
    assert.ok(result.distinctWindows > 10);
  });

  it('slim with weights of four bits: the portable image is smaller by just what they take less', async () => {
    const tables = ({ blocks }: IntegerNetwork) =>
      blocks.reduce((sum, b) => sum + b.weights!.length + (b.recurrent?.length ?? 0), 0);
    const eightBits = makeNetwork(slimLayers(), 256, { ...globalQ25, weights: 'per-channel' });
    const networks = [slimFourBitsInteger, quantizeNetwork(eightBits, randomWeights(slim, 1))];
    const flash: number[] = [];
    for (const integer of networks) {
      const name = path.join(folder, `slim-bits-${flash.length}`);
      const build = await project(integer, name, 'release', { kernels: 'portable' });
      const result = await verifyFirmware(integer, build, [randomWindows(slim, 20, 2)], silentContext());
      assert.equal(result.mismatches, 0, JSON.stringify(result.firstMismatch));
      assert.ok(result.distinctWindows >= 18);
      flash.push(result.flashBytes);
    }
    assert.equal(flash[1] - flash[0], tables(networks[1]) - tables(networks[0]));
  });

  it('slim with weights of four bits, kernels that expand them: 90 kB of flash, a million instructions', async () => {
    for (const [kernels, flash, instructions] of [
      ['balanced', 90_000, 1_000_000],
      ['flash', 73_000, 1_130_000],
    ] as const) {
      const name = path.join(folder, `slim-four-${kernels}`);
      const build = await project(slimFourBitsInteger, name, 'release', { kernels });
      const windows = randomWindows(slim, 20, 2);
      const result = await verifyFirmware(slimFourBitsInteger, build, [windows], silentContext());
      assert.equal(result.mismatches, 0, JSON.stringify(result.firstMismatch));
      assert.ok(result.flashBytes < flash, `${result.flashBytes} bytes of flash`);
      const { max } = result.instructionsPerWindow;
      assert.ok(max < instructions, `${max} instructions`);
    }
  });

  it('a network whose logits never change is not called verified', async () => {
    const dead = quantizeNetwork(small, randomWeights(small, 1, 0));
    const build = await project(dead, path.join(folder, 'dead'));
    await assert.rejects(
      verifyFirmware(dead, build, [randomWindows(small, 20, 1)], silentContext()),
      /proves nothing/,
    );
  });

  it('a debug build gives the same values', async () => {
    const build = await project(smallInteger, path.join(folder, 'small'), 'debug');
    const result = await verifyFirmware(smallInteger, build, [randomWindows(small, 20, 1)], silentContext());
    assert.equal(result.mismatches, 0);
  });
});
