import assert from 'node:assert/strict';
import * as path from 'node:path';
import { before, describe, it } from 'node:test';
import { UserError } from '../../src/common/errors.ts';
import { compareSizes, largestLayers, sizeReport, type SizeReport } from '../../src/firmware/size-report.ts';
import { requireWithinBudget } from '../../src/model/budget.ts';
import { deviceFrontEnd } from '../../src/quantization/device-input.ts';
import { quantizeNetwork } from '../../src/quantization/quantize.ts';
import { applicationOf, buildFirmware, type BuildResult } from '../../src/firmware/build.ts';
import { generateFirmware } from '../../src/firmware/generate.ts';
import { silentContext } from '../../src/common/job.ts';
import { temporaryFolder } from '../fixtures/workspace.ts';
import { needsArmGcc } from '../require.ts';
import { makeNetwork, randomWeights } from '../unit/quantization/networks.ts';
import { motley, motleyInteger, project } from './projects.ts';

const folder = temporaryFolder();

describe('the sizes of an image', { skip: needsArmGcc.skip }, () => {
  let built: BuildResult;
  let report: SizeReport;
  before(async () => {
    const project = path.join(folder, 'project');
    generateFirmware(motleyInteger, { frontEnd: deviceFrontEnd(motley, 0.15) }, project);
    built = await buildFirmware(project, silentContext());
    report = sizeReport(applicationOf(built).elf, motleyInteger);
  });

  it('by layer, runtime, front end and the rest sum to those of the image, and none is negative', () => {
    const sum = (key: 'flash' | 'ram'): number => report.rows.reduce((total, row) => total + row[key], 0);
    assert.equal(sum('flash'), built.imageFlashBytes);
    assert.equal(sum('ram'), built.imageRamBytes);
    for (const row of report.rows) assert.ok(row.flash >= 0 && row.ram >= 0, JSON.stringify(row));
  });

  it('have a row for every block, with at least its weights, and the states of the recurrent layers', () => {
    const layers = report.rows.filter(({ kind }) => kind === 'layer');
    assert.equal(layers.length, motleyInteger.blocks.length);
    for (const [i, { weights, recurrent, kind, output }] of motleyInteger.blocks.entries()) {
      const least = (weights?.byteLength ?? 0) + (recurrent?.byteLength ?? 0);
      assert.ok(layers[i].flash >= least && layers[i].flash <= least + 300, layers[i].what);
      const values = { gru: 1, lstm: 2 }[kind as string] ?? 0;
      assert.equal(layers[i].ram, 2 * values * output.channels);
    }
    const states = layers.reduce((sum, { ram }) => sum + ram, 0);
    assert.ok(Math.abs(states - motleyInteger.stateBytes) <= 8, 'but for alignment');
  });

  it('are compared with the last build', () => {
    assert.equal(compareSizes(report, folder).changes, undefined);
    const [first, ...others] = report.rows;
    const grown = { ...report, rows: [{ ...first, flash: first.flash + 100 }, ...others.slice(1)] };
    const { changes } = compareSizes(grown, folder);
    assert.deepEqual(changes?.[first.what], { flash: 100, ram: 0 });
    assert.deepEqual(
      changes?.[others[0].what],
      { flash: -others[0].flash, ram: -others[0].ram },
      'a row that has gone',
    );
    assert.ok(Object.values(compareSizes(grown, folder).changes ?? {}).every(({ flash }) => flash === 0));
  });

  it('over a budget fail with the layers to blame', () => {
    const tight = { ...motley, target: { ...motley.target, flash: 1000 } };
    const largest = [...report.rows]
      .filter(({ kind }) => kind !== 'rest')
      .sort((a, b) => b.flash - a.flash)[0];
    assert.throws(
      () =>
        requireWithinBudget(tight, built.flashBytes, built.ramBytes, (what) => largestLayers(report, what)),
      (error) => error instanceof UserError && error.advice.includes(`Most is taken by ${largest.what}`),
    );
  });
});

describe('an application of the size of ECG TinyML', { skip: needsArmGcc.skip }, () => {
  // A piecewise linear student of 62.3 kB, and what an implantable loop recorder has for all of it (Ukil et al., EMBC 2021).
  const student = makeNetwork(
    [
      ['max-affine', { units: 22, pieces: 11 }],
      ['dense', 4],
    ],
    256,
  );

  it('fits 70 kB of flash, with the filters, the peripherals and the link', async () => {
    const network = quantizeNetwork(student, randomWeights(student, 1));
    const parameters = network.blocks.reduce(
      (bytes, { weights, bias }) => bytes + (weights?.byteLength ?? 0) + (bias?.length ?? 0),
      0,
    );
    assert.equal(parameters, 62_286);
    const { imageFlashBytes } = await project(network, path.join(folder, 'student'), 'release', {
      frontEnd: deviceFrontEnd(student, 0.15),
      kernels: 'flash',
    });
    assert.ok(imageFlashBytes <= 70_000, `${imageFlashBytes} bytes`);
  });
});
