import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { ElfImage } from '../../src/firmware/elf.ts';
import type { IntegerNetwork } from '../../src/quantization/integer-network.ts';

/**
 * Run lines of gdb where an image that a flash holds has come to its `main` in QEMU: data copied, state cleared, floating
 * point on. QEMU has none of the chip's peripherals, so it goes no further. `elf`: the image that the flash should hold,
 * whose symbols tell where things are; none of its bytes are loaded. Returns the bytes of the files that the lines dump.
 */
export function runAtMain(
  flash: Uint8Array,
  elf: string,
  lines: readonly string[],
  dumped: readonly string[],
  folder: string,
): Buffer[] {
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, 'flash.bin'), flash);
  fs.copyFileSync(elf, path.join(folder, 'symbols.elf'));
  const qemu = 'qemu-system-arm -M mps2-an386 -nographic -monitor none -serial none -S -gdb stdio';
  const script = [
    'set confirm off',
    // gdb lets its calls return to the entry point.
    'symbol-file symbols.elf',
    'set remotetimeout 60', // QEMU may start late on a busy machine
    `target remote | exec ${qemu} -device loader,file=flash.bin,addr=0`,
    `tbreak *(${addressOf(elf, 'main')} & ~1)`,
    'continue',
    ...lines,
    'kill',
    '',
  ];
  fs.writeFileSync(path.join(folder, 'script.gdb'), script.join('\n'));
  const { stdout, stderr } = spawnSync('gdb-multiarch', ['-nx', '-batch', '-x', 'script.gdb'], {
    cwd: folder,
    encoding: 'utf8',
    timeout: 60_000,
  });
  return dumped.map((name) => {
    const file = path.join(folder, name);
    assert.ok(fs.existsSync(file), stdout + stderr);
    return fs.readFileSync(file);
  });
}

export function addressOf(elf: string, symbol: string): string {
  return `0x${new ElfImage(elf).symbol(symbol).address.toString(16)}`;
}

/** A line that calls a function of the image. */
export function callLine(elf: string, name: string, ...inputs: (string | number)[]): string {
  const types = inputs.map(() => 'int').join(', ');
  return `call ((void (*)(${types}))(${addressOf(elf, name)} | 1))(${inputs.join(', ')})`;
}

/** Logits of each window, computed in QEMU by the network in the content of a chip's flash. See `runAtMain`. */
export function runFlash(
  flash: Uint8Array,
  elf: string,
  { logits, input }: IntegerNetwork,
  windows: readonly Int8Array[],
  folder: string,
): number[][] {
  fs.mkdirSync(folder, { recursive: true });
  const [model, memory] = ['ecg_model', 'ecg_model_memory'].map((name) => addressOf(elf, name));
  // Above what the image uses, far below the stack.
  const window = addressOf(elf, '__image_ram_end');
  const lines = windows.flatMap((samples, i) => {
    assert.equal(samples.length, input.channels * input.length);
    fs.writeFileSync(path.join(folder, `window${i}.bin`), samples);
    const result = `${memory}+${logits.offset}`;
    return [
      `restore window${i}.bin binary ${window}`,
      callLine(elf, 'ecg_network_run_window', model, memory, window, 0, 0),
      `dump binary memory logits${i}.bin ${result} ${result}+${2 * logits.channels * logits.length}`,
    ];
  });
  const dumped = windows.map((_, i) => `logits${i}.bin`);
  return runAtMain(flash, elf, lines, dumped, folder).map((bytes) =>
    Array.from({ length: bytes.length / 2 }, (_value, n) => bytes.readInt16LE(2 * n)),
  );
}
