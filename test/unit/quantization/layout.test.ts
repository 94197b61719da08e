import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { it } from 'node:test';
import { productRoot } from '../../../src/common/product.ts';
import { activationTablesSource, sigmoidTable, tanhTable } from '../../../src/firmware/activation-tables.ts';
import { blockLayout, networkLayout, tensorLayout } from '../../../src/quantization/descriptor.ts';
import { instantiateRuntime } from '../../../src/quantization/load-runtime.ts';

it('the descriptors that the host writes have the layout that the compiler gave them', async () => {
  const runtime = await instantiateRuntime();
  const count = runtime.ecg_host_layout_count();
  const compiled = [...new Uint16Array(runtime.memory.buffer, runtime.ecg_host_layout(), count)];
  // shiftStep is written as its own field; all others stand in the same order on both sides.
  const { size: blockSize, ...block } = blockLayout;
  assert.deepEqual(compiled, [
    ...Object.values(tensorLayout),
    blockSize,
    ...Object.values(block),
    ...Object.values(networkLayout),
  ]);
});

it('the tables in C are the ones that the formula gives', () => {
  const file = path.join(productRoot, 'firmware-templates', 'nrf52832', 'runtime', 'ecg_tables.c');
  assert.equal(fs.readFileSync(file, 'utf8'), activationTablesSource());
});

it('the tables hold 257 values, rise, and are symmetric about their middle', () => {
  for (const [table, middle, sum] of [
    [sigmoidTable, 16384, 32768],
    [tanhTable, 0, 0],
  ] as const) {
    assert.equal(table.length, 257);
    assert.equal(table[128], middle);
    for (let i = 1; i < 257; i++) assert.ok(table[i] >= table[i - 1]);
    for (let i = 1; i < 128; i++) assert.ok(Math.abs(table[128 - i] + table[128 + i] - sum) <= 1);
  }
});
