import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ShownTensor } from '../../../src/protocol/webview.ts';
import { neighbour, pageOf, placeText } from '../../../webview/activations/table.ts';
import { figuresText, shapeText, valueText } from '../../../webview/activations/values.ts';

function tensor(channels: number, length: number, values: readonly number[] = []): ShownTensor {
  const all = Int16Array.from({ length: channels * length }, (_, i) => values[i] ?? 0);
  return { role: 'output', name: 'x', whole: true, channels, length, bits: 8, fraction: 5, values: all };
}

describe('the values of a tensor', () => {
  const small = tensor(2, 3, [-128, 0, 1, 127, 45, -1]);

  it('are told as stored and as what they stand for, exactly', () => {
    assert.equal(shapeText(small), '2 channels of 3 positions, int8 in Q2.5');
    assert.equal(figuresText(small), '-128 to 127 (-4 to 3.96875), 2 at the end of the range, 1 zeros');
    assert.equal(placeText(small, { channel: 1, position: 1 }), 'channel 1, position 1: 45 = 1.40625');
    assert.equal(valueText(small, -128, 'real'), '-4');
    assert.equal(valueText({ ...small, bits: 16, fraction: 15 }, 1, 'real'), '0.00003051758');
  });

  it('are walked by the keyboard within the tensor', () => {
    const at = { channel: 0, position: 2 };
    assert.equal(neighbour(small, at, 'ArrowRight'), undefined);
    assert.equal(neighbour(small, at, 'ArrowUp'), undefined);
    assert.deepEqual(neighbour(small, at, 'ArrowDown'), { channel: 1, position: 2 });
    assert.deepEqual(neighbour(small, at, 'Home'), { channel: 0, position: 0 });
    assert.equal(neighbour(small, at, 'a'), undefined);
  });

  it('are shown in parts that have the chosen value', () => {
    const big = tensor(100, 70);
    assert.deepEqual(pageOf(big, { channel: 99, position: 40 }), {
      rows: { from: 64, to: 100 },
      columns: { from: 32, to: 64 },
    });
    assert.deepEqual(pageOf(small, { channel: 0, position: 0 }).columns, { from: 0, to: 3 });
  });
});
