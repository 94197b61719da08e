import assert from 'node:assert/strict';
import { describe, it, mock } from 'node:test';
import { CancelledError, MissingToolError, UserError } from '../../../src/common/errors.ts';
import { failureOf } from '../../../src/compute/failure.ts';
import { ProgressReporter } from '../../../src/compute/reporter.ts';
import { LockedChipError } from '../../../src/firmware/flash.ts';

function snapshot(done: number): { stage: string; done: number; total: number; unit: string } {
  return { stage: 'epoch 1 of 2', done, total: 100, unit: 'batches' };
}

describe('progress of a job', () => {
  it('leaves its thread at most once in a tenth of a second, and the last of a burst follows', () => {
    mock.timers.enable({ apis: ['setTimeout'] });
    const sent: number[] = [];
    const reporter = new ProgressReporter((progress) => sent.push(progress.done));
    // A burst within one moment: only the first goes at once.
    for (let i = 1; i <= 50; i++) reporter.report(snapshot(i));
    assert.deepEqual(sent, [1]);
    mock.timers.tick(100);
    assert.deepEqual(sent, [1, 50]);
    mock.timers.tick(1000);
    assert.deepEqual(sent, [1, 50], 'nothing is sent twice');
    mock.timers.reset();
  });

  it('leaves its thread at most ten times a second, however often the job reports', () => {
    mock.timers.enable({ apis: ['setTimeout'] });
    let now = 0;
    const clock = mock.method(performance, 'now', () => now);
    const sent: { at: number; done: number }[] = [];
    const reporter = new ProgressReporter((progress) => sent.push({ at: now, done: progress.done }));
    const reports = 1000;
    for (let i = 1; i <= reports; i++) {
      now += 3;
      mock.timers.tick(3);
      reporter.report(snapshot(i));
    }
    for (const [i, { at }] of sent.entries()) {
      if (i > 0) assert.ok(at - sent[i - 1].at >= 100, `${at} ms after ${sent[i - 1].at} ms`);
    }
    assert.ok(sent.length > 20, `${sent.length} in 3 s: the user sees it move`);
    now += 200;
    mock.timers.tick(200);
    assert.equal(sent.at(-1)?.done, reports);
    clock.mock.restore();
    mock.timers.reset();
  });

  it('is silent once the job has ended', () => {
    mock.timers.enable({ apis: ['setTimeout'] });
    const sent: number[] = [];
    const reporter = new ProgressReporter((progress) => sent.push(progress.done));
    reporter.report(snapshot(1));
    reporter.report(snapshot(2));
    reporter.close();
    mock.timers.tick(1000);
    assert.deepEqual(sent, [1]);
    mock.timers.reset();
  });
});

describe('a failure across the process border', () => {
  it('keeps what the user needs: kind, place, advice, tool', () => {
    const place = { file: 'a.yaml', line: 3 };
    assert.deepEqual(failureOf(new UserError('bad', place, 'mend it')), {
      kind: 'user',
      message: 'bad',
      advice: 'mend it',
      place,
    });
    const missing = failureOf(new MissingToolError('cmake', 'install it'));
    assert.deepEqual([missing.kind, missing.tool], ['missing-tool', 'cmake']);
    assert.equal(failureOf(new CancelledError('stopped')).kind, 'cancelled');
    assert.equal(failureOf(new LockedChipError('ST-Link')).kind, 'locked-chip');
  });

  it('keeps the stack of a defect', () => {
    const failure = failureOf(new TypeError('x is not a function'));
    assert.equal(failure.kind, 'defect');
    assert.match(failure.stack ?? '', /reporter\.test/);
    assert.equal(failureOf('thrown text').message, 'thrown text');
  });
});
