import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import './helpers.ts';
import { LANES, type Kernels } from '../../../src/engine/kernels.ts';
import { createMemory, heapBase, instantiate, loadKernels } from '../../../src/engine/load.ts';

const units = 3;
const size = units * LANES;

describe('engine: a recurrent state is untouched in lanes without the window', () => {
  let kernels: Kernels;
  let memory: WebAssembly.Memory;
  let next: number;

  before(async () => {
    memory = createMemory(heapBase + 2 * 65536);
    kernels = await instantiate(await loadKernels(), memory, heapBase + 65536);
  });

  /** Rows of `units` filled with values that differ everywhere. */
  function rows(count: number): { address: number; values: Float32Array } {
    const address = next;
    next += count * size * 4;
    const values = new Float32Array(memory.buffer, address, count * size);
    values.forEach((_v, i) => (values[i] = Math.sin(i + address)));
    return { address, values };
  }

  /** Lane l has l windows: at window 7 lanes 8 to 15 are active. */
  function counts(): number {
    const { address } = rows(1);
    new Int32Array(memory.buffer, address, LANES).forEach((_v, l, all) => (all[l] = l));
    return address;
  }

  function checkLanes(after: Float32Array, state: Float32Array): void {
    after.forEach((value, i) => {
      const active = i % LANES > 7;
      assert.equal(value !== state[i], active, `unit ${Math.floor(i / LANES)}, lane ${i % LANES}`);
    });
  }

  test('GRU', () => {
    next = heapBase + 65536;
    const [gates, after, h] = [rows(3), rows(1), rows(1)];
    kernels.gru_state(gates.address, after.address, h.address, counts(), 7, units);
    checkLanes(after.values, h.values);
  });

  test('LSTM, state and cell', () => {
    next = heapBase + 65536;
    const [gates, cell, tanh, after, previous, h] = [rows(4), rows(1), rows(1), rows(1), rows(1), rows(1)];
    kernels.lstm_state(
      gates.address,
      cell.address,
      tanh.address,
      after.address,
      previous.address,
      h.address,
      counts(),
      7,
      units,
    );
    checkLanes(after.values, h.values);
    checkLanes(cell.values, previous.values);
  });
});
