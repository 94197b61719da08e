import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { before, describe, it } from 'node:test';
import { CancelledError, MissingToolError, UserError } from '../../src/common/errors.ts';
import { Cancellation, silentContext } from '../../src/common/job.ts';
import { buildFirmware, type BuildResult } from '../../src/firmware/build.ts';
import { emulate, EmulatedDevice } from '../../src/firmware/emulate.ts';
import { generateFirmware } from '../../src/firmware/generate.ts';
import { temporaryFolder } from '../fixtures/workspace.ts';
import { quantizeNetwork } from '../../src/quantization/quantize.ts';
import { makeNetwork, randomWeights, randomWindows } from '../unit/quantization/networks.ts';
import { edit, needsEmulator, project, slim, slimInteger, small, smallInteger } from './projects.ts';

const folder = temporaryFolder();

describe('emulation', needsEmulator, () => {
  let build: BuildResult;
  before(async () => {
    build = await project(smallInteger, path.join(folder, 'small'));
  });

  it('the memory guards turn a store to flash and one past 64 kB of RAM into faults that are reported', async () => {
    const probe = (store: 'storeToFlash' | 'storePastRam') =>
      new EmulatedDevice(build.elf).probeGuards(store, silentContext());
    await assert.rejects(probe('storeToFlash'), /the firmware faulted: forbidden access to 0x0007fffc/);
    await assert.rejects(probe('storePastRam'), /the firmware faulted: forbidden access to 0x20010000/);
  });

  it('a folder with spaces, quotes and other signs of shells and CMake builds to the same image', async () => {
    const odd = path.join(
      folder,
      process.platform === 'win32' ? "it's $HOME; (x)" : `it's "a" $HOME; \\(x) #é`,
    );
    const other = await project(smallInteger, odd);
    assert.equal(other.elf, path.join(odd, 'build', 'release', 'emulator.elf'));
    assert.equal(other.elfSha256, build.elfSha256);
    assert.equal((await emulate(other.elf, [randomWindows(small, 2, 1)], silentContext())).windows.length, 2);
  });

  it('a project that was moved builds again', async () => {
    const moved = path.join(folder, 'moved');
    fs.cpSync(path.join(folder, 'small'), moved, { recursive: true });
    assert.equal((await buildFirmware(moved, silentContext())).elfSha256, build.elfSha256);
  });

  it('firmware that hangs is ended and reported', async () => {
    const hanging = path.join(folder, 'hanging');
    generateFirmware(smallInteger, {}, hanging);
    edit(hanging, 'emulator/main.c', '  timer_start();', '  for (volatile int on = 1; on;) {}');
    const { elf } = await buildFirmware(hanging, silentContext());
    await assert.rejects(
      new EmulatedDevice(elf, 700).runWindows([randomWindows(small, 1, 1)], false, () => {}, silentContext()),
      /the emulator hangs/,
    );
  });

  it('a file that is no image, a cut image, and a missing one are refused', async () => {
    const file = path.join(folder, 'image.elf');
    const run = () => emulate(file, [randomWindows(small, 1, 1)], silentContext());
    await assert.rejects(run(), UserError);
    fs.writeFileSync(file, 'text');
    await assert.rejects(run(), UserError);
    fs.writeFileSync(file, fs.readFileSync(build.elf).subarray(0, 5000));
    await assert.rejects(run(), UserError);
  });

  it('cancelling ends the emulator at once', async () => {
    const { elf } = await project(slimInteger, path.join(folder, 'slim'));
    const cancellation = new Cancellation();
    const started = performance.now();
    setTimeout(() => cancellation.cancel(), 500);
    const windows = Array.from({ length: 50 }, () => randomWindows(slim, 100, 1)).flat();
    await assert.rejects(emulate(elf, [windows], silentContext(cancellation)), CancelledError);
    assert.ok(performance.now() - started < 10_000);
  });

  it('a network that is larger than the flash says by how much', async () => {
    const wide = makeNetwork([['global-average-pool'], ['dense', 4096], ['dense', 128], ['dense', 4]], 64);
    const integer = quantizeNetwork(wide, randomWeights(wide, 1));
    await assert.rejects(
      project(integer, path.join(folder, 'wide')),
      /needs \d+ bytes more flash than the chip has/,
    );
  });

  it('a build that fails says so with the words of the compiler', async () => {
    const broken = path.join(folder, 'broken');
    generateFirmware(smallInteger, {}, broken);
    edit(broken, 'emulator/main.c', 'int main(void) {', 'int main(void) { undeclared();');
    await assert.rejects(buildFirmware(broken, silentContext()), /undeclared/);
  });
});

it('a missing tool is named with how to install it', async () => {
  const target = path.join(folder, 'no tools');
  generateFirmware(smallInteger, {}, target);
  const { PATH } = process.env;
  process.env.PATH = target;
  try {
    await assert.rejects(buildFirmware(target, silentContext()), (error: unknown) => {
      assert.ok(error instanceof MissingToolError);
      assert.equal(error.tool, 'arm-none-eabi-gcc');
      assert.match(error.advice, /apt-get install .*\| brew install .*\| winget install/);
      return true;
    });
  } finally {
    process.env.PATH = PATH;
  }
});

it('building what was never generated is refused', async () => {
  await assert.rejects(
    buildFirmware(path.join(folder, 'nothing'), silentContext()),
    /no generated firmware project/,
  );
});
