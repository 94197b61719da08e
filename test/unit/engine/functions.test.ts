import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { instructionSets } from './helpers.ts';
import type { InstructionSet } from '../../../src/engine/choice.ts';
import type { Kernels } from '../../../src/engine/kernels.ts';
import { createMemory, heapBase, instantiate, loadKernels } from '../../../src/engine/load.ts';

const count = 1 << 16;

interface Loaded {
  memory: WebAssembly.Memory;
  kernels: Kernels;
}

async function load(build: InstructionSet): Promise<Loaded> {
  const module = await loadKernels(build);
  assert.equal(module.instructionSet, build);
  const memory = createMemory(heapBase + 65536 + 8 * count);
  return { memory, kernels: await instantiate(module, memory, heapBase + 65536) };
}

/** Largest error of a kernel function over evenly spaced x, absolute where `exact` is below `floor`, else relative. */
function largestError(
  { memory, kernels }: Loaded,
  index: number,
  exact: (x: number) => number,
  xs: (i: number) => number,
  floor: number,
): number {
  const x = heapBase + 65536;
  const y = x + 4 * count;
  const input = new Float32Array(memory.buffer, x, count);
  const output = new Float32Array(memory.buffer, y, count);
  for (let i = 0; i < count; i++) input[i] = xs(i / (count - 1));
  kernels.map_function(index, y, x, count);
  let worst = 0;
  for (let i = 0; i < count; i++) {
    const want = exact(input[i]);
    const error = Math.abs(output[i] - want) / Math.max(Math.abs(want), floor);
    if (!(error <= worst)) worst = error;
  }
  return worst;
}

const between = (low: number, high: number) => (t: number) => low + (high - low) * t;

for (const build of instructionSets) {
  describe(`engine: exp, log, tanh, sigmoid, ${build}`, () => {
    test('exp is within 2e-7, relative, from -87 to 88', async () => {
      assert.ok(largestError(await load(build), 0, Math.exp, between(-87, 88), 0) < 2e-7);
    });

    test('exp stays finite and positive outside', async () => {
      const loaded = await load(build);
      assert.ok(largestError(loaded, 0, () => 2 ** -126, between(-1e6, -88), 0) < 0.01);
      assert.ok(largestError(loaded, 0, () => 2 ** 127, between(89, 1e6), 0) < 0.01);
    });

    test('log is within 1.5e-7, relative (absolute near 1), from 2^-126 to 2^127', async () => {
      const loaded = await load(build);
      assert.ok(largestError(loaded, 1, Math.log, (t) => 2 ** (-125.9 + 252.8 * t), 1) < 1.5e-7);
      assert.ok(largestError(loaded, 1, Math.log, between(0.5, 2), 1) < 1.5e-7);
    });

    test('tanh is within 2e-7, relative, and odd', async () => {
      const loaded = await load(build);
      assert.ok(largestError(loaded, 2, Math.tanh, between(-12, 12), 0) < 2e-7);
      assert.ok(largestError(loaded, 2, Math.tanh, between(-0.7, 0.7), 0) < 2e-7);
      assert.ok(largestError(loaded, 2, Math.sign, between(20, 1e6), 0) === 0);
    });

    test('sigmoid is within 3e-7, relative, from -80 to 80', async () => {
      const exact = (x: number) => 1 / (1 + Math.exp(-x));
      assert.ok(largestError(await load(build), 3, exact, between(-80, 80), 0) < 3e-7);
    });
  });
}
