import assert from 'node:assert/strict';
import * as path from 'node:path';
import { before, describe, it } from 'node:test';
import { UserError } from '../../src/common/errors.ts';
import { compareSizes, largestLayers, sizeReport, type SizeReport } from '../../src/firmware/size-report.ts';
import { requireWithinBudget } from '../../src/model/budget.ts';
import { tensorBytes } from '../../src/quantization/integer-network.ts';
import { deviceFrontEnd } from '../../src/quantization/device-input.ts';
import { quantizeNetwork } from '../../src/quantization/quantize.ts';
import { applicationOf, buildFirmware, type BuildResult } from '../../src/firmware/build.ts';
import { defaultBoard } from '../../src/firmware/board.ts';
import { buildReport, type BuildReport } from '../../src/firmware/build-report.ts';
import { buildFolder, keepBuildReport, readBuildReport } from '../../src/firmware/kept-report.ts';
import { readMap } from '../../src/firmware/map-file.ts';
import { deviceOf, generateFirmware } from '../../src/firmware/generate.ts';
import { silentContext } from '../../src/common/job.ts';
import { temporaryFolder } from '../fixtures/workspace.ts';
import { needsArmGcc } from '../require.ts';
import { makeNetwork, randomWeights } from '../unit/quantization/networks.ts';
import { motley, motleyInteger, project } from './projects.ts';

const folder = temporaryFolder();
const { device, choices } = deviceOf(motleyInteger, 'balanced');

describe('the sizes of an image', { skip: needsArmGcc.skip }, () => {
  let built: BuildResult;
  let report: SizeReport;
  before(async () => {
    const project = path.join(folder, 'project');
    generateFirmware(motleyInteger, { frontEnd: deviceFrontEnd(motley, 0.15) }, project);
    built = await buildFirmware(project, silentContext());
    report = sizeReport(applicationOf(built).elf, device);
  });

  it('by layer, runtime, front end and the rest sum to those of the image, and none is negative', () => {
    const sum = (key: 'flash' | 'ram'): number => report.rows.reduce((total, row) => total + row[key], 0);
    assert.equal(sum('flash'), built.imageFlashBytes);
    assert.equal(sum('ram'), built.imageRamBytes);
    for (const row of report.rows) assert.ok(row.flash >= 0 && row.ram >= 0, JSON.stringify(row));
  });

  it('have a row for every block, and the states of the recurrent layers', () => {
    const layers = report.rows.filter(({ kind }) => kind === 'layer');
    assert.equal(layers.length, motleyInteger.blocks.length);
    for (const [i, { kind, output }] of motleyInteger.blocks.entries()) {
      const values = { gru: 1, lstm: 2 }[kind as string] ?? 0;
      assert.equal(layers[i].ram, 2 * values * output.channels);
    }
    const states = layers.reduce((sum, { ram }) => sum + ram, 0);
    assert.ok(Math.abs(states - motleyInteger.stateBytes) <= 8, 'but for alignment');
  });

  it('of flash are weights, tables and code: a layer has no code of its own, and its weights as they are packed', () => {
    for (const { what, kind, flash, code, weights, tables } of report.rows) {
      assert.ok(code >= 0 && weights >= 0 && tables >= 0, what);
      assert.equal(code + weights + tables, flash, what);
      if (kind === 'layer') assert.equal(code, 0, what);
      else assert.equal(weights, 0, what);
    }
    const layers = report.rows.filter(({ kind }) => kind === 'layer');
    device.blocks.forEach(({ weights, recurrent, bias, shifts }, i) => {
      const constants = [weights, recurrent, bias].reduce((sum, array) => sum + (array?.byteLength ?? 0), 0);
      assert.equal(layers[i].weights, constants, layers[i].what);
      assert.equal(layers[i].tables, layers[i].flash === 0 ? 0 : shifts.byteLength, layers[i].what);
    });
  });

  it('tell which source is the kernel of which layers, of every layer one', () => {
    const kernels = report.rows.filter(({ kernelOf }) => kernelOf.length > 0);
    const served = kernels.flatMap(({ kernelOf }) => kernelOf);
    assert.deepEqual(served.sort(), device.blocks.map(({ layers }) => layers.join(', ')).sort());
    const gru = device.blocks.find(({ kind }) => kind === 'gru')?.layers.join(', ') ?? '';
    assert.match(kernels.find(({ kernelOf }) => kernelOf.includes(gru))?.what ?? '', /^ecg_gru.*\.c$/);
    for (const { what, code } of kernels) assert.ok(code > 50, what);
  });

  it('have the arena that a layer works in, which none exceeds', () => {
    const arena = report.rows.find(({ what }) => what.startsWith('arena'))?.ram ?? 0;
    const layers = report.rows.filter(({ kind }) => kind === 'layer');
    for (const layer of layers) assert.ok(layer.arena > 0 && layer.arena <= arena + 8, layer.what);
    const [first] = device.blocks;
    const tensors = tensorBytes(first.inputs[0]) + tensorBytes(first.output);
    assert.equal(layers[0].arena, tensors + first.scratchBytes, 'input, output and scratch');
    const [largest] = [...layers].sort((a, b) => b.ram + b.arena - a.ram - a.arena);
    assert.ok(largestLayers(report, 'ram').startsWith(`${largest.what} (`));
  });

  const reportOf = (
    sizes: SizeReport,
    before: BuildReport | undefined,
    imageSha256: string,
    budgets: Partial<typeof motley.target> = {},
  ): BuildReport => {
    const network = { ...motley, target: { ...motley.target, ...budgets } };
    const about = {
      board: defaultBoard,
      kernels: 'balanced',
      configuration: 'release',
      hash: '',
      imageSha256,
    } as const;
    return buildReport(network, about, built, sizes, choices, before);
  };

  it('and the kernels are kept as a report that is read again, over budget or not', () => {
    const output = buildFolder(path.join(folder, 'project'), 'release');
    assert.equal(readBuildReport(output), undefined);
    const kept = reportOf(report, undefined, 'image', { flash: 1000, ram: undefined });
    keepBuildReport(output, kept);
    assert.deepEqual(readBuildReport(output), JSON.parse(JSON.stringify(kept)));
    const [flash, ram] = kept.memories;
    assert.deepEqual(
      [flash.used, flash.budget, flash.over, ram.used, ram.budget, ram.over],
      [built.flashBytes, 1000, true, built.ramBytes, undefined, false],
    );
    assert.ok(flash.largest.startsWith(largestLayers(report, 'flash', 1)));
    assert.equal(kept.blocks.length, motleyInteger.blocks.length);
    for (const { layers, name, instructions, others } of kept.blocks) {
      assert.ok(layers && name && instructions > 0);
      for (const other of others) assert.ok(other.why !== '', `${layers}: ${other.name}`);
    }
    keepBuildReport(output, { ...kept, format: 0 });
    assert.equal(readBuildReport(output), undefined, 'of another version');
  });

  it('are compared with the build before, which the same image again is not', () => {
    assert.equal(compareSizes(report, undefined).changes, undefined);
    const [first, ...others] = report.rows;
    const [kernel] = others.filter(({ kind }) => kind === 'runtime');
    const left = others.filter((row) => row !== kernel);
    const grown = { ...report, rows: [{ ...first, flash: first.flash + 100 }, ...left] };
    const before = reportOf(report, undefined, 'before');
    const after = reportOf(grown, before, 'after');
    const { changes } = after.sizes;
    assert.deepEqual(changes?.[first.what], { flash: 100, ram: 0 });
    assert.deepEqual(changes?.[left[0].what], { flash: 0, ram: 0 });
    assert.deepEqual(changes?.[kernel.what], { flash: -kernel.flash, ram: 0 }, 'a row that has gone');
    assert.deepEqual(reportOf(grown, after, 'after').sizes.changes, changes);
  });

  it('are not read from a file that no linker wrote', () => {
    assert.throws(
      () => readMap(path.join(folder, 'project', 'README.md')),
      (error) => error instanceof UserError && /no map file/.test(error.message),
    );
  });

  it('over a budget fail with the layers to blame', () => {
    const tight = { ...motley, target: { ...motley.target, flash: 1000 } };
    const largest = [...report.rows]
      .filter(({ kind }) => kind !== 'rest')
      .sort((a, b) => b.flash - a.flash)[0];
    assert.throws(
      () =>
        requireWithinBudget(
          tight,
          built.flashBytes,
          built.ramBytes,
          (what) => largestLayers(report, what),
          true,
        ),
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
