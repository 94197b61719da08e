import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { before, describe, it } from 'node:test';
import { silentContext } from '../../src/common/job.ts';
import type { BuildResult } from '../../src/firmware/build.ts';
import { buildFirmware } from '../../src/firmware/build.ts';
import { ElfImage } from '../../src/firmware/elf.ts';
import { emulate } from '../../src/firmware/emulate.ts';
import { generateFirmware } from '../../src/firmware/generate.ts';
import { readIntelHex } from '../../src/firmware/intel-hex.ts';
import { designFrontEnd } from '../../src/quantization/front-end-design.ts';
import { temporaryFolder } from '../fixtures/workspace.ts';
import { needsArmGcc, needsGdb } from '../require.ts';
import { randomWindows } from '../unit/quantization/networks.ts';
import { needsEmulator, small, smallInteger } from './projects.ts';

const folder = temporaryFolder();
const frontEnd = designFrontEnd({
  input: { ...small.input, filter: { band: [0.5, 40], order: 2, zeroPhase: false } },
  decimation: 4,
  countsPerMillivolt: 1000,
  scale: 0.15,
  format: small.quantization.activations,
});

describe('the image for the board', { skip: needsArmGcc.skip }, () => {
  let build: BuildResult;
  before(async () => {
    generateFirmware(smallInteger, { frontEnd }, path.join(folder, 'board'));
    build = await buildFirmware(path.join(folder, 'board'), silentContext());
  });

  it('has the network and the front end of the verified image, byte for byte at the same addresses', () => {
    const [emulator, board] = [build.elf, build.boardElf].map((elf) => {
      const image = new ElfImage(elf);
      const bytes = flashContent(elf);
      const range = (name: string) => {
        const [from, to] = ['start', 'end'].map((end) => image.symbol(`__${name}_flash_${end}`).address);
        return { from, bytes: bytes.subarray(from, to) };
      };
      const memory = ['ecg_model', 'ecg_model_memory'].map((name) => image.symbol(name));
      return { memory, network: range('network'), frontEnd: range('front_end') };
    });
    assert.ok(board.network.bytes.length > 5_000 && board.frontEnd.bytes.length > 400);
    assert.deepEqual(board, emulator);
  });

  it('is the same as HEX and as ELF, and starts with a stack and a reset handler', () => {
    const [part, ...others] = readIntelHex(build.boardHex).filter((p) => p.address < 0x80000);
    assert.equal(others.length, 0);
    assert.equal(part.address, 0);
    assert.ok(part.bytes.equals(flashContent(build.boardElf)));
    assert.equal(part.bytes.readUInt32LE(0), 0x20010000);
    assert.equal(
      part.bytes.readUInt32LE(4),
      new ElfImage(build.boardElf).symbol('reset_handler').address | 1,
    );
  });

  it('has no semihosting', () => {
    const emulator = new ElfImage(build.elf);
    const board = new ElfImage(build.boardElf);
    for (const name of ['semihosting_exit', 'semihosting_text', 'link_send_hello']) {
      emulator.symbol(name);
      assert.throws(() => board.symbol(name), /has no symbol/);
    }
  });

  it(
    'runs windows by its mailbox as the verified image does',
    { skip: needsEmulator.skip || needsGdb.skip },
    async () => {
      const windows = randomWindows(small, 4, 7);
      const expected = await emulate(build.elf, [windows], silentContext());
      assert.deepEqual(
        replay(build.boardElf, windows),
        expected.windows.map(({ logits }) => [...logits]),
      );
    },
  );
});

function flashContent(elf: string): Buffer {
  const file = path.join(folder, `${path.basename(elf)}.bin`);
  const { status } = spawnSync('arm-none-eabi-objcopy', ['-O', 'binary', elf, file]);
  assert.equal(status, 0);
  return fs.readFileSync(file);
}

/** Logits of each window, run in QEMU as a debugger would run them on the chip. gdb starts QEMU behind a pipe. */
function replay(elf: string, windows: readonly Int8Array[]): number[][] {
  const work = path.join(folder, 'replay');
  fs.mkdirSync(work);
  fs.copyFileSync(elf, path.join(work, 'board.elf'));
  const qemu = 'qemu-system-arm -M mps2-an386 -nographic -monitor none -serial none -S -gdb stdio -kernel';
  const lines = [
    'set confirm off',
    'set remotetimeout 60', // QEMU may start late on a busy machine
    'file board.elf',
    `target remote | exec ${qemu} board.elf`,
    'watch ecg_mailbox.magic if ecg_mailbox.magic != 0',
    'continue',
    'delete',
    'watch ecg_mailbox.command if ecg_mailbox.command == 0',
  ];
  for (const [i, window] of windows.entries()) {
    fs.writeFileSync(path.join(work, `window${i}.bin`), window);
    lines.push(
      `restore window${i}.bin binary &ecg_mailbox.window`,
      'set var ecg_mailbox.command = 2',
      'continue',
      `dump binary value logits${i}.bin ecg_mailbox.logits`,
    );
  }
  fs.writeFileSync(path.join(work, 'script.gdb'), [...lines, 'kill', ''].join('\n'));
  const { stdout, stderr } = spawnSync('gdb-multiarch', ['-nx', '-batch', '-x', 'script.gdb'], {
    cwd: work,
    encoding: 'utf8',
    timeout: 60_000,
  });
  return windows.map((_, i) => {
    const file = path.join(work, `logits${i}.bin`);
    assert.ok(fs.existsSync(file), stdout + stderr);
    const bytes = fs.readFileSync(file);
    return Array.from({ length: bytes.length / 2 }, (_value, n) => bytes.readInt16LE(2 * n));
  });
}
