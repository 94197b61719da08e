import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { ElfImage } from '../../src/firmware/elf.ts';
import type { IntegerNetwork } from '../../src/quantization/integer-network.ts';

/**
 * Logits of each window, computed in QEMU by the network in the content of a chip's flash. QEMU has none of the chip's
 * peripherals, so the image runs up to its `main` (data copied, state cleared, floating point on), and gdb calls the network
 * there. `elf`: the image that the flash should hold, whose symbols tell where things are; none of its bytes are loaded.
 */
export function runFlash(
  flash: Uint8Array,
  elf: string,
  { logits, input }: IntegerNetwork,
  windows: readonly Int8Array[],
  folder: string,
): number[][] {
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, 'flash.bin'), flash);
  fs.copyFileSync(elf, path.join(folder, 'symbols.elf'));
  const image = new ElfImage(elf);
  const address = (name: string): string => `0x${image.symbol(name).address.toString(16)}`;
  // Above what the image uses, far below the stack.
  const window = address('__image_ram_end');
  const result = `0x${(image.symbol('ecg_model_memory').address + logits.offset).toString(16)}`;
  const bytes = 2 * logits.channels * logits.length;
  const call = (name: string, ...more: string[]): string =>
    `call ((void (*)(int, int, int, int, int))(${address(name)} | 1))(${[address('ecg_model'), address('ecg_model_memory'), ...more].join(', ')})`;
  const qemu = 'qemu-system-arm -M mps2-an386 -nographic -monitor none -serial none -S -gdb stdio';
  const lines = [
    'set confirm off',
    // gdb lets its calls return to the entry point.
    'symbol-file symbols.elf',
    'set remotetimeout 60', // QEMU may start late on a busy machine
    `target remote | exec ${qemu} -device loader,file=flash.bin,addr=0`,
    `tbreak *(${address('main')} & ~1)`,
    'continue',
  ];
  for (const [i, samples] of windows.entries()) {
    assert.equal(samples.length, input.channels * input.length);
    fs.writeFileSync(path.join(folder, `window${i}.bin`), samples);
    lines.push(
      `restore window${i}.bin binary ${window}`,
      call('ecg_network_run_window', window, '0', '0'),
      `dump binary memory logits${i}.bin ${result} ${result}+${bytes}`,
    );
  }
  fs.writeFileSync(path.join(folder, 'script.gdb'), [...lines, 'kill', ''].join('\n'));
  const { stdout, stderr } = spawnSync('gdb-multiarch', ['-nx', '-batch', '-x', 'script.gdb'], {
    cwd: folder,
    encoding: 'utf8',
    timeout: 60_000,
  });
  return windows.map((_, i) => {
    const file = path.join(folder, `logits${i}.bin`);
    assert.ok(fs.existsSync(file), stdout + stderr);
    const read = fs.readFileSync(file);
    return Array.from({ length: read.length / 2 }, (_value, n) => read.readInt16LE(2 * n));
  });
}
