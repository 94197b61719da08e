import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { before, describe, it } from 'node:test';
import { applicationOf, type Application, type BuildResult } from '../../src/firmware/build.ts';
import { ElfImage } from '../../src/firmware/elf.ts';
import { readIntelHex } from '../../src/firmware/intel-hex.ts';
import { temporaryFolder } from '../fixtures/workspace.ts';
import { needsArmGcc } from '../require.ts';
import { project, small, smallInteger } from './projects.ts';
import { deviceFrontEnd } from '../../src/quantization/device-input.ts';

const folder = temporaryFolder();

describe('the image of the application', { skip: needsArmGcc.skip }, () => {
  let build: BuildResult;
  let application: Application;
  before(async () => {
    build = await project(smallInteger, path.join(folder, 'project'), 'release', {
      frontEnd: deviceFrontEnd(small, 0.15),
    });
    application = applicationOf(build);
  });

  it('has the network and the front end of the verified image, byte for byte at the same addresses', () => {
    const [verified, flashed] = [build.elf, application.elf].map((elf) => {
      const image = new ElfImage(elf);
      const bytes = flashContent(elf);
      const range = (name: string) => {
        const [from, to] = ['start', 'end'].map((end) => image.symbol(`__${name}_flash_${end}`).address);
        return { from, bytes: bytes.subarray(from, to) };
      };
      return {
        model: image.symbol('ecg_model'),
        network: range('network'),
        frontEnd: range('front_end'),
      };
    });
    assert.ok(flashed.network.bytes.length > 5_000 && flashed.frontEnd.bytes.length > 400);
    assert.deepEqual(flashed, verified);
  });

  it('is the same as HEX and as ELF, and starts with a stack and a reset handler', () => {
    const [part, ...others] = readIntelHex(application.hex).filter((p) => p.address < 0x80000);
    assert.equal(others.length, 0);
    assert.equal(part.address, 0);
    assert.ok(part.bytes.equals(flashContent(application.elf)));
    assert.equal(part.bytes.readUInt32LE(0), 0x20010000);
    assert.equal(
      part.bytes.readUInt32LE(4),
      new ElfImage(application.elf).symbol('reset_handler').address | 1,
    );
  });

  it('is what the sizes of the build are of', () => {
    assert.equal(build.imageFlashBytes, flashContent(application.elf).length);
  });

  it('has no semihosting', () => {
    const emulator = new ElfImage(build.elf);
    const board = new ElfImage(application.elf);
    for (const name of ['semihosting_exit', 'semihosting_text']) {
      emulator.symbol(name);
      assert.throws(() => board.symbol(name), /has no symbol/);
    }
  });
});

function flashContent(elf: string): Buffer {
  const file = path.join(folder, `${path.basename(elf)}.bin`);
  const { status } = spawnSync('arm-none-eabi-objcopy', ['-O', 'binary', elf, file]);
  assert.equal(status, 0);
  return fs.readFileSync(file);
}
