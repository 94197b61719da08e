import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { durationText, TimeLeft } from '../../../src/common/time-left.ts';

function at(
  stage: string,
  done: number,
  total = 100,
): { stage: string; done: number; total: number; unit: string } {
  return { stage, done, total, unit: 'batches' };
}

describe('time left of a job', () => {
  it('comes from the rate since the stage began, epochs of one training being one stage', () => {
    const left = new TimeLeft();
    assert.equal(left.update(at('epoch 1 of 4', 10), 1000), undefined, 'one snapshot has no rate');
    assert.deepEqual(left.update(at('epoch 1 of 4', 20), 2000), { rate: 10, seconds: 8 });
    assert.deepEqual(left.update(at('epoch 2 of 4', 50), 3000), { rate: 20, seconds: 2.5 });
  });

  it('begins anew with another stage', () => {
    const left = new TimeLeft();
    left.update(at('reading records', 0), 0);
    left.update(at('reading records', 90), 1000);
    assert.ok(left.isNewStage(at('epoch 1 of 4', 0)));
    assert.equal(left.update(at('epoch 1 of 4', 0), 2000), undefined);
    assert.ok(!left.isNewStage(at('epoch 3 of 4', 0)));
    assert.deepEqual(left.update(at('epoch 1 of 4', 5), 3000), { rate: 5, seconds: 19 });
  });

  it('is not told where the total is not known, where nothing moves, and at first', () => {
    const left = new TimeLeft();
    left.update(at('compiling', 0, 0), 0);
    assert.deepEqual(left.update(at('compiling', 4, 0), 2000), { rate: 2, seconds: undefined });
    const still = new TimeLeft();
    still.update(at('linking', 3), 0);
    assert.equal(still.update(at('linking', 3), 9000), undefined);
    const young = new TimeLeft();
    young.update(at('linking', 3), 0);
    assert.equal(young.update(at('linking', 4), 400), undefined);
  });

  it('reads as seconds, minutes and hours', () => {
    assert.deepEqual([0.4, 42, 59.6, 185, 3599.4, 7859].map(durationText), [
      ...['0 s', '42 s', '1 min 00 s', '3 min 05 s', '59 min 59 s', '2 h 10 min'],
    ]);
  });
});
