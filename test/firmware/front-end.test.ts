import assert from 'node:assert/strict';
import * as path from 'node:path';
import { describe, it } from 'node:test';
import { RandomStream } from '../../src/common/random.ts';
import { silentContext } from '../../src/common/job.ts';
import { buildFirmware } from '../../src/firmware/build.ts';
import { EmulatedDevice } from '../../src/firmware/emulate.ts';
import { generateFirmware } from '../../src/firmware/generate.ts';
import { verifyFrontEnd } from '../../src/firmware/verify-front-end.ts';
import { verifyFirmware } from '../../src/firmware/verify.ts';
import { designFrontEnd } from '../../src/quantization/front-end-design.ts';
import { temporaryFolder } from '../fixtures/workspace.ts';
import { randomWindows } from '../unit/quantization/networks.ts';
import { edit, needsEmulator, project, small, smallInteger } from './projects.ts';

const folder = temporaryFolder();
const input = { ...small.input, filter: { band: [0.5, 40] as const, order: 2, zeroPhase: false } };
const design = {
  input,
  decimation: 4,
  countsPerMillivolt: 1000,
  scale: 0.15,
  format: small.quantization.activations,
};
const coefficients = designFrontEnd(design);
const stream = new RandomStream(1, 'adc');
const records = [
  Int16Array.from({ length: 4001 }, () => stream.integer(65536) - 32768),
  Int16Array.from({ length: 4000 }, (_, n) => (n % 400 < 200 ? 32767 : -32768)),
  Int16Array.from({ length: 5000 }, (_, n) => 300 * Math.sin(n / 7) + 20 * stream.normal() + 1000),
  Int16Array.of(5),
];

describe('the front end on the emulated device', needsEmulator, () => {
  it('gives every sample as on the host, and does not change the network', async () => {
    const target = path.join(folder, 'front end');
    generateFirmware(smallInteger, { frontEnd: coefficients }, target);
    const build = await buildFirmware(target, silentContext());
    const result = await verifyFrontEnd(
      new EmulatedDevice(build.elf),
      coefficients,
      records,
      silentContext(),
    );
    assert.equal(result.mismatches, 0);
    assert.equal(result.samplesCompared, 1001 + 1000 + 1250 + 1);
    assert.ok(result.costPerSample > 100 && result.costPerSample < 5000);
    assert.ok(build.frontEndFlashBytes > 100 && build.frontEndFlashBytes < 4000);
    assert.ok(build.frontEndRamBytes >= 2 * coefficients.taps.length);

    const without = await project(smallInteger, path.join(folder, 'without'));
    assert.equal(build.flashBytes, without.flashBytes);
    assert.equal(build.ramBytes, without.ramBytes);
    assert.equal(without.frontEndFlashBytes, 0);
    assert.equal(without.frontEndRamBytes, 0);
    await assert.rejects(
      verifyFrontEnd(new EmulatedDevice(without.elf), coefficients, records, silentContext()),
      /has no front end/,
    );
    await assert.rejects(
      verifyFrontEnd(new EmulatedDevice(build.elf), coefficients, [], silentContext()),
      /no samples/,
    );

    const network = await verifyFirmware(smallInteger, build, [randomWindows(small, 5, 1)], silentContext());
    assert.equal(network.mismatches, 0);

    edit(
      target,
      'network/frontend.c',
      /(sections\[10\].*\n\s*)(\d+)/,
      (_all, head, b0) => `${head}${Number(b0) + 200000}`,
    );
    const changed = await buildFirmware(target, silentContext());
    const other = await verifyFrontEnd(
      new EmulatedDevice(changed.elf),
      coefficients,
      records,
      silentContext(),
    );
    assert.ok(other.mismatches > 0 && other.firstMismatch);
  });

  it('a front end without a filter and without decimation', async () => {
    const plain = designFrontEnd({ ...design, decimation: 1, input: { ...input, filter: undefined } });
    const target = path.join(folder, 'plain');
    generateFirmware(smallInteger, { frontEnd: plain }, target);
    const { elf } = await buildFirmware(target, silentContext());
    const result = await verifyFrontEnd(new EmulatedDevice(elf), plain, records, silentContext());
    assert.equal(result.mismatches, 0);
    assert.equal(result.samplesCompared, 4001 + 4000 + 5000 + 1);
  });
});
