import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, it } from 'node:test';
import { exportLibrary, libraryFiles } from '../../src/firmware/export-library.ts';
import { deviceFrontEnd } from '../../src/quantization/device-input.ts';
import { FrontEnd } from '../../src/quantization/front-end.ts';
import { IntegerRuntime } from '../../src/quantization/runtime.ts';
import { temporaryFolder } from '../fixtures/workspace.ts';
import { needsArmGcc, needsQemu } from '../require.ts';
import { small, smallInteger } from './projects.ts';

const folder = temporaryFolder();
const frontEnd = deviceFrontEnd(small, 0.15);
const samples = Int16Array.from({ length: 3000 }, (_, n) =>
  Math.round(700 * Math.sin(n / 37) + ((n * 7919) % 211)),
);

describe('an exported library', () => {
  it('has no start-up code, no linker script and no register, and is the same every time', () => {
    const files = libraryFiles(smallInteger, { frontEnd });
    const names = [...files.keys()];
    assert.ok(names.includes('stream/ecg_model.h') && names.includes('zephyr/module.yml'));
    assert.ok(!names.some((name) => /startup|\.ld$|nrf|approtect|main\.c/.test(name)));
    for (const [name, content] of files) {
      if (name.startsWith('stream/'))
        assert.ok(!/0x4000[0-9a-fA-F]{4}|volatile/.test(Buffer.from(content).toString()), name);
    }
    const again = libraryFiles(smallInteger, { frontEnd });
    for (const [name, content] of files)
      assert.ok(Buffer.from(content).equals(Buffer.from(again.get(name)!)), name);
    const listed = Buffer.from(files.get('CMakeLists.txt')!).toString();
    for (const name of names.filter((n) => n.endsWith('.c'))) assert.ok(listed.includes(name), name);
  });

  it('is not written over anything', () => {
    const taken = path.join(folder, 'taken');
    fs.mkdirSync(taken);
    fs.writeFileSync(path.join(taken, 'mine.c'), '');
    assert.throws(() => exportLibrary(smallInteger, { frontEnd }, taken), /not empty/);
    assert.deepEqual(fs.readdirSync(taken), ['mine.c']);
  });

  it(
    'links into somebody else’s program by its CMake target, and computes what the host does',
    { skip: needsArmGcc.skip || needsQemu.skip },
    async () => {
      const project = path.join(folder, 'program');
      exportLibrary(smallInteger, { frontEnd }, path.join(project, 'ecg'));
      fs.writeFileSync(path.join(project, 'CMakeLists.txt'), cmake);
      fs.writeFileSync(path.join(project, 'main.c'), program);
      const cwd = project;
      execFileSync('cmake', ['-S', '.', '-B', 'build', '-G', 'Ninja', '-DCMAKE_BUILD_TYPE=Release'], { cwd });
      execFileSync('cmake', ['--build', 'build'], { cwd });
      const qemu = ['-M', 'mps2-an386', '-nographic', '-monitor', 'none', '-serial', 'none'];
      const semihosting = ['-semihosting-config', 'enable=on,target=native', '-kernel', 'build/program'];
      const output = execFileSync('qemu-system-arm', [...qemu, ...semihosting], {
        cwd,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      const told = output
        .trim()
        .split('\n')
        .map((line) => line.split(' ').map(Number));
      const filtered = (await FrontEnd.create(frontEnd)).push(samples);
      const { window, hop } = smallInteger;
      const runtime = await IntegerRuntime.create(smallInteger);
      const wanted: number[][] = [];
      for (let at = 0; at + window <= filtered.length; at += hop) {
        wanted.push([wanted.length, ...runtime.runWindow(filtered.subarray(at, at + window)).logits]);
      }
      assert.ok(wanted.length > 10);
      assert.deepEqual(told, wanted);
    },
  );
});

/** A program of newlib's, with its own start-up code and semihosting: it knows nothing of ECG Studio. */
const cmake = `cmake_minimum_required(VERSION 3.20)
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_C_COMPILER arm-none-eabi-gcc)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
set(CMAKE_C_FLAGS_INIT "-mcpu=cortex-m4 -mthumb -mfpu=fpv4-sp-d16 -mfloat-abi=hard")
project(program C)
add_subdirectory(ecg)
add_executable(program main.c)
target_link_libraries(program PRIVATE ecg_model)
target_link_options(program PRIVATE --specs=rdimon.specs -nostartfiles -Wl,-Ttext=0x1000 -Wl,--section-start=.vectors=0x0 -Wl,-Tdata=0x20000000)
`;

const program = `#include <stdio.h>
#include <stdlib.h>
#include "ecg_model.h"

extern void initialise_monitor_handles(void);
extern unsigned int __bss_start__[], __bss_end__[];

static const int16_t samples[] = {${[...samples].join(',')}};

static void print(const ecg_result *result, void *context) {
  (void)context;
  printf("%u", (unsigned)result->window);
  for (int c = 0; c < ECG_MODEL_CLASSES; c++) printf(" %d", result->logits[c]);
  printf("\\n");
}

void start(void) {
  *(volatile uint32_t *)0xE000ED88 |= 0xFu << 20;
  __asm volatile("dsb\\n isb");
  for (unsigned int *word = __bss_start__; word < __bss_end__; word++) *word = 0;
  initialise_monitor_handles();
  ecg_model_reset();
  const uint32_t count = sizeof samples / sizeof *samples;
  for (uint32_t at = 0; at < count; at += 37) ecg_model_push(samples + at, count - at < 37 ? count - at : 37, print, NULL);
  fflush(stdout);
  _Exit(0);
}

__attribute__((section(".vectors"), used)) static const uintptr_t vectors[2] = {0x20400000u, (uintptr_t)start};
`;
