import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { before, describe, it } from 'node:test';
import { applicationOf, type Application, type BuildResult } from '../../src/firmware/build.ts';
import { ElfImage } from '../../src/firmware/elf.ts';
import { readIntelHex } from '../../src/firmware/intel-hex.ts';
import { temporaryFolder } from '../fixtures/workspace.ts';
import { needsArmGcc, needsGdb } from '../require.ts';
import { needsEmulator, project, small, smallInteger } from './projects.ts';
import { addressOf, callLine, runAtMain } from './run-flash.ts';
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

  it(
    'has functions for memory that do as the C library’s, wherever source and target lie',
    { skip: needsEmulator.skip || needsGdb.skip },
    () => {
      const work = path.join(folder, 'memory');
      fs.mkdirSync(work);
      const pattern = Uint8Array.from({ length: 96 }, (_, i) => i + 1);
      fs.writeFileSync(path.join(work, 'pattern.bin'), pattern);
      const base = addressOf(application.elf, '__image_ram_end');
      const cases: { name: string; inputs: (string | number)[]; expected: (b: Uint8Array) => Uint8Array }[] =
        [];
      for (const [to, from, count] of [
        [0, 48, 32],
        [1, 50, 31],
        [48, 4, 7],
        [3, 60, 0],
      ]) {
        const inputs = [`${base}+${to}`, `${base}+${from}`, count];
        cases.push({ name: 'memcpy', inputs, expected: (b) => b.copyWithin(to, from, from + count) });
      }
      for (const [to, from, count] of [
        [5, 2, 40],
        [2, 5, 40],
        [8, 4, 40],
        [4, 8, 40],
        [6, 6, 10],
      ]) {
        const inputs = [`${base}+${to}`, `${base}+${from}`, count];
        cases.push({ name: 'memmove', inputs, expected: (b) => b.copyWithin(to, from, from + count) });
      }
      for (const [to, value, count] of [
        [0, 0, 96],
        [3, 0x1ff, 5],
      ]) {
        const inputs = [`${base}+${to}`, value, count];
        cases.push({ name: 'memset', inputs, expected: (b) => b.fill(value, to, to + count) });
      }
      const lines = cases.flatMap(({ name, inputs }, i) => [
        `restore pattern.bin binary ${base}`,
        callLine(application.elf, name, ...inputs),
        `dump binary memory ${i}.bin ${base} ${base}+96`,
      ]);
      const dumped = cases.map((_, i) => `${i}.bin`);
      const flash = flashContent(application.elf);
      const results = runAtMain(flash, application.elf, lines, dumped, work);
      cases.forEach(({ name, inputs, expected }, i) => {
        assert.deepEqual(
          Uint8Array.from(results[i]),
          expected(pattern.slice()),
          `${name}(${inputs.join(', ')})`,
        );
      });
    },
  );

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
