import assert from 'node:assert/strict';
import { it } from 'node:test';
import { RandomStream } from '../../../src/common/random.ts';
import { alignedSize, planMemory, type PlannedTensor } from '../../../src/quantization/planner.ts';

function check(tensors: PlannedTensor[]): number {
  const { offsets, bytes } = planMemory(tensors);
  let end = 0;
  tensors.forEach((a, i) => {
    assert.equal(offsets[i] % 4, 0);
    end = Math.max(end, offsets[i] + alignedSize(a.bytes));
    tensors.slice(0, i).forEach((b, j) => {
      const together = a.from <= b.to && b.from <= a.to;
      const overlap = offsets[i] < offsets[j] + b.bytes && offsets[j] < offsets[i] + a.bytes;
      assert.ok(!(together && overlap), `tensors ${j} and ${i} share bytes while both are needed`);
    });
  });
  assert.equal(bytes, end);
  return bytes;
}

it('a chain becomes ping-pong: its memory is that of the largest pair', () => {
  const sizes = [256, 1024, 1024, 1024, 512, 512, 256];
  const chain = sizes.map((bytes, i) => ({ bytes, from: Math.max(0, i - 1), to: i }));
  assert.equal(check(chain), 2048);
});

it('a tensor that is read again much later keeps its place', () => {
  assert.equal(
    check([
      { bytes: 100, from: 0, to: 4 },
      { bytes: 40, from: 0, to: 1 },
      { bytes: 40, from: 1, to: 2 },
      { bytes: 40, from: 2, to: 3 },
      { bytes: 40, from: 3, to: 4 },
    ]),
    180,
  );
});

it('random lifetimes never overlap, and no plan is larger than everything side by side', () => {
  const stream = new RandomStream(1, 'planner');
  for (let round = 0; round < 200; round++) {
    const tensors = Array.from({ length: 1 + stream.integer(20) }, () => {
      const from = stream.integer(10);
      return { bytes: 1 + stream.integer(300), from, to: from + stream.integer(4) };
    });
    const bytes = check(tensors);
    assert.ok(bytes <= tensors.reduce((sum, tensor) => sum + alignedSize(tensor.bytes), 0));
    const needed = Array.from({ length: 14 }, (_, step) =>
      tensors.filter((t) => t.from <= step && step <= t.to).reduce((sum, t) => sum + alignedSize(t.bytes), 0),
    );
    assert.ok(bytes >= Math.max(...needed));
  }
});
