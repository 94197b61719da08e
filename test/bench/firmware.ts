// Instructions of slim on the emulated Cortex-M4, layer by layer and for each target of the kernels, with flash and RAM, beside
// CMSIS-NN's figures. Real windows where there are recordings (ECG_DATA_DIR), compared with the host bit for bit.
// `node test/bench/firmware.ts [RECORDS]`
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { silentContext } from '../../src/common/job.ts';
import { defaultBoard } from '../../src/firmware/board.ts';
import { buildFirmware, type BuildResult } from '../../src/firmware/build.ts';
import { generateFirmware } from '../../src/firmware/generate.ts';
import { chooseKernels, type KernelChoice } from '../../src/firmware/kernel-choice.ts';
import { kernelTargets, type KernelTarget } from '../../src/firmware/kernel-target.ts';
import { verifyFirmware, type VerifyResult } from '../../src/firmware/verify.ts';
import { integerNetworkOf } from '../../src/jobs/evaluate.ts';
import { recordWindows } from '../../src/jobs/firmware.ts';
import { deviceFrontEnd } from '../../src/quantization/device-input.ts';
import { openTrained } from '../../src/training/weights-file.ts';
import { cinc2017 } from '../require.ts';
import { randomWindows } from '../unit/quantization/networks.ts';

const count = Number(process.argv[2] ?? 20);
const zoo = path.resolve(import.meta.dirname, '..', '..', 'media', 'zoo', 'distilled');
const trained = openTrained(path.join(zoo, 'slim-distilled.ecgmodel.yaml'));
const { network } = trained;
const integer = integerNetworkOf(trained);
const flashBudget = network.target.flash;
const frontEnd = deviceFrontEnd(network, trained.origin.scale);
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'ecg-bench-'));

/** CMSIS-NN on the same network, int8 and its legacy q7 kernels: ../shared/facts/nrf52832.md. */
const cmsis = {
  int8: [235_311, 313_100, 422_832, 352_158, 339_422, 306_542, 153_542, 151_090, 90_074, 811],
  q7: [136_208, 189_633, 312_268, 289_535, 283_087, 272_223, 136_326, 134_566, 75_850, 734],
};

const records = await windowsOf();
try {
  const columns: {
    kernels: KernelTarget;
    build: BuildResult;
    result: VerifyResult;
    choices: KernelChoice[];
  }[] = [];
  for (const kernels of kernelTargets) {
    const project = path.join(folder, kernels);
    generateFirmware(integer, { frontEnd, kernels, flashBudget }, project);
    const build = await buildFirmware(project, silentContext());
    const result = await verifyFirmware(integer, build, records, silentContext());
    columns.push({ kernels, build, result, choices: chooseKernels(integer, kernels, flashBudget) });
  }
  const windows = records.reduce((sum, record) => sum + record.length, 0);
  console.log(`${integer.name}, ${records.length} records, ${windows} windows; instructions, emulated\n`);
  const rows = [
    ['layer', 'CMSIS-NN int8', 'legacy q7', ...columns.flatMap(({ kernels }) => [kernels, 'kernel'])],
    ...integer.blocks.map((block, i) => [
      block.name,
      ...[cmsis.int8[i], cmsis.q7[i]].map(thousands),
      ...columns.flatMap(({ result, choices }) => [thousands(result.layers[i].cost), choices[i].name]),
    ]),
    [
      'window, at most',
      ...[cmsis.int8, cmsis.q7].map((column) => thousands(column.reduce((a, b) => a + b))),
      ...columns.flatMap(({ result }) => [thousands(result.instructionsPerWindow.max), '']),
    ],
    [
      'flash, RAM',
      '158,612, 10,180',
      '148,072, 6,788',
      ...columns.flatMap(({ result }) => [memory(result), '']),
    ],
    ['application', '', '', ...columns.flatMap(({ build }) => [memory(imageOf(build)), ''])],
    ['stack', '', '', ...columns.flatMap(({ result }) => [thousands(result.stackBytes), ''])],
    ['mismatches', '', '', ...columns.flatMap(({ result }) => [mismatches(result), ''])],
  ];
  const widths = rows[0].map((_, i) => Math.max(...rows.map((row) => row[i].length)));
  for (const row of rows)
    console.log(
      row
        .map((cell, i) => cell.padEnd(widths[i]))
        .join('  ')
        .trimEnd(),
    );
} finally {
  fs.rmSync(folder, { recursive: true });
}

async function windowsOf(): Promise<Int8Array[][]> {
  if (!fs.existsSync(cinc2017)) return [randomWindows(network, count, 1)];
  const inputs = { run: '', records: count, data: cinc2017 };
  const read = await recordWindows(
    { trained, network, integer, frontEnd, board: defaultBoard, folder },
    inputs,
    silentContext(),
  );
  return read.map((record) => record.windows);
}

function thousands(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

function memory({ flashBytes, ramBytes }: { flashBytes: number; ramBytes: number }): string {
  return `${thousands(flashBytes)}, ${thousands(ramBytes)}`;
}

function imageOf({ imageFlashBytes, imageRamBytes }: BuildResult): { flashBytes: number; ramBytes: number } {
  return { flashBytes: imageFlashBytes, ramBytes: imageRamBytes };
}

function mismatches({
  mismatches: differing,
  valuesCompared,
}: Record<'mismatches' | 'valuesCompared', number>): string {
  return `${differing} of ${thousands(valuesCompared)}`;
}
