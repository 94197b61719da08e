import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { philox, RandomStream } from '../../../src/common/random.ts';

describe('random numbers', () => {
  // Known answers that come with Random123 (kat_vectors, philox4x32 10 rounds).
  it('are those of Philox4x32-10', () => {
    assert.deepEqual([...philox([0, 0, 0, 0], [0, 0])], [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]);
    const ones = 0xffffffff;
    assert.deepEqual(
      [...philox([ones, ones, ones, ones], [ones, ones])],
      [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
    );
    assert.deepEqual(
      [...philox([0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0])],
      [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
    );
  });

  it('depend on every part of their key, and on nothing else', () => {
    const first = (seed: number, purpose: string, a: number | string, b: number): number =>
      new RandomStream(seed, purpose, a, b).word();
    const words = [
      first(1, 'x', 0, 0),
      first(2, 'x', 0, 0),
      first(1, 'y', 0, 0),
      first(1, 'x', 1, 0),
      first(1, 'x', 0, 1),
    ];
    assert.equal(new Set(words).size, words.length);
    assert.equal(first(1, 'x', 'A1', 0), first(1, 'x', 'A1', 0));
  });

  it('are uniform and normal as they say', () => {
    const random = new RandomStream(3, 'test');
    let sum = 0;
    let squares = 0;
    let normals = 0;
    const n = 20_000;
    for (let i = 0; i < n; i++) {
      const u = random.uniform();
      assert.ok(u >= 0 && u < 1);
      sum += u;
      const z = random.normal();
      normals += z;
      squares += z * z;
    }
    assert.ok(Math.abs(sum / n - 0.5) < 0.01);
    assert.ok(Math.abs(normals / n) < 0.03);
    assert.ok(Math.abs(squares / n - 1) < 0.05);
  });
});
